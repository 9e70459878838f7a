"""Text and ids: what passes the gate, and what is turned away."""

import re
import time
import unicodedata
from datetime import UTC

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ygs.adapters.system import SystemClock, UlidIds
from ygs.domain.errors import InvalidId, InvalidText
from ygs.domain.ids import checked_id, feedback_id, introduction_id, user_id, week_id
from ygs.domain.text import checked_text, required_name, required_text, storable_text
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.clock_and_ids import ClockContract, IdsContract
from ygs.entrypoints.testing.ids import CountingIds, numbered
from ygs.ports.clock_and_ids import Clock, Ids


def gate(text: str) -> str:
    return checked_text("words", text, at_most=100)


RESIDENT_NUMBERS = [
    "900101-1234567",
    "9001011234567",
    "900101 1234567",
    "900101 - 1234567",
    "900101–1234567",  # noqa: RUF001 - the dashes people type are what this is about
    "900101—1234567",
    "900101−1234567",  # noqa: RUF001
    "900101－1234567",  # noqa: RUF001
    "900101·1234567",
    "900101.1234567",
    "900101/1234567",
    "900101_1234567",
    "900101\u200b1234567",
    "900101\n1234567",
    "９００１０１-１２３４５６７",  # noqa: RUF001
    "９００１０１－１２３４５６７",  # noqa: RUF001
    "90０1０1-1２34567",  # noqa: RUF001
    "٩٠٠١٠١-١٢٣٤٥٦٧",
    "000229-3234567",
    "991231-8234567",
    "저는 900101-2234567입니다",
    "번호:900101-2234567.",
    "(900101-2234567)",
    "a900101-1234567b",
]


@pytest.mark.parametrize("text", RESIDENT_NUMBERS, ids=ascii)
def test_resident_numbers_are_refused_however_they_are_spelled(text: str) -> None:
    with pytest.raises(InvalidText, match="resident registration number") as refused:
        gate(text)
    assert "1234567" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "010-1234-5678",
        "+82-10-1234-5678",
        "1990년 1월 1일생",
        "900101",
        "900101-1******",
        "901301-1234567",  # no 13th month
        "900132-1234567",  # no 32nd day
        "900001-1234567",
        "900101-9234567",  # no such century
        "900101-0234567",
        "900101-12345678",  # too many digits
        "1900101-1234567",
        "900101-123456",
        "계좌 110-234-567890",
        "카드 1234-5678-9012-3456",
        "230115에 3000000원",
        "2026-11-23 12:34:56.789012",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert gate(text) == text


@given(
    st.dates().map(lambda day: day.strftime("%y%m%d")),
    st.sampled_from("12345678"),
    st.integers(0, 999_999),
    st.sampled_from(["-", "", " ", " - ", "－", "‐", "..", "\u200b"]),  # noqa: RUF001
    st.booleans(),
)
def test_every_resident_number_is_refused(born: str, century: str, rest: int, between: str, wide: bool) -> None:
    number = f"{born}{between}{century}{rest:06}"
    if wide:
        number = "".join(chr(ord(each) + 0xFEE0) if each.isdigit() else each for each in number)
    with pytest.raises(InvalidText):
        gate(f"주민번호는 {number} 입니다")


@pytest.mark.parametrize("code", [0, 0xD800, 0xDBFF, 0xDC00, 0xDFFF], ids=hex)
def test_what_no_database_keeps_is_refused_by_all_gates(code: int) -> None:
    character = chr(code)
    for text in (character, f"가{character}", f"{character}나", f" {character} "):
        for check in (gate, lambda text: storable_text("words", text)):
            with pytest.raises(InvalidText) as refused:
                check(text)
            assert refused.value.field == "words"


@pytest.mark.parametrize(
    "text", ["가힣", "漢字", "😀", "👩‍❤️‍👨", "𠮷野家", "ñ", "שלום", "\ufffd", "\U0010ffff", "탭\t줄\n"]
)
def test_everything_else_is_kept(text: str) -> None:
    assert gate(text) == unicodedata.normalize("NFC", text).strip()


def test_length_is_counted_in_characters() -> None:
    for character in ("가", "😀", "a"):
        assert gate(character * 100) == character * 100
        with pytest.raises(InvalidText, match="100"):
            gate(character * 101)


def test_space_around_is_dropped_before_counting() -> None:
    assert gate("  \u3000가나다\t\n" + " " * 200) == "가나다"


def test_hangul_sent_letter_by_letter_is_composed_before_counting() -> None:
    letters = unicodedata.normalize("NFD", "김서연")
    assert len(letters) > 3
    assert checked_text("name", letters, at_most=3) == "김서연"


@given(st.text(max_size=100))
def test_the_gate_lets_through_what_it_let_through(text: str) -> None:
    try:
        passed = gate(text)
    except InvalidText:
        assume(False)
    assert gate(passed) == passed
    passed.encode()


def test_required_text_is_not_empty() -> None:
    assert required_text("name", " 이 ", at_most=10) == "이"
    for empty in ("", " ", "\u3000\n"):
        with pytest.raises(InvalidText):
            required_text("name", empty, at_most=10)


PARSERS = {"usr": user_id, "mw": week_id, "mh": introduction_id, "mf": feedback_id}
ULID = "01JD8Q4W0M8Q5V7X0C9T1R2E3S"


