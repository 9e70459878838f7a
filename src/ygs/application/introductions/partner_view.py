"""The people a member is introduced to, as far as they are revealed: photos and first facts from publication on, the
whole name and the phone once both accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.fact_types import PartnerFacts
from ygs.application.facts import values
from ygs.application.files.photos import Photos, ShownPhoto
from ygs.application.person_views import masked_name
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import User
from ygs.ports.storage import Storage

# In these states the two may see each other.
_REVEALED = {IntroductionState.WAITING, IntroductionState.MUTUAL}


class PartnerView(BaseModel):
    """Somebody a member is introduced to, as far as they are revealed: who they are from publication on, the whole name
    and the phone once both accepted. Sensitive facts never, and photos only that staff let others see."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str
    birth_year: int
    facts: PartnerFacts
    introduction: str
    phone: str | None
    photos: Sequence[ShownPhoto]

    @classmethod
    def of(cls, user: User, photos: Sequence[ShownPhoto], *, mutual: bool) -> Self:
        """What may be seen of `user` before or after both accepted."""
        facts = {**user.profile.facts, **user.lifestyle.facts}
        return cls(
            id=user.id,
            name=user.name if mutual else masked_name(user.name),
            birth_year=user.birth_year,
            facts=values({code: value for code, value in facts.items() if not VOCABULARY[code].sensitive}),
            introduction=user.profile.introduction,
            phone=user.phone if mutual else None,
            photos=photos,
        )


@dataclass(frozen=True, slots=True)
class Partners:
    """What members see of each other."""

    storage: Storage
    photos: Photos

    async def get(self, actor: Actor, id: UserId) -> PartnerView:
        """Return somebody the actor is introduced to, while it waits and after both accepted.

        `NotFound` for everybody else, and once a block keeps the two apart or the other has left: nobody learns who is
        a member, nor which of these it was. Read from the primary: a block counts from the moment it is set.
        """
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        async with self.storage.read(latest=True) as reading:
            with_them = [each for each in await reading.introductions.of_user(me) if id in (each.a, each.b)]
            states = {each.state for each in with_them if each.other(me) == id}
            if not states & _REVEALED or await reading.blocks.between([me, id]):
                raise NotFound("user")
            user = await reading.users.get(id)
            album = await reading.files.album(id)
        return PartnerView.of(user, await self.photos.shown(album), mutual=IntroductionState.MUTUAL in states)
