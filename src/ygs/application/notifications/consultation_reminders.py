"""What a member and their consultant hear the day before a consultation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ygs.domain.consultations import Consultation
from ygs.domain.events import EventType, consultation_event
from ygs.domain.ids import ConsultationId
from ygs.domain.reminders import is_quiet
from ygs.domain.service_dates import date_at, start_of
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

DAY = timedelta(days=1)
PAGE = 100


@dataclass(frozen=True, slots=True)
class ConsultationReminders:
    """Reminds both sides of tomorrow's consultations, each once, and never at night."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def remind(self) -> None:
        """Remind of tomorrow's consultations, but not of one that was booked or moved today."""
        now = self.clock.now()
        if is_quiet(now, self.zone):
            return
        after: ConsultationId | None = None
        while page := await self._remind_page(now, after):
            after = page[-1].id

    async def _remind_page(self, now: datetime, after: ConsultationId | None) -> Sequence[Consultation]:
        today = date_at(now, self.zone)
        since, until = (start_of(today + days * DAY, self.zone) for days in (1, 2))
        async with self.storage.write() as tx:
            # Locked until the events are stored: whoever cancels meanwhile does so before or after.
            page = await tx.consultations.booked_between(since, until, after=after, limit=PAGE)
            await tx.outbox.add(
                consultation_event(EventType.CONSULTATION_REMINDER, each, side, now, once_for=f"{each.starts_at}")
                for each in page
                if date_at(each.changed_at, self.zone) < today
                for side in sorted((each.member, each.consultant))
            )
        return page
