"""The schedule by which match weeks are created and locked without anybody's asking."""

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
        """How many days after Monday."""
        return list(Weekday).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSchedule:
    """When the round of the next week is created and locked. Without arguments it is the default, which is off.

    Hours are full hours in the service's time zone. `weekday` and `hour`: in each week, when the round of the week
    after it is created, unless it exists, and locked. `deadline_weekday` and `deadline_hour`: in the week of the round,
    until when answers count. `since`: when it was set; nothing from before is made up for. `version` counts the
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
        """When the round of a week is locked, UTC."""
        return week.following(-1).moment(self.weekday.number, self.hour, zone)

    def deadline(self, week: IsoWeek, zone: ZoneInfo) -> datetime:
        """Until when answers count in a week, UTC."""
        return week.moment(self.deadline_weekday.number, self.deadline_hour, zone)

    def due(self, at: datetime, zone: ZoneInfo) -> IsoWeek | None:
        """The week whose round has to be locked by now; None while there is none, or it is too late to answer in it.

        A service that did not run at the hour locks it later.
        """
        if not self.enabled or self.since is None:
            return None
        this_week = IsoWeek.at(at, zone)
        next_week = this_week.following()
        week = next_week if self.locks_at(next_week, zone) <= at else this_week
        return week if self.since < self.locks_at(week, zone) <= at < self.deadline(week, zone) else None
