"""Working hours, closed days and feeds in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.consultations import CalendarFeed
from ygs.domain.consulting_hours import ClosedDay, WorkingHours
from ygs.domain.errors import N_, Conflict, StaleWrite
from ygs.domain.ids import UserId
from ygs.domain.text import storable_text


class MemoryConsultingHoursReader:
    """Working hours, closed days and feeds."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def working_hours(self, consultant: UserId) -> WorkingHours:
        return (await self._tx.step()).working_hours.get(consultant) or WorkingHours(consultant=consultant)

    async def closed_days(self, since: date, until: date) -> Sequence[ClosedDay]:
        tables = await self._tx.step()
        found = (each for each in tables.closed_days.values() if since <= each.day <= until)
        return sorted(found, key=lambda each: each.day)

    async def feed_of(self, consultant: UserId) -> CalendarFeed | None:
        return (await self._tx.step()).calendar_feeds.get(consultant)

    async def find_feed(self, digest: str) -> CalendarFeed | None:
        feeds = (await self._tx.step()).calendar_feeds.values()
        return next((each for each in feeds if each.digest == digest), None)


class MemoryConsultingHoursRepository(MemoryConsultingHoursReader):
    """Working hours, closed days and feeds, to be changed."""

    async def keep_working_hours(self, hours: WorkingHours) -> WorkingHours:
        tables = await self._tx.step()
        stored = tables.working_hours.get(hours.consultant)
        if (stored.version if stored else 0) != hours.version:
            raise StaleWrite(N_("somebody changed this meanwhile: read it again and repeat the edit"))
        _require_known(tables, hours.consultant)
        kept = replace(hours, version=hours.version + 1)
        tables.working_hours.put({hours.consultant: kept})
        return kept

    async def close_days(self, days: Sequence[ClosedDay]) -> None:
        tables = await self._tx.step()
        for each in days:
            storable_text("name", each.name)
        tables.closed_days.put({each.day: each for each in days})

    async def open_day(self, day: date) -> bool:
        tables = await self._tx.step()
        there = day in tables.closed_days
        tables.closed_days.drop([day])
        return there

    async def keep_feed(self, feed: CalendarFeed) -> None:
        tables = await self._tx.step()
        _require_known(tables, feed.consultant)
        tables.calendar_feeds.put({feed.consultant: feed})

    async def remove_feed(self, consultant: UserId) -> bool:
        tables = await self._tx.step()
        there = consultant in tables.calendar_feeds
        tables.calendar_feeds.drop([consultant])
        return there


def _require_known(tables: SnapshotTables, user: UserId) -> None:
    if user not in tables.users and user not in tables.gone:
        raise Conflict(N_("the stored data forbids this: read it again and repeat the edit"))
