"""Which of their data staff were shown, as a member may read it.

A member sees the day, the role and the kind of reading. They see no number of an entry and no time of day: both would
tell how much was done in between, such as whether somebody has answered them. Readings that would show a report, a note
or a plan are not among them.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.domain.ids import UserId
from ygs.domain.service_dates import date_at
from ygs.domain.users import Role
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.audit import AuditFilter
from ygs.ports.storage import Reading, Storage

DAYS = timedelta(days=90)
# What staff do with the data of every member; nothing of it tells what another member did.
SHOWN_ACTIONS = (
    "consultation.read",
    "consultations.downloaded",
    "consultations.exported",
    "consultations.listed",
    "document.read",
    "documents.listed",
    "draft.asked",
    "forecast.read",
    "introduction.previewed",
    "introductions.downloaded",
    "introductions.exported",
    "member.read",
    "members.downloaded",
    "members.exported",
    "members.read",
    "membership.read",
    "memberships.downloaded",
    "memberships.exported",
    "memberships.listed",
    "photo.read",
    "queue.read",
    "refund.previewed",
    "refunds.read",
    "timeline.read",
)


class AccessView(BaseModel):
    """How often staff of one role were shown some of a member's data on one day."""

    model_config = ConfigDict(frozen=True)

    day: date = Field(description="The day, in the service's time zone.")
    role: Role = Field(description="Whether consultants or administrators; `admin` for the operator too.")
    action: str = Field(description="What they were shown, as a code such as `member.read`; `audit_action` names it.")
    count: int = Field(ge=1, description="How often.")


@dataclass(frozen=True, slots=True)
class OwnAccesses:
    """What members read of the audit log: who was shown their data."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def list(self, actor: Actor, *, until: date | None = None) -> list[AccessView]:
        """The readings of the actor's data in the ninety days that end with `until`, the latest day first."""
        actor.require(Permission.OWN_ACCOUNT)
        me = actor.require_id()
        last = until or date_at(self.clock.now(), self.zone)
        end = datetime.combine(last + timedelta(days=1), time(), self.zone)
        async with self.storage.read() as reading:
            return await accesses_of(reading, me, self.zone, since=end - DAYS, until=end)


async def accesses_of(
    reading: Reading, me: UserId, zone: ZoneInfo, *, since: datetime | None = None, until: datetime | None = None
) -> list[AccessView]:
    """The readings of a member's data in a time, the latest day first; all that are still in the log for None."""
    wanted = AuditFilter(about=me, actions=SHOWN_ACTIONS, since=since, until=until)
    counts = Counter[tuple[date, str, str]]()
    before: int | None = None
    while page := await reading.audit.search(wanted, before=before, limit=MOST_PAGE):
        entries = (each.entry for each in page if each.entry.actor != me and each.entry.action in SHOWN_ACTIONS)
        counts.update((date_at(each.at, zone), each.role, each.action) for each in entries)
        before = page[-1].number
    ordered = sorted(counts, key=lambda each: (-each[0].toordinal(), *each[1:]))
    return [AccessView(day=each[0], role=Role(each[1]), action=each[2], count=counts[each]) for each in ordered]
