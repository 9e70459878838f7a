"""What suspending somebody, or taking their role away, would end: asked before it is done."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.service_dates import date_at
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage


class ConsequencesView(BaseModel):
    """What stands open with somebody."""

    model_config = ConfigDict(frozen=True)

    introductions: int = Field(ge=0, description="Introductions that wait for answers.")
    meetings: int = Field(ge=0, description="Meetings that are to come.")
    consultations: int = Field(ge=0, description="Booked consultations that are to come, as a member or a consultant.")
    memberships: int = Field(ge=0, description="Memberships that have not ended.")
    assigned: int = Field(ge=0, description="Members whose consultant in charge they are.")


@dataclass(frozen=True, slots=True)
class Consequences:
    """Counts what stands open with somebody, for who decides about them."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def of(self, actor: Actor, id: UserId) -> ConsequencesView:
        """The counts as they are now."""
        actor.require(Permission.REVIEW_MEMBERS)
        actor.require_own(id)
        now = self.clock.now()
        today = date_at(now, self.zone)
        async with self.storage.read() as reading:
            introductions = await reading.introductions.of_user(id)
            meetings = await reading.meetings.of_user(id)
            memberships = await reading.memberships.of_user(id)
            return ConsequencesView(
                introductions=sum(each.state is IntroductionState.WAITING for each in introductions),
                meetings=sum(each.ended(at=now) is not each for each in meetings),
                consultations=len(await reading.consultations.booked_of(id, now)),
                memberships=sum(each.is_open(today) and not each.has_ended(today) for each in memberships),
                assigned=len(await reading.directory.assigned(id)),
            )
