"""Broad wishes: wishes for values of a set, such as interests, that nearly everybody meets.

One value in common meets such a wish. Where it is met by nearly everybody, it tells nobody apart and takes weight from
the wishes that do.
"""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import pick
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance
from ygs.domain.users import User
from ygs.ports.repositories.users import WishMet
from ygs.ports.storage import Reading

# A wish that more of them meet is broad, percent.
BROAD = 85
# Of fewer the share says little, and something of single people.
LEAST_TOLD = 20


class BroadWishView(BaseModel):
    """A wish that nearly everybody meets whom the member could be introduced to."""

    model_config = ConfigDict(frozen=True)

    attribute: str = Field(description="What the wish is about, such as `interests`.")
    ko: str = Field(description="What that means and what to do, in Korean.")
    en: str = Field(description="What that means and what to do, in English.")

    @classmethod
    def of(cls, attribute: str) -> Self:
        """Build the view of a wish."""
        return cls(attribute=attribute, ko=_sentence(attribute, Language.KO), en=_sentence(attribute, Language.EN))


async def broad_wishes(reading: Reading, user: User) -> Sequence[BroadWishView]:
    """Return the broad wishes of a user, in the order of the vocabulary; takes one statement."""
    met = await reading.users.set_wishes_met(user)
    return [
        BroadWishView.of(code)
        for code in VOCABULARY
        if code in met and user.wishes[code].importance is not Importance.IGNORE and _is_broad(met[code])
    ]


def _is_broad(wish: WishMet) -> bool:
    return wish.told >= LEAST_TOLD and 100 * wish.met > BROAD * wish.told


def _sentence(attribute: str, language: Language) -> str:
    known = VOCABULARY[attribute]
    return pick(
        language,
        ko=f"{known.ko} 조건은 소개받을 수 있는 사람의 {BROAD}% 넘게 맞아서 상대를 가려내지 못합니다. "
        "꼭 바라는 것만 남기거나, 여러 가지가 겹치기를 바란다고 하거나, 중요도를 낮추세요.",
        en=f"{known.en}: more than {BROAD} % of those you could be introduced to meet this wish, so it tells nobody "
        "apart. Keep only what matters most, wish for several in common, or let it matter less.",
    )
