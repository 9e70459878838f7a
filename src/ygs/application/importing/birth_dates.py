"""Birth years, read from the spellings in which agencies keep dates of birth.

Two digits of a year are read by one rule, which is right for adult members: the 2000s for those who are of age in the
year of the import, otherwise the 1900s for those below 100, otherwise the 2000s again (a child, whom a later check
refuses). In 2026 "07" is 2007, "27" is 1927 and "15" is 2015. A resident number's seventh digit gives the century
instead: "910907-2******" is 1991 and "030907-4******" is 2003.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import normalize

from ygs.domain.users import ADULT_AGE

_OLDEST = 99
_MASK = r"[*xX#○●◯◦•·]"
_QUOTE = "['\u2018\u2019]"
# What may follow a date without changing the year: the calendar (solar or lunar), the age, the time of day.
_AFTER = r"(?: ?생)?(?: ?\(?[음양]력?\)?)?(?: ?\((?:만 ?)?\d{1,3}세\))?(?: \d{2}:\d{2}(?::\d{2})?)?"
_MONTH_AND_DAY = r" ?[-./년] ?(?P<month>\d{1,2}) ?(?:[-./월] ?(?P<day>\d{1,2}) ?[일.]?|월|\.)?"
_SPELLINGS = [
    re.compile(spelling)
    for spelling in (
        rf"(?P<short>\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}}) ?- ?(?:(?P<century>\d)\d{{0,5}})?{_MASK}*",
        rf"(?P<short>\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}}){_MASK}+",
        rf"(?P<short>\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}})(?P<century>\d)\d{{0,5}}{_MASK}+",
        rf"(?P<year>\d{{4}}){_MONTH_AND_DAY}{_AFTER}",
        rf"{_QUOTE}?(?P<short>\d{{2}}){_MONTH_AND_DAY}{_AFTER}",
        rf"(?P<year>\d{{4}})(?: ?년)?{_AFTER}",
        rf"{_QUOTE}?(?P<short>\d{{2}}) ?(?:년|생){_AFTER}",
        rf"{_QUOTE}(?P<short>\d{{2}})",
        r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})",
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<short>\d{2})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<serial>\d{5})(?:\.\d+)?",
    )
]
# By a resident number's seventh digit: 1 and 2 are Koreans born in the 1900s, 5 and 6 foreigners, and so on.
_CENTURIES = {digit: century for digits, century in (("90", 1800), ("1256", 1900), ("3478", 2000)) for digit in digits}
_DAYS_BEGIN = date(1899, 12, 30)
_DAYS_BEGIN_1904 = date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of a file.

    `this_year`: the year of the import. `year`: the year the file describes, from which ages count back. `since_1904`:
    whether day numbers count from 1904.
    """

    this_year: int
    year: int | None = None
    since_1904: bool = False

    def full_year(self, short: int) -> int:
        """The year that two digits mean, by the rule of this module."""
        if 2000 + short <= self.this_year - ADULT_AGE or 1900 + short < self.this_year - _OLDEST:
            return 2000 + short
        return 1900 + short


def year_of_birth(text: str, calendar: Calendar) -> int | None:
    """The year in a date of birth, or None for any other text.

    It reads "1986-04-21", "1986.4.21.", "1986년 4월 21일", "1986년생", "19860421", "86.04.21", "86년생", "860421", the
    first half of a resident number with its second half masked, days and months in either order before a year of four
    digits, and five digits as a spreadsheet's day number ("33488" is 1991-09-07).
    """
    plain = " ".join(normalize("NFKC", text).split())
    for spelling in _SPELLINGS:
        found = spelling.fullmatch(plain)
        if found is not None:
            year = _year(found.groupdict(), calendar)
            if year is not None:
                return year
    return None


def _year(parts: dict[str, str | None], calendar: Calendar) -> int | None:
    if serial := parts.get("serial"):
        begin = _DAYS_BEGIN_1904 if calendar.since_1904 else _DAYS_BEGIN
        return (begin + timedelta(days=int(serial))).year
    short = parts.get("short")
    century = parts.get("century")
    if short is None:
        year = int(parts["year"] or 0)
    elif century is None:
        year = calendar.full_year(int(short))
    else:
        year = _CENTURIES[century] + int(short)
    return year if _exists(year, parts.get("month"), parts.get("day")) else None


def _exists(year: int, month: str | None, day: str | None) -> bool:
    # Up to 30 for every month: the second month of the lunar calendar has a 30th day.
    if month is None:
        return True
    if not 1 <= int(month) <= 12:
        return False
    return day is None or 1 <= int(day) <= 30 or (int(day) == 31 and int(month) in (1, 3, 5, 7, 8, 10, 12))
