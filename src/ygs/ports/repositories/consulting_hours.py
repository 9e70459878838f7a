"""When consultants receive members: their working hours, the club's closed days, and the addresses of their feeds."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from ygs.domain.consultations import CalendarFeed
from ygs.domain.consulting_hours import ClosedDay, WorkingHours
from ygs.domain.ids import UserId


class ConsultingHoursReader(Protocol):
    """Working hours, closed days and feeds, to be read."""

    async def working_hours(self, consultant: UserId) -> WorkingHours:
        """A consultant's working hours; empty ones of version 0 when none are stored."""
        ...

    async def closed_days(self, since: date, until: date) -> Sequence[ClosedDay]:
        """The closed days from `since` to `until`, both included, ascending."""
        ...

    async def feed_of(self, consultant: UserId) -> CalendarFeed | None:
        """A consultant's feed; None without one."""
        ...

    async def find_feed(self, digest: str) -> CalendarFeed | None:
        """The feed whose secret has that digest; None without one."""
        ...


class ConsultingHoursRepository(ConsultingHoursReader, Protocol):
    """Working hours, closed days and feeds, to be changed."""

    async def keep_working_hours(self, hours: WorkingHours) -> WorkingHours:
        """Store a consultant's working hours, replacing earlier ones of that version, and return them with the next
        version; `StaleWrite` if another version is stored, `Conflict` for an unknown consultant."""
        ...

    async def close_days(self, days: Sequence[ClosedDay]) -> None:
        """Store closed days; each replaces one of the same date."""
        ...

    async def open_day(self, day: date) -> bool:
        """Remove a closed day; whether it was one."""
        ...

    async def keep_feed(self, feed: CalendarFeed) -> None:
        """Store a consultant's feed, replacing an earlier one; `Conflict` for an unknown consultant."""
        ...

    async def remove_feed(self, consultant: UserId) -> bool:
        """Remove a consultant's feed; whether there was one."""
        ...
