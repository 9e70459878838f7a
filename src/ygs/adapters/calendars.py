"""Repeating days by python-dateutil and public holidays by holidays: the extra `calendar`, imported when it is used."""

from collections.abc import Sequence
from datetime import date, datetime, time
from importlib.util import find_spec

from ygs.domain.consulting_hours import ClosedDay, SlotSeries
from ygs.domain.errors import N_, NotSetUp
from ygs.domain.matching.attribute import Language
from ygs.domain.text import LINE_LENGTH


class LibraryCalendars:
    """`Calendars` of one country, an ISO 3166 code such as ``KR``, with its holidays named in `language`."""

    def __init__(self, country: str = "KR", language: Language = Language.KO) -> None:
        self._country = country
        # How the library calls English. Without a language it takes the one of whoever started the process.
        self._language = "en_US" if language is Language.EN else language.value

    def days_of(self, series: SlotSeries) -> Sequence[date]:
        _require("dateutil")
        from dateutil.rrule import WEEKLY, rrule

        rule = rrule(
            WEEKLY,
            interval=series.weeks_apart,
            byweekday=sorted(day.number for day in series.weekdays),
            dtstart=datetime.combine(series.first, time()),
            until=datetime.combine(series.last, time()),
        )
        return [each.date() for each in rule]

    def holidays(self, year: int) -> Sequence[ClosedDay]:
        _require("holidays")
        from holidays import country_holidays

        found = country_holidays(self._country, years=year, language=self._language)
        return [ClosedDay(day, str(name)[:LINE_LENGTH]) for day, name in sorted(found.items())]


def _require(package: str) -> None:
    if not find_spec(package):
        raise NotSetUp(N_("series of slots and public holidays need the extra `calendar`: pip install ygs[calendar]"))
