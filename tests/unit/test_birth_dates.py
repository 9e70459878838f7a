"""A date of birth is read in every spelling that agencies use, and two digits of a year by one stated rule."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ygs.application.importing.birth_dates import Calendar, year_of_birth
from ygs.application.importing.rejections import RejectionReason
from ygs.application.importing.source import Source
from ygs.application.importing.value_parser import Untranslatable, translation
from ygs.domain.matching.vocabulary import VOCABULARY

NOW = Calendar(2026)
BIRTHS = st.dates(date(1940, 1, 1), date(2006, 12, 31))


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("86.04.21", 1986),
        ("910907-2******", 1991),
        ("83년생", 1983),
        ("891211", 1989),
        ("33488", 1991),
        ("1986. 4. 21.", 1986),
        ("1986년 4월 21일생", 1986),
        ("86년 4월 21일 (음)", 1986),
        ("1986-04-21 00:00:00", 1986),
        ("1986.04.21(40세)", 1986),
        ("'86년생", 1986),
        ("\u201986.04.21", 1986),
        ("\u201886", 1986),
        ("86년생(만 40세)", 1986),
        ("1986년생 (40세)", 1986),
        ("860421*******", 1986),
        ("33488.0", 1991),
        ("33488.5", 1991),
        ("1986년생", 1986),
        ("1986", 1986),
        ("04/21/1986", 1986),
        ("19860421", 1986),
        ("030907-4XXXXXX", 2003),
        ("910907-2", 1991),
        ("910907-*******", 1991),
        ("9109072******", 1991),
        ("910907-5●●●●●●", 1991),
        ("07.03.01", 2007),
        ("8６.04.21", 1986),  # noqa: RUF001 - a full-width digit among the others
    ],
)
def test_a_spelling_of_agencies_gives_the_year(text: str, year: int) -> None:
    assert year_of_birth(text, NOW) == year


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "86",
        "40",
        "86.13.01",
        "86.04.32",
        "871301",
        "1986-02-31",
        "서울",
        "910907-2123456",
        "9109072123456",
        "2월 3일",
    ],
)
def test_what_is_no_date_of_birth_gives_none(text: str) -> None:
    assert year_of_birth(text, NOW) is None


@given(born=BIRTHS)
def test_any_adults_birth_is_read_from_every_spelling(born: date) -> None:
    short = born.year % 100
    masked = f"{born:%y%m%d}-{1 if born.year < 2000 else 3}******"
    spellings = [f"{born:%Y-%m-%d}", f"{born:%Y.%m.%d}", f"{born:%y.%m.%d}", f"{born:%Y%m%d}", f"{born:%y%m%d}", masked]
    for text in [*spellings, f"{short:02}년생", f"{born.year}년생", str((born - date(1899, 12, 30)).days)]:
        # Of two digits the rule makes the younger adult; 1940 to 1999 have no such twin yet.
        if text[:4] != str(born.year) or len(text) < 8:
            assume(born.year < 2000 or born.year <= 2026 - 19)
        assert year_of_birth(text, NOW) == born.year, text


@given(days=st.integers(14_000, 38_000))
def test_day_numbers_count_from_1904_where_the_workbook_says_so(days: int) -> None:
    born = date(1904, 1, 1) + timedelta(days=days)
    assert year_of_birth(str(days), Calendar(2026, since_1904=True)) == born.year


@pytest.mark.parametrize(("short", "year"), [(7, 2007), (8, 2008), (26, 2026), (27, 1927), (99, 1999), (0, 2000)])
def test_two_digits_mean_an_adult_where_one_can_be(short: int, year: int) -> None:
    assert NOW.full_year(short) == year


@pytest.mark.parametrize("take", ["", r"(\d{4})[-./년].*", r"(\d{4}).*"])
@pytest.mark.parametrize("text", ["86.04.21", "860421-1******", "86년생", "860421", "31523", "1986-04-21"])
def test_a_part_that_does_not_fit_does_not_keep_a_date_from_being_read(take: str, text: str) -> None:
    source = Source(column="생년월일", take=take, unit="year")
    attribute = VOCABULARY["birth_year"]
    assert attribute.value_of(translation(source, attribute, NOW)(text)) == 1986


def test_a_text_that_no_spelling_covers_is_refused() -> None:
    source = Source(column="생년월일", unit="year")
    with pytest.raises(Untranslatable) as caught:
        translation(source, VOCABULARY["birth_year"], NOW)("모름")
    assert caught.value.why is RejectionReason.NO_NUMBER
