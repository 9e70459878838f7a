"""What a text of a foreign file comes to, and that nothing is ever made of a text no rule covers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.application.importing.birth_dates import Calendar
from ygs.application.importing.rejections import RejectionReason
from ygs.application.importing.source import Source
from ygs.application.importing.value_parser import Untranslatable, translation
from ygs.domain.matching.vocabulary import VOCABULARY


def translated(attribute: str, text: str, **source: Any) -> object:
    """The answer that `text` comes to, or why it comes to none."""
    known = VOCABULARY[attribute]
    try:
        code = translation(Source(column="x", **source), known, Calendar(2026, 2012))(text)
    except Untranslatable as error:
        return error.why
    if not code:
        return None
    return known.values_in(code) if known.kind == "set" else known.value_of(code)


@pytest.mark.parametrize(
    ("text", "unit", "answer"),
    [
        ("175", "cm", 175),
        ("175.4", "cm", 175),
        ("175.5", "cm", 176),
        ("1,75", "cm", RejectionReason.NO_NUMBER),
        ("1,750", "cm", RejectionReason.IMPOSSIBLE),
        ("70", "inch", 178),
        ("51", "inch", 130),
        ("50", "inch", RejectionReason.IMPOSSIBLE),
        ("1", "inch", RejectionReason.IMPOSSIBLE),
        ("-175", "cm", RejectionReason.IMPOSSIBLE),
        ("1e3", "cm", RejectionReason.NO_NUMBER),
        ("nan", "cm", RejectionReason.NO_NUMBER),
        ("", "cm", RejectionReason.NO_NUMBER),
        ("\uff11\uff17\uff15", "cm", 175),
        ("9" * 40, "cm", RejectionReason.NO_NUMBER),
    ],
)
def test_heights(text: str, unit: str, answer: object) -> None:
    assert translated("height_cm", text, unit=unit) == answer


@pytest.mark.parametrize(
    ("text", "unit", "answer"),
    [
        ("22", "age", 1990),
        ("18", "age", 1994),
        ("17", "age", RejectionReason.IMPOSSIBLE),
        ("71", "age", RejectionReason.IMPOSSIBLE),
        ("110", "age", RejectionReason.IMPOSSIBLE),
        ("22.5", "age", RejectionReason.IMPOSSIBLE),
        ("1990", "year", RejectionReason.IMPOSSIBLE),
    ],
)
def test_birth_years_count_back_from_the_files_year_within_what_can_be_true(
    text: str, unit: str, answer: object
) -> None:
    assert translated("birth_year", text, unit=unit, between=(18, 70)) == answer


def test_a_table_comes_before_patterns_and_these_in_order() -> None:
    rules = {"values": {"a": "none"}, "patterns": {"a.*": "catholic", ".*": "other"}}
    assert [translated("religion", text, **rules) for text in ("a", "ab", "b")] == ["none", "catholic", "other"]


def test_a_pattern_speaks_of_the_whole_text() -> None:
    assert translated("religion", "none of your business", patterns={"none": "none"}) is RejectionReason.NOT_LISTED


def test_without_a_table_the_vocabularys_own_words_count_and_with_one_only_the_table() -> None:
    assert [translated("region", text) for text in ("서울", "Seoul", "seoul", "서울시")] == [
        "seoul",
        "seoul",
        "seoul",
        RejectionReason.NOT_LISTED,
    ]
    assert translated("region", "서울", values={"서울시": "seoul"}) is RejectionReason.NOT_LISTED


def test_an_empty_list_leaves_a_fact_unknown() -> None:
    assert translated("religion", "private", values={"private": []}) is None


def test_a_set_is_parted_reduced_and_looked_up_piece_by_piece() -> None:
    rules: dict[str, Any] = {
        "separator": ",",
        "take": r"([a-z]+)(?: \(\w+\))?",
        "drop": [r".* \(poorly\)"],
        "values": {"english": "english", "sign": ["sign_language", "other"]},
    }
    assert translated("languages", "english (fluently), french (poorly),", **rules) == ("english",)
    assert translated("languages", "sign", **rules) == ("sign_language", "other")
    assert translated("languages", "french (poorly)", **rules) is None
    assert translated("languages", "english, klingon", **rules) is RejectionReason.NOT_LISTED
    assert translated("languages", "english, C++", **rules) is RejectionReason.NOT_LISTED


@given(st.text())
def test_a_text_that_is_not_in_the_table_never_comes_to_an_answer(text: str) -> None:
    table = {"네": "yes", "아니요": "no"}
    expected = table.get(text, RejectionReason.NOT_LISTED)
    assert translated("wants_children", text, values=table) == expected
