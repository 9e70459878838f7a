"""Calendars: the days on which something repeats, and public holidays."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from ygs.domain.consulting_hours import ClosedDay, SlotSeries


class Calendars(Protocol):
    """Dates, in no time zone."""

    def days_of(self, series: SlotSeries) -> Sequence[date]:
        """The days of a series, ascending; `NotSetUp` where the extra `calendar` is not installed."""
        ...

    def holidays(self, year: int) -> Sequence[ClosedDay]:
        """The public holidays of a year in the service's country, ascending, named in its language; `NotSetUp` as
        for `days_of`."""
        ...
