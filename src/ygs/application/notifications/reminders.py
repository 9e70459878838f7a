"""Reminders of introductions that a member has not answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ygs.application.notifications.dispatch import add_deliveries, add_notices
from ygs.domain.deliveries import EventDelivery
from ygs.domain.events import reminder
from ygs.domain.ids import IntroductionId, JobId, UserId, WeekId
from ygs.domain.introductions import Introduction
from ygs.domain.jobs import Job, JobKind
from ygs.domain.match_weeks import WeekOutline, WeekState
from ygs.domain.reminders import is_quiet, is_unanswered, may_remind, reminder_number
from ygs.domain.service_dates import date_at
from ygs.ports.channels import DeliveryChannels
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Reading, Storage, Writing

# Introductions that are locked together: a member who answers one waits for no longer than this takes.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Reminders:
    """Reminds members. It neither returns nor logs how many: that would tell how many have answered."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    channels: DeliveryChannels

    async def jobs_due(self) -> Sequence[Job]:
        """The jobs of the published weeks whose members are to be reminded now, each once a day."""
        now = self.clock.now()
        if is_quiet(now, self.zone):
            return []
        async with self.storage.read(latest=True) as reading:
            open_weeks = [each for each in await reading.weeks.outlines() if each.state is WeekState.PUBLISHED]
        return [self._job(week, number, now) for week in open_weeks if (number := _number(week, now))]

    def _job(self, week: WeekOutline, number: int, now: datetime) -> Job:
        return Job.new(
            JobId(self.ids.make("job")),
            JobKind.REMIND,
            at=now,
            arguments={"week": week.id, "number": number},
            unique_key=f"{JobKind.REMIND}:{week.id}:{number}:{date_at(now, self.zone)}",
        )

    async def remind(self, week: WeekId, number: int) -> None:
        """Send the first or second reminder to the members who have not answered in that week."""
        after: IntroductionId | None = None
        while page := await self._remind_page(week, after, number):
            after = page[-1].id

    async def _remind_page(self, week: WeekId, after: IntroductionId | None, number: int) -> Sequence[Introduction]:
        now = self.clock.now()
        async with self.storage.write() as tx:
            # Locked until the notices are stored: whoever answers meanwhile does so before or after.
            page = await tx.introductions.of_week(week, after=after, limit=PAGE)
            sides = [(each, side) for each in page for side in (each.a, each.b) if self._due(each, side, now)]
            notified = [(side, reminder(each, side, number, now)) for each, side in sides]
            await add_notices(tx, self.ids, notified)
            await add_deliveries(tx, self.ids, self.channels, notified, at=now)
        return page

    def _due(self, introduction: Introduction, user_id: UserId, now: datetime) -> bool:
        return may_remind(introduction, user_id, now, self.zone)


def _number(week: WeekOutline, now: datetime) -> int | None:
    return reminder_number(week.published_at, week.deadline, now) if week.published_at else None


async def unanswered(
    reading: Reading | Writing, reminders: Sequence[EventDelivery], at: datetime
) -> Sequence[EventDelivery]:
    """Those of these deliveries of reminders whose recipient still has to answer."""
    ids = {each.event.introduction_id for each in reminders if each.event.introduction_id}
    found = {each.id: each for each in await reading.introductions.by_ids(ids)}
    return [each for each in reminders if _waits(each, found, at)]


def _waits(delivery: EventDelivery, found: Mapping[IntroductionId, Introduction], at: datetime) -> bool:
    introduction = found.get(delivery.event.introduction_id) if delivery.event.introduction_id else None
    user_id = delivery.event.user_id
    return introduction is not None and user_id is not None and is_unanswered(introduction, user_id, at)
