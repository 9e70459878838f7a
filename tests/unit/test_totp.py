"""One-time passwords: the standard's own vectors, and another implementation as an oracle."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import InvalidText
from ygs.domain.totp import Totp, code_at, code_now, step_at
from ygs.entrypoints.testing.clock import NOON

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_at(SECRET, step_at(datetime.fromtimestamp(seconds, UTC))) == code


@given(st.binary(min_size=20, max_size=20), st.integers(0, 2**31))
def test_codes_equal_those_of_an_authenticator(secret: bytes, seconds: int) -> None:
    from base64 import b32encode

    theirs = pyotp.TOTP(b32encode(secret).decode()).at(seconds)
    assert code_at(secret, step_at(datetime.fromtimestamp(seconds, UTC))) == theirs


def test_a_code_is_good_once() -> None:
    totp, code = Totp(secret=SECRET), code_at(SECRET, step_at(NOON))
    spent = totp.accept(code, at=NOON)
    assert spent is not None
    assert spent.accept(code, at=NOON) is None


@pytest.mark.parametrize(("late", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(late: int, good: bool) -> None:
    code = code_at(SECRET, step_at(NOON + timedelta(seconds=late)))
    assert (Totp(secret=SECRET).accept(code, at=NOON) is not None) is good


def test_an_older_code_is_spent_with_a_later_one() -> None:
    spent = Totp(secret=SECRET).accept(code_at(SECRET, step_at(NOON) + 1), at=NOON)
    assert spent is not None
    assert spent.accept(code_at(SECRET, step_at(NOON)), at=NOON) is None


def test_its_secret_is_not_shown() -> None:
    assert "1234" not in repr(Totp(secret=SECRET))


@given(st.binary(min_size=14, max_size=40), st.integers(0, 4_000_000_000))
def test_a_key_shows_the_code_that_an_app_shows(secret: bytes, seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    key = b32encode(secret).decode().rstrip("=")
    assert code_now(f"{key[:4]} {key[4:].lower()}", at) == pyotp.TOTP(b32encode(secret).decode()).at(at)


@pytest.mark.parametrize("key", ["0189", "!", "ㄱㅁㅈ"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidText):
        code_now(key, NOON)
