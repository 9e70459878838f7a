"""The contract of the club's schedule for match weeks."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import StaleWrite, Unavailable
from ygs.domain.week_schedule import Weekday, WeekSchedule
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.storage import Storage

EVERYTHING_SET = WeekSchedule(
    enabled=True,
    weekday=Weekday.THURSDAY,
    hour=0,
    deadline_weekday=Weekday.SATURDAY,
    deadline_hour=23,
    since=NOON + timedelta(microseconds=1),
)


class WeekScheduleContract:
    """Every promise of `WeekScheduleRepository`."""

    async def test_until_a_schedule_is_set_it_is_off(self, storage: Storage) -> None:
        async with storage.read() as tx:
            assert await tx.week_schedules.current() == WeekSchedule()

    async def test_the_schedule_set_last_is_in_force(self, storage: Storage) -> None:
        first = replace(EVERYTHING_SET, version=1)
        second = replace(first, enabled=False, hour=9, version=2)
        async with storage.write() as tx:
            assert await tx.week_schedules.add(EVERYTHING_SET) == first
            assert await tx.week_schedules.current() == first
        async with storage.write() as tx:
            assert await tx.week_schedules.add(replace(second, version=1)) == second
        async with storage.read() as tx:
            assert await tx.week_schedules.current() == second

    @pytest.mark.parametrize("version", [0, 2])
    async def test_a_schedule_replaces_the_one_it_was_made_from_or_is_refused(
        self, storage: Storage, version: int
    ) -> None:
        async with storage.write() as tx:
            await tx.week_schedules.add(EVERYTHING_SET)
        async with storage.write() as tx:
            with pytest.raises(StaleWrite):
                await tx.week_schedules.add(replace(EVERYTHING_SET, version=version))
            assert (await tx.week_schedules.current()).version == 1

    async def test_of_two_schedules_set_at_the_same_time_one_is_in_force(self, storage: Storage) -> None:
        async def put(hour: int) -> None:
            async with storage.write() as tx:
                await tx.week_schedules.add(replace(EVERYTHING_SET, hour=hour))

        results = await asyncio.gather(put(1), put(2), return_exceptions=True)
        (refused,) = [each for each in results if each is not None]
        assert isinstance(refused, StaleWrite | Unavailable), refused
