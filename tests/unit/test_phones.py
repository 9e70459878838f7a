"""A phone number is read exactly or refused, and only one that receives a text message may be a login."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.adapters.libphonenumber import LibPhones
from ygs.domain.errors import InvalidFact

PHONES = LibPhones("KR")
MOBILE = "+821022113330"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d ."
INVISIBLE = "\u200b\u200e\u202a\u202c\u2060\ufeff\u3164"


@pytest.mark.parametrize(
    "text",
    [
        "010-2211-3330",
        "01022113330",
        "1022113330",
        "1022113330.0",
        "'01022113330",
        "+82 10-2211-3330",
        "+82 (0)10 2211 3330",
        "".join(chr(ord(each) + 0xFEE0) for each in "010-2211-3330"),
    ],
)
def test_spelled_variants_are_one_number(text: str) -> None:
    assert PHONES.e164(text) == PHONES.textable(text) == MOBILE


@given(dash=st.sampled_from(DASHES), around=st.text(st.sampled_from(INVISIBLE + " "), max_size=4))
def test_dashes_and_invisible_characters_change_nothing(dash: str, around: str) -> None:
    assert PHONES.textable(f"{around}010{dash}{around}2211{dash}3330{around}") == MOBILE


@pytest.mark.parametrize(
    "text",
    [
        "1.02211333E9",
        "1.02211E+09",
        "102211333.0",
        "1022113330E0",
        "010-BUY-HOME",
        "010-2211-333O",
        "010-2211-3330 x12",
        "01022113330;ext=5",
        "010-2211-3330/010-2211-3331",
        "010-2211-3330 ~ 1",
        "010-2211-3330 본인",
        "1,022,113,330",
    ],
)
def test_letters_exponents_and_second_numbers_are_refused(text: str) -> None:
    with pytest.raises(InvalidFact):
        PHONES.e164(text)


@given(digits=st.text(st.sampled_from("0123456789"), max_size=12))
def test_010_has_exactly_eight_further_digits(digits: str) -> None:
    if len(digits) == 8 and digits[0] not in "01":
        assert PHONES.textable(f"010{digits}") == f"+8210{digits}"
    elif len(digits) != 8:
        with pytest.raises(InvalidFact):
            PHONES.e164(f"010{digits}")


@pytest.mark.parametrize("text", ["02-123-4567", "1588-1234", "0505-123-4567", "050-1234-5678", "070-1234-5678"])
def test_a_number_that_receives_no_text_is_a_contact_and_no_login(text: str) -> None:
    assert PHONES.e164(text).startswith("+82")
    with pytest.raises(InvalidFact, match="cannot receive a text message"):
        PHONES.textable(text)


def test_abroad_a_number_that_may_be_mobile_is_a_login() -> None:
    assert PHONES.textable("+1 650-253-0000") == "+16502530000"
    with pytest.raises(InvalidFact, match="cannot receive a text message"):
        PHONES.textable("+44 20 7946 0958")
