"""The schedule by which match weeks are created and locked automatically."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from ygs.domain.match_weeks import IsoWeek


class Weekday(StrEnum):
    """A day of the week; ISO weeks begin on Monday."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """The number of days after Monday, 0..6."""
        return list(Weekday).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSchedule:
    """A weekly schedule. Without arguments it is the default, which is off.

    `weekday` and `hour`: when, in each week, the round of the next week is created, unless it exists, and locked.
    `deadline_weekday` and `deadline_hour`: when, in the week of the round, answers end. Hours are full hours in the
    service's time zone. `since`: when the schedule was set; a time before that is not made up for. `version` counts the
    schedules that were set, from 1; the default has version 0.
    """

    enabled: bool = False
    weekday: Weekday = Weekday.SUNDAY
    hour: int = 22
    deadline_weekday: Weekday = Weekday.SUNDAY
    deadline_hour: int = 21
    since: datetime | None = None
    version: int = 0

    def locks_at(self, week: IsoWeek, zone: ZoneInfo) -> datetime:
        """Return when the round of a week is locked, UTC."""
        return week.following(-1).moment(self.weekday.number, self.hour, zone)

    def deadline(self, week: IsoWeek, zone: ZoneInfo) -> datetime:
        """Return when answers end in a week, UTC."""
        return week.moment(self.deadline_weekday.number, self.deadline_hour, zone)

    def due(self, at: datetime, zone: ZoneInfo) -> IsoWeek | None:
        """Return the week whose round must be locked by now; None if there is none, or its answers have ended.

        A service that was down at the hour locks it when it is up again.
        """
        if not self.enabled or self.since is None:
            return None
        this_week = IsoWeek.at(at, zone)
        next_week = this_week.following()
        week = next_week if self.locks_at(next_week, zone) <= at else this_week
        return week if self.since < self.locks_at(week, zone) <= at < self.deadline(week, zone) else None
