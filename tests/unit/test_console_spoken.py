"""Dates, ages and phones on the console's pages, as people say them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ygs.domain.matching.attribute import Language
from ygs.entrypoints.console.spoken import (
    ago_words,
    born_words,
    day_words,
    moment_words,
    phone_words,
    week_words,
)

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("at", "ko", "en"),
    [
        (datetime(2026, 11, 28, 5, 5, tzinfo=UTC), "11월 28일(토) 오후 2:05", "Sat 28 Nov, 14:05"),
        (datetime(2026, 11, 28, 15, 0, tzinfo=UTC), "11월 29일(일) 오전 12:00", "Sun 29 Nov, 00:00"),
        (datetime(2025, 1, 2, 3, 0, tzinfo=UTC), "2025년 1월 2일(목) 오후 12:00", "Thu 2 Jan 2025, 12:00"),
    ],
)
def test_a_moment_is_said_by_the_services_clock(at: datetime, ko: str, en: str) -> None:
    assert moment_words(at, NOW, SEOUL, Language.KO) == ko
    assert moment_words(at, NOW, SEOUL, Language.EN) == en


@pytest.mark.parametrize(
    ("day", "ko", "en"),
    [
        (TODAY, "오늘", "today"),
        (date(2026, 11, 27), "어제", "yesterday"),
        (date(2026, 11, 18), "10일 전", "10 days ago"),
        (date(2026, 10, 28), "10월 28일", "28 Oct"),
        (date(2026, 11, 29), "11월 29일", "29 Nov"),
    ],
)
def test_a_day_of_the_last_month_is_counted_back_from_today(day: date, ko: str, en: str) -> None:
    assert ago_words(day, TODAY, Language.KO) == ko
    assert ago_words(day, TODAY, Language.EN) == en


@pytest.mark.parametrize(
    ("week", "ko", "en"),
    [
        ("2026-W48", "11월 23일~29일", "23 Nov \N{EN DASH} 29 Nov"),
        ("2026-W49", "11월 30일~12월 6일", "30 Nov \N{EN DASH} 6 Dec"),
        ("2026-W53", "12월 28일~2027년 1월 3일", "28 Dec \N{EN DASH} 3 Jan 2027"),
    ],
)
def test_a_week_is_called_by_its_days(week: str, ko: str, en: str) -> None:
    assert week_words(week, TODAY, Language.KO) == ko
    assert week_words(week, TODAY, Language.EN) == en


def test_a_date_of_another_year_has_its_year() -> None:
    assert day_words(date(2027, 2, 3), TODAY, Language.KO) == "2027년 2월 3일"


def test_a_year_of_birth_comes_with_the_age_and_none_is_nothing() -> None:
    assert born_words(1990, TODAY, Language.KO) == "1990년생·36세"
    assert born_words(None, TODAY, Language.KO) == ""


def test_a_korean_mobile_phone_is_written_as_it_is_dialled() -> None:
    assert phone_words("+821012345678") == "010-1234-5678"
    assert phone_words("+14155550100") == "+14155550100"
    assert phone_words(None) == ""
