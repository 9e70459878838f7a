"""When consultants receive members: their working hours, the days on which the club is closed, and series of slots.

All are in local time, that of the service's time zone: a slot at ten is at ten before and after the clocks change. Of a
local time that exists twice the first is meant; one that does not exist, since the clocks skip it, is left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from ygs.domain.errors import N_, InvalidFact
from ygs.domain.ids import UserId
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.week_schedule import Weekday

MOST_HOURS_A_DAY = 6
MOST_WEEKS_APART = 8
# How far ahead slots are opened, and how many times of the day a series may have.
OPENED_AHEAD = timedelta(days=366)
MOST_TIMES_A_DAY = 16


def local_moment(day: date, at: time, zone: tzinfo) -> datetime | None:
    """The moment of a local time on a day, UTC; None for a time that the clocks skip."""
    moment = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
    back = moment.astimezone(zone)
    return moment if (back.date(), back.time()) == (day, at) else None


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when on a day; the end is not part of it."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidFact("hours", N_("must end after they begin, on the same day"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """The hours of a week at which a consultant receives members. None at all: they have told none, and every hour
    suits."""

    consultant: UserId
    days: Mapping[Weekday, tuple[Hours, ...]] = field(default_factory=dict)
    version: int = 0

    def __post_init__(self) -> None:
        for hours in self.days.values():
            if len(hours) > MOST_HOURS_A_DAY:
                raise InvalidFact("hours", N_("must be at most {most} on one day"), most=MOST_HOURS_A_DAY)
            ordered = sorted(hours, key=lambda each: each.start)
            if any(one.end > other.start for one, other in pairwise(ordered)):
                raise InvalidFact("hours", N_("must not overlap on one day"))

    def cover(self, starts_at: datetime, ends_at: datetime, zone: tzinfo) -> bool:
        """Whether that time is within them."""
        if not self.days:
            return True
        start = starts_at.astimezone(zone)
        end = ends_at.astimezone(zone)
        hours = self.days.get(list(Weekday)[start.weekday()], ())
        if start.date() != end.date():
            return False
        return any(each.start <= start.time() and end.time() <= each.end for each in hours)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day on which no consultant receives members, and why, such as the name of a public holiday."""

    day: date
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", required_text("name", self.name, at_most=LINE_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSeries:
    """Slots that repeat on some days of the week, from one date to another, both included, all of one length.

    `times`: when on each of the days they begin, local time. `weeks_apart`: 1 for every week, 2 for every other.
    """

    weekdays: frozenset[Weekday]
    times: tuple[time, ...]
    length: timedelta
    first: date
    last: date
    weeks_apart: int = 1

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise InvalidFact("weekdays", N_("must name one day at least"))
        if not 1 <= len(self.times) <= MOST_TIMES_A_DAY:
            raise InvalidFact("times", N_("must be 1 to {most}"), most=MOST_TIMES_A_DAY)
        if not self.first <= self.last <= self.first + OPENED_AHEAD:
            raise InvalidFact("last", N_("must not be before the first day, nor over a year after it"))
        if not 1 <= self.weeks_apart <= MOST_WEEKS_APART:
            raise InvalidFact("weeks_apart", N_("must be 1 to {most}"), most=MOST_WEEKS_APART)


def closed_on(days: Collection[ClosedDay], day: date) -> ClosedDay | None:
    """The closed day of that date, if it is one."""
    return next((each for each in days if each.day == day), None)
