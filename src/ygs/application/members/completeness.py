"""What is still unknown of oneself, and what telling it would open.

Figures say nothing of anybody: they are rounded down to fives, and one to four people are "a few". Whoever looks every
day cannot tell from them that one certain person, met yesterday, has changed a wish today.
"""

from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.members.profile import Completeness
from ygs.domain.matching.attribute import Attribute, Group, Language
from ygs.domain.matching.phrases import Word, pick
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Purpose, User
from ygs.ports.repositories.users import WishCounts
from ygs.ports.storage import Storage

ROUNDED_TO = 5

_NO_FACTS = {
    f"consent_{Purpose.TERMS}": ("이용약관 동의", "Consent to the terms"),
    f"consent_{Purpose.PRIVACY}": ("개인정보 처리 동의", "Consent to the processing of personal data"),
    "wishes": ("바라는 조건", "What you wish for"),
    "phone": ("인증한 휴대폰 번호", "A phone, proven by a code"),
}


class MissingView(BaseModel):
    """Something without which the profile cannot be sent in."""

    model_config = ConfigDict(frozen=True)

    code: str
    ko: str
    en: str

    @classmethod
    def of(cls, code: str) -> Self:
        """One of `User.missing`."""
        ko, en = _NO_FACTS[code] if code in _NO_FACTS else (VOCABULARY[code].ko, VOCABULARY[code].en)
        return cls(code=code, ko=ko, en=en)


class UnknownView(BaseModel):
    """A fact I have not told. `people` who could be introduced to me choose by it, and for `must` of them it is a must:
    rounded down to fives, null for one to four. `needs_consent`: it is sensitive, and I have not agreed to telling such
    things."""

    model_config = ConfigDict(frozen=True)

    attribute: str
    group: Group
    needs_consent: bool
    people: int | None
    must: int | None
    ko: str
    en: str

    @classmethod
    def of(cls, known: Attribute, wish_counts: WishCounts, *, consents: bool) -> Self:
        """The view of one attribute."""
        people = rounded(wish_counts.people)
        must = rounded(wish_counts.must)
        return cls(
            attribute=known.code,
            group=known.group,
            needs_consent=known.sensitive and not consents,
            people=people,
            must=must,
            ko=_sentence(known, people, must, Language.KO),
            en=_sentence(known, people, must, Language.EN),
        )

    @property
    def rank(self) -> tuple[int, int]:
        """By as much as is told, so that the order tells no more."""
        return _place(self.people), _place(self.must)


class CompletenessView(BaseModel):
    """How much of everything is known of me, 0..100; what is missing before I may send my profile in; and what else is
    unknown, that by which most people choose first."""

    model_config = ConfigDict(frozen=True)

    percent: int
    missing: list[MissingView]
    unknown: list[UnknownView]

    @classmethod
    def of(cls, user: User, wish_counts: dict[str, WishCounts]) -> Self:
        """Of one user."""
        told = Completeness.of(user)
        consents = user.consents_to(Purpose.SENSITIVE)
        nobody = WishCounts(0, 0)
        unknown = [
            UnknownView.of(known, wish_counts.get(code, nobody), consents=consents)
            for code, known in VOCABULARY.items()
            if code not in user.facts
        ]
        return cls(
            percent=told.percent,
            missing=[MissingView.of(code) for code in told.missing],
            unknown=sorted(unknown, key=lambda each: each.rank, reverse=True),
        )


@dataclass(frozen=True, slots=True)
class ProfileCompleteness:
    """What would be worth telling next."""

    storage: Storage

    async def get(self, actor: Actor) -> CompletenessView:
        """How complete the actor's data is, and what each unknown fact would open."""
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.read() as reading:
            user = await reading.users.get(actor.require_id())
            return CompletenessView.of(user, dict(await reading.users.wish_counts(user)))


def rounded(count: int) -> int | None:
    """A count as it may be told: down to fives, None for a few."""
    return None if 0 < count < ROUNDED_TO else count - count % ROUNDED_TO


def _place(told: int | None) -> int:
    return 1 if told is None else told


def _sentence(known: Attribute, people: int | None, must: int | None, language: Language) -> str:
    if people == 0:
        return pick(
            language,
            ko=f"{Word(known.ko):을} 보고 고르는 사람은 아직 없습니다.",
            en=f"{known.en}: nobody you could be introduced to chooses by it yet.",
        )
    also = "" if must == 0 else f", 그중 {_how_many(must, Language.KO)}에게는 꼭 필요한 조건"
    besides = "" if must == 0 else f"; for {_how_many(must, Language.EN)} of them it is a must"
    return pick(
        language,
        ko=f"소개받을 수 있는 사람 중 {Word(known.ko):을} 보고 고르는 사람: {_how_many(people, Language.KO)}{also}.",
        en=f"{known.en}: {_how_many(people, Language.EN)} of those you could be introduced to choose by it{besides}.",
    )


def _how_many(told: int | None, language: Language) -> str:
    if told is None:
        return pick(language, ko="몇 명", en="a few")
    return pick(language, ko=f"{told:,}명 이상", en=f"{told:,} or more")
