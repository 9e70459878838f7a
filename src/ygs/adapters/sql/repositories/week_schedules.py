"""The club's schedule for match weeks."""

from dataclasses import replace

from sqlalchemy import select

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.rounds import week_schedules
from ygs.domain.errors import N_, StaleWrite
from ygs.domain.week_schedule import Weekday, WeekSchedule

_LATEST = select(week_schedules).order_by(week_schedules.c.version.desc()).limit(1)


def _to_schedule(row: Found) -> WeekSchedule:
    return WeekSchedule(
        enabled=row.enabled,
        weekday=Weekday(row.weekday),
        hour=row.hour,
        deadline_weekday=Weekday(row.deadline_weekday),
        deadline_hour=row.deadline_hour,
        since=row.since,
        version=row.version,
    )


class SqlWeekScheduleReader:
    """The club's schedule for match weeks."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def current(self) -> WeekSchedule:
        row = await self.tx.row(_LATEST)
        return WeekSchedule() if row is None else _to_schedule(row)


class SqlWeekScheduleRepository(SqlWeekScheduleReader):
    """The club's schedules for match weeks, to which another can be added."""

    async def add(self, schedule: WeekSchedule) -> WeekSchedule:
        if schedule.version != (await self.current()).version:
            raise StaleWrite(N_("somebody changed this meanwhile: read it again and repeat the edit"))
        stored = replace(schedule, version=schedule.version + 1)
        row = {
            "version": stored.version,
            "enabled": stored.enabled,
            "weekday": stored.weekday.value,
            "hour": stored.hour,
            "deadline_weekday": stored.deadline_weekday.value,
            "deadline_hour": stored.deadline_hour,
            "since": stored.since,
        }
        # The key keeps two schedules of concurrent transactions from taking one version.
        async with self.tx.savepoint():
            await insert_all(self.tx, week_schedules, [row])
        return stored
