"""Members' own wishes come from columns, and what they say is read exactly or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ygs.application.importing.birth_dates import Calendar
from ygs.application.importing.source import Source
from ygs.application.importing.value_parser import Untranslatable
from ygs.application.importing.wish_columns import WishReader, WishSource
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

NOW = Calendar(2026, year=2026)


def read(cells: dict[str, str], **wish: Any) -> Wish | None:
    columns = WishSource.model_validate({"importance": "strong", **wish})
    return WishReader(columns, NOW).wish(lambda source: " ".join(cells[column] for column in source.columns))


def ends(text: str, attribute: str, unit: str) -> tuple[object, object] | None:
    wish = read({"x": text}, attribute=attribute, range={"column": "x", "unit": unit})
    known = VOCABULARY[attribute]
    return (known.value_of(wish.low), known.value_of(wish.high)) if wish else None


@pytest.mark.parametrize(
    ("text", "attribute", "unit", "expected"),
    [
        ("85~93", "birth_year", "year", (1985, 1993)),
        ("93~85", "birth_year", "year", (1985, 1993)),
        ("85-93", "birth_year", "year", (1985, 1993)),
        ("85년생 ~ 93년생", "birth_year", "year", (1985, 1993)),
        ("1985～1993년생", "birth_year", "year", (1985, 1993)),  # noqa: RUF001 - as Korean keyboards write it
        ("\u201985~\u201993", "birth_year", "year", (1985, 1993)),
        ("99~04", "birth_year", "year", (1999, 2004)),
        ("85년생부터", "birth_year", "year", (1985, 2010)),
        ("~93", "birth_year", "year", (1940, 1993)),
        ("33~41세", "birth_year", "age", (1985, 1993)),
        ("41세 이하", "birth_year", "age", (1985, 2010)),
        ("33세 이상", "birth_year", "age", (1940, 1993)),
        ("165~175cm", "height_cm", "cm", (165, 175)),
        ("165cm 이상", "height_cm", "cm", (165, 220)),
        ("165이상 180이하", "height_cm", "cm", (165, 180)),
        ("~180", "height_cm", "cm", (130, 180)),
        ("120~180", "height_cm", "cm", (130, 180)),
        ("", "height_cm", "cm", None),
    ],
)
def test_a_range_is_read_as_it_is_meant(text: str, attribute: str, unit: str, expected: object) -> None:
    assert ends(text, attribute, unit) == expected


@pytest.mark.parametrize("text", ["85", "85년생 이상", "연하", "-3~+5", "-93", "85~93 정도", "17~18", "85,93", "8~9"])
def test_a_range_that_is_not_clear_is_refused(text: str) -> None:
    with pytest.raises(Untranslatable):
        ends(text, "birth_year" if text != "17~18" else "height_cm", "year" if text != "17~18" else "cm")


@given(low=st.integers(1940, 2007), high=st.integers(1940, 2007))
def test_any_range_of_years_means_both_ends_and_what_lies_between(low: int, high: int) -> None:
    assert ends(f"{low}~{high}", "birth_year", "year") == (min(low, high), max(low, high))


def test_ends_and_importance_may_have_columns_of_their_own() -> None:
    wish: dict[str, Any] = {
        "attribute": "height_cm",
        "importance": {"column": "중요", "values": {"필수": "must"}, "otherwise": "fair"},
        "low": {"column": "최소", "unit": "cm"},
        "high": {"column": "최대", "unit": "cm"},
    }
    must = read({"최소": "165cm", "최대": "", "중요": "필수"}, **wish)
    assert must == Wish.between("height_cm", 165, 220, Importance.MUST)
    assert read({"최소": "165", "최대": "175", "중요": ""}, **wish) == Wish.between(
        "height_cm", 165, 175, Importance.FAIR
    )
    assert read({"최소": "", "최대": "", "중요": "필수"}, **wish) is None
    with pytest.raises(Untranslatable):
        read({"최소": "180", "최대": "170", "중요": ""}, **wish)


def test_an_ordered_answer_has_a_lowest_one() -> None:
    low = {"column": "희망학력", "values": {"대졸 이상": "bachelor"}}
    wish = read({"희망학력": "대졸 이상"}, attribute="education", low=low)
    assert wish == Wish.between("education", "bachelor", "doctorate", Importance.STRONG)


def test_several_answers_are_accepted_from_one_column() -> None:
    among = {"column": "희망지역", "separator": ","}
    wish = read({"희망지역": "서울, 경기"}, attribute="region", among=among)
    assert wish == Wish.among("region", ["seoul", "gyeonggi"], Importance.STRONG)
    with pytest.raises(Untranslatable):
        read({"희망지역": "서울, 달"}, attribute="region", among=among)


@pytest.mark.parametrize(
    "wish",
    [
        {"attribute": "region", "range": {"column": "x"}},
        {"attribute": "education", "range": {"column": "x"}},
        {"attribute": "height_cm", "range": {"column": "x"}},
        {"attribute": "height_cm", "range": {"column": "x", "unit": "cm"}, "low": {"column": "y", "unit": "cm"}},
        {"attribute": "height_cm", "among": {"column": "x"}},
        {"attribute": "height_cm", "low": {"always": 165}},
        {"attribute": "height_cm", "range": {"column": "x", "unit": "cm", "values": {"a": 1}}},
        {"attribute": "region"},
    ],
)
def test_a_wish_that_could_never_be_read_is_a_mistake(wish: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WishSource.model_validate({"importance": "fair", **wish})


def test_a_source_reads_its_columns_by_their_compared_names() -> None:
    assert Source(column="희망\u200b 나이 ").columns == ["희망 나이"]
