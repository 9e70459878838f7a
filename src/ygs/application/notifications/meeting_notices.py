"""What both sides of a fixed meeting hear by the clock: a reminder the day before, and a question the day after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ygs.domain.events import Event, EventType, meeting_event
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.meetings import Meeting
from ygs.domain.reminders import is_quiet
from ygs.domain.service_dates import date_at, start_of
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing

# In the service's time zone.
NOTIFIED_AT = time(10, 0)
# Days after a meeting on which the question goes, if no worker ran on the first.
FOLLOWED_FOR = 3
DAY = timedelta(days=1)
PAGE = 100


@dataclass(frozen=True, slots=True)
class MeetingNotices:
    """Reminds both sides of a meeting and asks them how it went. Both are notified alike, whatever they told us."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def notify(self) -> None:
        """Remind of tomorrow's meetings, and ask about those of the last days; each once, and never at night."""
        now = self.clock.now()
        if is_quiet(now, self.zone):
            return
        today = date_at(now, self.zone)
        begin = start_of(today, self.zone)
        tomorrow = start_of(today + DAY, self.zone)
        await self._notify(EventType.MEETING_FOLLOW_UP, start_of(today - FOLLOWED_FOR * DAY, self.zone), begin)
        await self._notify(EventType.MEETING_REMINDER, tomorrow, start_of(today + 2 * DAY, self.zone))

    async def _notify(self, type: EventType, since: datetime, until: datetime) -> None:
        after: IntroductionId | None = None
        while page := await self._notify_page(type, since, until, after):
            after = page[-1].id

    async def _notify_page(
        self, type: EventType, since: datetime, until: datetime, after: IntroductionId | None
    ) -> Sequence[Meeting]:
        now = self.clock.now()
        async with self.storage.write() as tx:
            # Locked until the events are stored: whoever cancels meanwhile does so before or after.
            page = await tx.meetings.fixed_between(since, until, after=after, limit=PAGE)
            together = await _together(tx, page)
            await tx.outbox.add(
                _event(type, each, side, now)
                for each in together
                if type is EventType.MEETING_FOLLOW_UP or not self._fixed_today(each, now)
                for side in (each.a, each.b)
            )
        return page

    def _fixed_today(self, meeting: Meeting, at: datetime) -> bool:
        """Whether both heard only today that it is fixed."""
        return meeting.fixed_at is not None and date_at(meeting.fixed_at, self.zone) == date_at(at, self.zone)


def _event(type: EventType, meeting: Meeting, side: UserId, at: datetime) -> Event:
    return meeting_event(type, meeting, side, at, once_for=f"{meeting.proposal and meeting.proposal.starts_at}")


async def _together(tx: Writing, meetings: Sequence[Meeting]) -> Sequence[Meeting]:
    """The meetings of people who do not block each other: a block by contact may apply only since one took it."""
    blocked = await tx.blocks.between([person for each in meetings for person in (each.a, each.b)])
    return [each for each in meetings if (each.a, each.b) not in blocked]
