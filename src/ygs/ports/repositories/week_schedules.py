"""The schedules for match weeks that a club has set, the latest of which is in force."""

from typing import Protocol

from ygs.domain.week_schedule import WeekSchedule


class WeekScheduleReader(Protocol):
    """The club's schedule for match weeks, to be read."""

    async def current(self) -> WeekSchedule:
        """The schedule set last, or the default, which is off and has version 0."""
        ...


class WeekScheduleRepository(WeekScheduleReader, Protocol):
    """The club's schedules for match weeks, to which another can be added."""

    async def add(self, schedule: WeekSchedule) -> WeekSchedule:
        """Put a schedule in force and return it with the next version.

        `schedule.version` is the version of the schedule that it replaces; `StaleWrite` if that is no longer in force.
        """
        ...
