"""Working hours, closed days and feeds: rows to entities and back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

from sqlalchemy import delete, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.consultations import calendar_feeds, closed_days, working_hours
from ygs.domain.consultations import CalendarFeed
from ygs.domain.consulting_hours import ClosedDay, Hours, WorkingHours
from ygs.domain.errors import StaleWrite
from ygs.domain.ids import UserId
from ygs.domain.week_schedule import Weekday

_Stored = dict[str, list[list[str]]]


def _days_row(hours: WorkingHours) -> _Stored:
    return {
        day.value: [[each.start.isoformat(), each.end.isoformat()] for each in those]
        for day, those in hours.days.items()
    }


def _to_hours(row: Found) -> WorkingHours:
    days = {
        Weekday(day): tuple(Hours(time.fromisoformat(start), time.fromisoformat(end)) for start, end in those)
        for day, those in dict(row.days).items()
    }
    return WorkingHours(consultant=UserId(row.consultant), days=days, version=row.version)


def _to_feed(row: Found) -> CalendarFeed:
    return CalendarFeed(consultant=UserId(row.consultant), digest=row.digest, created_at=row.created_at)


class SqlConsultingHoursReader:
    """Working hours, closed days and feeds."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def working_hours(self, consultant: UserId) -> WorkingHours:
        row = await self.tx.row(select(working_hours).where(working_hours.c.consultant == consultant))
        return WorkingHours(consultant=consultant) if row is None else _to_hours(row)

    async def closed_days(self, since: date, until: date) -> Sequence[ClosedDay]:
        query = select(closed_days).where(closed_days.c.day.between(since, until)).order_by(closed_days.c.day)
        return [ClosedDay(row.day, row.name) for row in await self.tx.rows(query)]

    async def feed_of(self, consultant: UserId) -> CalendarFeed | None:
        row = await self.tx.row(select(calendar_feeds).where(calendar_feeds.c.consultant == consultant))
        return None if row is None else _to_feed(row)

    async def find_feed(self, digest: str) -> CalendarFeed | None:
        row = await self.tx.row(select(calendar_feeds).where(calendar_feeds.c.digest == digest))
        return None if row is None else _to_feed(row)


class SqlConsultingHoursRepository(SqlConsultingHoursReader):
    """Working hours, closed days and feeds, to be changed."""

    async def keep_working_hours(self, hours: WorkingHours) -> WorkingHours:
        kept = replace(hours, version=hours.version + 1)
        row = {"consultant": hours.consultant, "days": _days_row(hours), "version": kept.version}
        if not hours.version:
            async with self.tx.savepoint():
                await insert_all(self.tx, working_hours, [row])
            return kept
        theirs = (working_hours.c.consultant == hours.consultant) & (working_hours.c.version == hours.version)
        if not await self.tx.run(update(working_hours).where(theirs).values(row)):
            raise StaleWrite(STALE)
        return kept

    async def close_days(self, days: Sequence[ClosedDay]) -> None:
        await self.tx.run(delete(closed_days).where(closed_days.c.day.in_([each.day for each in days])))
        await insert_all(self.tx, closed_days, [{"day": each.day, "name": each.name} for each in days])

    async def open_day(self, day: date) -> bool:
        return bool(await self.tx.run(delete(closed_days).where(closed_days.c.day == day)))

    async def keep_feed(self, feed: CalendarFeed) -> None:
        row = {"consultant": feed.consultant, "digest": feed.digest, "created_at": feed.created_at}
        async with self.tx.savepoint():
            await self.remove_feed(feed.consultant)
            await insert_all(self.tx, calendar_feeds, [row])

    async def remove_feed(self, consultant: UserId) -> bool:
        return bool(await self.tx.run(delete(calendar_feeds).where(calendar_feeds.c.consultant == consultant)))
