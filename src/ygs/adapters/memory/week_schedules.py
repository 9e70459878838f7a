"""The club's schedule for match weeks, in memory."""

from dataclasses import replace

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, StaleWrite
from ygs.domain.week_schedule import WeekSchedule


class MemoryWeekScheduleReader:
    """The club's schedule for match weeks."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def current(self) -> WeekSchedule:
        return _current(await self._tx.step())


def _current(tables: SnapshotTables) -> WeekSchedule:
    return tables.week_schedules[max(tables.week_schedules)] if tables.week_schedules else WeekSchedule()


class MemoryWeekScheduleRepository(MemoryWeekScheduleReader):
    """The club's schedules for match weeks, to which another can be added."""

    async def add(self, schedule: WeekSchedule) -> WeekSchedule:
        tables = await self._tx.step()
        if schedule.version != _current(tables).version:
            raise StaleWrite(N_("somebody changed this meanwhile: read it again and repeat the edit"))
        stored = replace(schedule, version=schedule.version + 1)
        tables.week_schedules.put({stored.version: stored})
        return stored
