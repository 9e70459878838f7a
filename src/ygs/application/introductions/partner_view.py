"""A partner's profile as a member may see it: facts and photos from publication on, the whole name once both accepted,
and the phone from then on or shortly before they meet, as the operator sets."""

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
from ygs.domain.meetings import ContactRule
from ygs.domain.users import User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# In these states the two may see each other's profile.
REVEALED = {IntroductionState.WAITING, IntroductionState.MUTUAL}


class PartnerView(BaseModel):
    """A partner's profile. The name is masked until both accepted; the phone is null until then, or until shortly
    before they meet if the service is set so. Sensitive facts are never in it, and photos only once staff approved
    them."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str
    birth_year: int
    facts: PartnerFacts
    introduction: str
    phone: str | None
    photos: Sequence[ShownPhoto]

    @classmethod
    def of(cls, user: User, photos: Sequence[ShownPhoto], *, mutual: bool, contact: bool) -> Self:
        """Build the view of `user`; `mutual`: whether both accepted; `contact`: whether contact is open."""
        facts = {**user.profile.facts, **user.lifestyle.facts}
        return cls(
            id=user.id,
            name=user.name if mutual else masked_name(user.name),
            birth_year=user.birth_year,
            facts=values({code: value for code, value in facts.items() if not VOCABULARY[code].sensitive}),
            introduction=user.profile.introduction,
            phone=user.phone if contact else None,
            photos=photos,
        )


@dataclass(frozen=True, slots=True)
class Partners:
    """The profiles of a member's partners."""

    storage: Storage
    photos: Photos
    clock: Clock
    rule: ContactRule

    async def get(self, actor: Actor, id: UserId) -> PartnerView:
        """Return the profile of the actor's partner in an introduction that waits or is mutual.

        The same `NotFound` for an unknown id, any other member, a partner who left, and a block between the two, so
        that it does not reveal which it is. Read from the primary database, because a block applies at once.
        """
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        async with self.storage.read(latest=True) as reading:
            mine = await reading.introductions.of_user(me)
            # Two people are introduced at most once.
            introduction = next((each for each in mine if each.other(me) == id), None)
            if introduction is None or introduction.state not in REVEALED or await reading.blocks.between([me, id]):
                raise NotFound("user")
            user = await reading.users.get(id)
            album = await reading.files.album(id)
            meeting = await reading.meetings.find(introduction.id) if self.rule.hours_before is not None else None
        mutual = introduction.state is IntroductionState.MUTUAL
        contact = self.rule.is_open(introduction, meeting, self.clock.now())
        return PartnerView.of(user, await self.photos.shown(album), mutual=mutual, contact=contact)
