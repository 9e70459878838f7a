"""Which passwords are good enough."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import InvalidText, WeakPassword
from ygs.domain.passwords import LONGEST, SHORTEST, checked_password, normalised


def wide(text: str) -> str:
    """The same letters and digits as an East Asian keyboard may give them."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


GOOD = [
    "노란 우산 아래 고양이 세 마리",
    "green lamp beside seven rivers",
    "Jk2#vP9!qLmZx7Rt",
    "日本語の長いパスフレーズですよ",
    "🐈 우산 셋 그리고 달 하나요 🌕",
    "x7Rt-9vQ2-mm4K-zzP1",
]


@pytest.mark.parametrize("password", GOOD)
def test_a_long_password_of_any_kind_is_good(password: str) -> None:
    assert checked_password(password) == unicodedata.normalize("NFC", password)


@pytest.mark.parametrize(
    "password",
    [
        "짧은 비밀번호",
        "a" * 40,
        "abababababababab",
        "가나다가나다가나다가나다가나다가",
        "password12345678",
        "Password!Password1",
        wide("password12345678"),
        "qwertyuiopasdfghjkl",
        "1q2w3e4r5t6y7890",
        "비밀번호비밀번호1234567",
        "사랑해사랑해1004 안녕하세요",
        "correct horse battery staple",
        "123456789012345678",
        "iloveyou iloveyou 2026",
        "dkssudgktpdyqwerty12",
        "               ",
        "!!!!!!!!!!!!!!!!@@@@@@",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        checked_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "01012345678 김하늘!!",
        "김하늘 haneul@mail.kr 1",
        "+821012345678 5678",
        "하늘하늘 010-1234-5678",
        "haneul.haneul 12345678",
    ],
)
def test_a_password_made_of_the_persons_own_words_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        checked_password(password, context=("김하늘", "하늘", "+821012345678", "haneul@mail.kr"))


@pytest.mark.parametrize("password", ["a\x00" + "b" * 20, "\ud800" * 20, "x" * 129, "가" * 10_000])
def test_what_nobody_types_is_refused_before_it_costs_a_hash(password: str) -> None:
    with pytest.raises(InvalidText):
        normalised(password)


def test_decomposed_hangul_is_the_same_password() -> None:
    text = "노란 우산 아래 고양이 셋 그리고 달"
    assert normalised(unicodedata.normalize("NFD", text)) == normalised(text)
    assert normalised(text.replace(" ", "\u3000")) == normalised(text)


def test_full_width_letters_are_another_password() -> None:
    assert normalised(wide("A")) != normalised("A")


@pytest.mark.parametrize("length", [SHORTEST, LONGEST])
def test_both_ends_of_the_length_are_fine(length: int) -> None:
    letters = "".join(chr(0xAC00 + 37 * place) for place in range(length))
    assert checked_password(letters) == letters
    with pytest.raises((WeakPassword, InvalidText)):
        checked_password(letters[:-1] if length == SHORTEST else letters + "가")


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    try:
        once = normalised(text)
    except InvalidText:
        return
    assert normalised(once) == once


@given(st.text(max_size=200))
def test_a_good_password_is_as_long_as_it_must_be(text: str) -> None:
    with suppress(WeakPassword, InvalidText):
        assert SHORTEST <= len(checked_password(text, context=[text[:4]])) <= LONGEST
