"""Dates, ages, phones and figures as people say them, in Korean and English."""

from datetime import date, datetime, tzinfo

from ygs.application.labels import label
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.matching.attribute import Language
from ygs.domain.service_dates import date_at
from ygs.domain.week_schedule import Weekday

_WEEKDAYS = tuple(Weekday)
_DAYS_COUNTED = 30
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date, today: date, language: Language) -> str:
    """A date: 11월 28일, or 28 Nov; with its year unless that is this year."""
    if language is Language.KO:
        return f"{f'{day.year}년 ' if day.year != today.year else ''}{day.month}월 {day.day}일"
    return f"{day.day} {_MONTHS[day.month - 1]}{f' {day.year}' if day.year != today.year else ''}"


def dated_words(day: date, today: date, language: Language) -> str:
    """A date with its day of the week: 11월 28일(토), or Sat 28 Nov."""
    weekday = label("weekday", _WEEKDAYS[day.weekday()], language)
    words = day_words(day, today, language)
    return f"{words}({weekday[0]})" if language is Language.KO else f"{weekday[:3]} {words}"


def moment_words(at: datetime, now: datetime, zone: tzinfo, language: Language) -> str:
    """A moment by the service's clock: 11월 28일(토) 오후 2:05, or Sat 28 Nov, 14:05."""
    day = dated_words(date_at(at, zone), date_at(now, zone), language)
    return f"{day}{', ' if language is Language.EN else ' '}{time_words(at, zone, language)}"


def time_words(at: datetime, zone: tzinfo, language: Language) -> str:
    """The time of a moment by the service's clock: 오후 2:05, or 14:05."""
    local = at.astimezone(zone)
    if language is Language.EN:
        return f"{local:%H:%M}"
    return f"{'오전' if local.hour < 12 else '오후'} {local.hour % 12 or 12}:{local:%M}"


def clock_words(at: datetime, zone: tzinfo) -> str:
    """The time of a moment by the service's clock, short enough for a calendar: 14:05."""
    return f"{at.astimezone(zone):%H:%M}"


def ago_words(day: date, today: date, language: Language) -> str:
    """How long ago a day was, up to a month; the date for an earlier one."""
    days = (today - day).days
    if not 0 <= days <= _DAYS_COUNTED:
        return day_words(day, today, language)
    if days < 2:
        return translate(N_("yesterday") if days else N_("today"), language)
    return translate(N_("{days} days ago"), language, days=days)


def week_words(week: str, today: date, language: Language) -> str:
    """The days of an ISO week: 11월 30일~12월 6일, or 30 Nov - 6 Dec."""
    monday = IsoWeek.parse(week).monday
    sunday = date.fromordinal(monday.toordinal() + 6)
    first = day_words(monday, today, language)
    if language is Language.EN:
        return f"{first} \N{EN DASH} {day_words(sunday, today, language)}"
    last = f"{sunday.day}일" if sunday.month == monday.month else day_words(sunday, monday, language)
    return f"{first}~{last}"


def born_words(birth_year: int | None, today: date, language: Language) -> str:
    """A year of birth and the age that it makes this year; nothing where the year is not shown."""
    if birth_year is None:
        return ""
    return translate(N_("born {year}, {age}"), language, year=birth_year, age=today.year - birth_year)


def phone_words(e164: str | None) -> str:
    """A phone as people dial it: 010-1234-5678; one of another country as it is stored."""
    if not e164 or not e164.startswith("+8210") or len(e164) != 13:
        return e164 or ""
    return f"0{e164[3:5]}-{e164[5:9]}-{e164[9:]}"