@pytest.mark.parametrize("prefix", PARSERS)
def test_an_id_is_its_prefix_and_a_ulid(prefix: str) -> None:
    for number in (0, 1, 2**40):
        assert PARSERS[prefix](numbered(prefix, number)) == numbered(prefix, number)
    for other in PARSERS.keys() - {prefix}:
        with pytest.raises(InvalidId):
            PARSERS[prefix](f"{other}_{ULID}")


@pytest.mark.parametrize(
    "tail",
    [
        "",
        ULID[:-1],
        ULID + "0",
        ULID.lower(),
        "8" + ULID[1:],  # more than 128 bits
        ULID[:-1] + "U",
        ULID[:-1] + "I",
        ULID[:-1] + "O",
        ULID[:-1] + "L",
        ULID + "\n",
        " " + ULID,
        ULID[:-1] + "\x00",
        ULID[:-1] + "３",  # noqa: RUF001
        "_" + ULID,
    ],
    ids=ascii,
)
def test_nothing_else_is_an_id(tail: str) -> None:
    for text in (f"usr_{tail}", tail, f"USR_{tail}", f"usr-{tail}"):
        with pytest.raises(InvalidId):
            user_id(text)


def test_a_refused_id_is_not_repeated_in_the_error() -> None:
    with pytest.raises(InvalidId) as refused:
        checked_id("usr", "usr_<script>")
    assert "script" not in str(refused.value)


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()


class TestFrozenClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return FrozenClock()


def test_a_frozen_clock_moves_when_it_is_told_to() -> None:
    clock = FrozenClock()
    assert clock.now() is clock.now()
    assert clock.advance(hours=1, microseconds=1) == clock.now() > NOON
    clock.set(NOON)
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


class TestUlidIds(IdsContract):
    @pytest.fixture
    def ids(self) -> Ids:
        return UlidIds()


class TestCountingIds(IdsContract):
    @pytest.fixture
    def ids(self) -> Ids:
        return CountingIds()


def test_ids_ascend_when_the_machines_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = UlidIds()
    before = ids.make("usr")
    monkeypatch.setattr("ulid.time.time_ns", lambda: 0)
    after = [ids.make("usr") for _ in range(3)]
    assert [before, *after] == sorted({before, *after})
    assert re.fullmatch(r"usr_[0-9A-Z]{26}", after[-1])


def test_two_makers_do_not_make_the_same() -> None:
    one, other = UlidIds(), UlidIds()
    assert not {one.make("usr") for _ in range(1_000)} & {other.make("usr") for _ in range(1_000)}


def test_counting_ids_are_the_same_in_every_run() -> None:
    assert CountingIds().make("usr") == numbered("usr", 1) == CountingIds().make("usr")


INVISIBLE = [
    *"\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\u180e\u202a\u202e",
    *"\u3164\u115f\u1160\u2800\uffa0\u034f",
    *"\x01\x1b\x7f\x9f\ufff9\U00016fe4\U0001d159\U0001d173\U0001bca0\U000e0001",
]
SELECTORS = ["\u180b", "\ufe00", "\ufe0f", "\U000e0020", "\U000e007f", "\U000e0100", "\U000e01ef"]


@given(text=st.text(st.sampled_from([*INVISIBLE, " ", "가", "a", "\n"]), max_size=12))
def test_invisible_characters_go_from_the_ends_of_every_text(text: str) -> None:
    kept = checked_text("words", text, at_most=20)
    assert kept == kept.strip("".join(INVISIBLE) + " \n")
    assert kept in text
    assert [each for each in kept if each in "가a"] == [each for each in text if each in "가a"]


@given(text=st.text(st.sampled_from([*INVISIBLE, *SELECTORS, " ", "한", "도"]), max_size=12))
def test_a_name_has_no_invisible_character_and_shows_something(text: str) -> None:
    if "한" in text or "도" in text:
        assert not set(required_name("name", text, at_most=20)) & {*INVISIBLE, *SELECTORS}
    else:
        with pytest.raises(InvalidText):
            required_name("name", text, at_most=20)


@pytest.mark.parametrize("selector", SELECTORS)
def test_what_changes_the_character_before_it_begins_no_text(selector: str) -> None:
    assert checked_text("words", f"{selector} 글", at_most=20) == "글"
    assert checked_text("words", selector, at_most=20) == ""


@pytest.mark.parametrize("blank", [" ", "\u200b", "\u3164", "\x01"])
def test_many_blanks_within_a_text_cost_no_more_than_other_characters(blank: str) -> None:
    text = "가" + blank * 60_000 + "나"
    begun = time.process_time()
    assert checked_text("words", text, at_most=60_002) == text
    assert time.process_time() - begun < 1


def test_a_name_is_one_line() -> None:
    assert required_name("name", " 김\n하나\t(개명)\u3000 ", at_most=60) == "김 하나 (개명)"


@pytest.mark.parametrize("text", ["\u0301", "\U000e0020", "\x07", "\ue000"])
def test_a_name_of_marks_and_controls_alone_shows_nothing(text: str) -> None:
    with pytest.raises(InvalidText):
        required_name("name", text, at_most=20)


@pytest.mark.parametrize("text", ["🏴\U000e0067\U000e007f", "❤\ufe0f", "👩\u200d🌾"])
def test_emoji_stay_whole(text: str) -> None:
    assert checked_text("words", text, at_most=20) == text


@pytest.mark.parametrize("between", ["\u3164", "\u200b\u200b\u200b\u200b\u200b", "\u2800-\u2800"])
def test_invisible_characters_hide_no_resident_number(between: str) -> None:
    with pytest.raises(InvalidText):
        checked_text("words", f"910907{between}2{between[:1]}123456", at_most=60)
