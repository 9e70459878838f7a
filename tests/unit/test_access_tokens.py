"""Access tokens after RFC 8725: whatever is wrong with one, it is refused, and says nothing."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.adapters.jwt_tokens import JwtTokens, WeakKey
from ygs.domain.errors import InvalidToken
from ygs.domain.ids import SessionId, UserId
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.authentication import Access

KEY, OTHER_KEY = hashlib.sha256(b"one").digest(), hashlib.sha256(b"two").digest()
TOKENS = JwtTokens({"2026-11": KEY}, issuer="ygs", audience="ygs-api")
NOW = int(NOON.timestamp())
ACCESS = Access(
    UserId(numbered("usr", 1)), SessionId(numbered("ses", 1)), "token-1", NOON, NOON + timedelta(minutes=10), 7
)
HEADER = {"alg": "HS256", "typ": "at+jwt", "kid": "2026-11"}
CLAIMS = {
    "iss": "ygs",
    "aud": "ygs-api",
    "sub": ACCESS.user_id,
    "sid": ACCESS.session_id,
    "gen": 7,
    "jti": "token-1",
    "iat": NOW,
    "exp": NOW + 600,
}


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: object = HEADER, claims: object = CLAIMS, key: bytes = KEY, how: str = "sha256") -> str:
    """A token with whatever we like, rightly signed."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    told = f"{b64(head)}.{b64(body)}"
    return f"{told}.{b64(hmac.digest(key, told.encode(), how))}"


def header(**changes: object) -> dict[str, object]:
    return {name: value for name, value in (HEADER | changes).items() if value is not ...}


def claims(**changes: object) -> dict[str, object]:
    return {name: value for name, value in (CLAIMS | changes).items() if value is not ...}


def test_what_is_issued_is_read() -> None:
    token = TOKENS.issue(ACCESS)
    assert TOKENS.read(token, at=NOON) == ACCESS
    assert TOKENS.read(signed(), at=NOON) == ACCESS


def stripped(token: str) -> str:
    return token.rpartition(".")[0] + "."


def respelled(token: str) -> str:
    """Another last letter that stands for the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


EXPIRED_AS_TEXT = signed(claims=claims(exp=str(NOW + 600)))
VECTORS: Mapping[str, str | Callable[[], str]] = {
    "alg none": stripped(signed(header(alg="none"))),
    "alg None": stripped(signed(header(alg="None"))),
    "alg none, signed": signed(header(alg="none")),
    "alg missing": signed(header(alg=...)),
    "alg a number": signed(header(alg=256)),
    "alg a list": signed(header(alg=["HS256"])),
    "alg HS384": signed(header(alg="HS384"), how="sha384"),
    "alg HS512": signed(header(alg="HS512"), how="sha512"),
    "alg RS256": signed(header(alg="RS256")),
    "alg lower case": signed(header(alg="hs256")),
    "signature missing": stripped(signed()),
    "signature of another key": signed(key=OTHER_KEY),
    "signature by an empty key": signed(key=b""),
    "signature cut": signed()[:-4],
    "signature respelled": respelled(signed()),
    "signature padded": signed() + "=",
    "kid foreign": signed(header(kid="2025-01")),
    "kid missing": signed(header(kid=...)),
    "kid a number": signed(header(kid=1)),
    "kid a path": signed(header(kid="../../dev/null")),
    "kid null": signed(header(kid=None)),
    "typ JWT": signed(header(typ="JWT")),
    "typ missing": signed(header(typ=...)),
    "typ of an ID token": signed(header(typ="id+jwt")),
    "jwk brought along": signed(header(jwk={"kty": "oct", "k": b64(OTHER_KEY)}), key=OTHER_KEY),
    "jku brought along": signed(header(jku="https://evil.invalid/keys")),
    "x5u brought along": signed(header(x5u="https://evil.invalid/cert")),
    "crit unknown": signed(header(crit=["exp"])),
    "payload not encoded (b64)": signed(header(b64=False, crit=["b64"])),
    "zip bomb": signed(header(zip="DEF")),
    "aud of another service": signed(claims=claims(aud="admin-api")),
    "aud missing": signed(claims=claims(aud=...)),
    "aud a list with ours": signed(claims=claims(aud=["ygs-api", "admin-api"])),
    "iss of another": signed(claims=claims(iss="evil")),
    "iss missing": signed(claims=claims(iss=...)),
    "exp missing": signed(claims=claims(exp=...)),
    "exp a text": EXPIRED_AS_TEXT,
    "exp a float": signed(claims=claims(exp=NOW + 600.0)),
    "exp true": signed(claims=claims(exp=True)),
    "exp now": signed(claims=claims(exp=NOW, iat=NOW - 600)),
    "exp in a thousand years": signed(claims=claims(exp=NOW + 31_556_952_000)),
    "exp beyond any date": signed(claims=claims(exp=10**30)),
    "exp NaN": signed(claims=json.dumps(claims(exp=float("nan"))).encode()),
    "iat missing": signed(claims=claims(iat=...)),
    "iat in an hour": signed(claims=claims(iat=NOW + 3600, exp=NOW + 4000)),
    "iat after exp": signed(claims=claims(iat=NOW + 3, exp=NOW + 2)),
    "sub missing": signed(claims=claims(sub=...)),
    "sub a number": signed(claims=claims(sub=1)),
    "sub of another kind": signed(claims=claims(sub=numbered("ses", 1))),
    "sub lower case": signed(claims=claims(sub=ACCESS.user_id.lower())),
    "sid missing": signed(claims=claims(sid=...)),
    "gen missing": signed(claims=claims(gen=...)),
    "gen a text": signed(claims=claims(gen="7")),
    "gen true": signed(claims=claims(gen=True)),
    "gen below zero": signed(claims=claims(gen=-1)),
    "jti missing": signed(claims=claims(jti=...)),
    "jti empty": signed(claims=claims(jti="")),
    "jti null": signed(claims=claims(jti=None)),
    "a claim too many": signed(claims=claims(admin=True)),
    "nbf in the future": signed(claims=claims(nbf=NOW + 60)),
    "claims a list": signed(claims=[1, 2]),
    "claims not JSON": signed(claims=b"{"),
    "claims not UTF-8": signed(claims=b'{"sub": "\xff"}'),
    "claims nested deeply": signed(claims=b"[" * 100_000 + b"]" * 100_000),
    "header a list": signed(header=[1]),
    "header not JSON": signed(header=b"{"),
    "oversize": signed(claims=claims(jti="x" * 100_000)),
    "nothing": "",
    "dots": "..",
    "four parts": f"{signed()}.x",
    "five parts, encrypted": "a.b.c.d.e",
    "JSON serialisation": json.dumps({"payload": "e30", "protected": "e30", "signature": "x"}),
    "Hangul": "가.나.다",
    "NUL": "\x00",
    "lone surrogate": "\ud800.a.b",
    "spaces around": f" {signed()} ",
    "a line break inside": signed().replace(".", "\n.", 1),
    "standard base64": signed(claims=claims(jti="~~~???>>>")).replace("-", "+").replace("_", "/") + "+/",
}


@pytest.mark.parametrize("vector", VECTORS)
def test_a_wrong_token_is_refused(vector: str) -> None:
    token = VECTORS[vector]
    assert isinstance(token, str)
    with pytest.raises(InvalidToken) as refused:
        TOKENS.read(token, at=NOON)
    assert str(refused.value) == "sign in again"
    assert refused.value.__suppress_context__


def test_there_are_enough_of_them() -> None:
    assert len(VECTORS) >= 30


@given(st.text())
def test_no_text_at_all_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        TOKENS.read(text, at=NOON)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_bit_can_be_changed(place: int, flip: int) -> None:
    token = bytearray(TOKENS.issue(ACCESS).encode())
    token[place % len(token)] ^= flip
    with pytest.raises(InvalidToken):
        TOKENS.read(token.decode("latin-1"), at=NOON)


def test_a_token_is_over_with_its_last_second() -> None:
    token = TOKENS.issue(ACCESS)
    TOKENS.read(token, at=NOON + timedelta(seconds=599))
    with pytest.raises(InvalidToken):
        TOKENS.read(token, at=NOON + timedelta(seconds=600))


def test_keys_change_without_anybody_noticing() -> None:
    both = JwtTokens({"2026-11": KEY, "2026-12": OTHER_KEY}, issuer="ygs", audience="ygs-api")
    later = JwtTokens({"2026-12": OTHER_KEY}, issuer="ygs", audience="ygs-api")
    assert both.read(TOKENS.issue(ACCESS), at=NOON) == ACCESS
    assert later.read(both.issue(ACCESS), at=NOON) == ACCESS
    with pytest.raises(InvalidToken):
        later.read(TOKENS.issue(ACCESS), at=NOON)


def test_a_key_does_not_sign_under_anothers_name() -> None:
    both = JwtTokens({"a": KEY, "b": OTHER_KEY}, issuer="ygs", audience="ygs-api")
    with pytest.raises(InvalidToken):
        both.read(signed(header(kid="a"), key=OTHER_KEY), at=NOON)


WEAK: list[dict[str, Any]] = [
    {},
    {"k": b""},
    {"k": KEY[:31]},
    {"k": bytes(32)},
    {"k": b"ab" * 16},
    {"k": b"secret secret secret secret secret"},
    {"k": KEY.hex().encode()},
    {"good": KEY, "k": b"changeme" * 8},
]


@pytest.mark.parametrize("keys", WEAK)
def test_weak_keys_refuse_to_start_and_are_not_shown(keys: dict[str, bytes]) -> None:
    with pytest.raises(WeakKey) as refused:
        JwtTokens(keys, issuer="ygs", audience="ygs-api")
    assert "openssl rand" in str(refused.value)
    assert "changeme" not in str(refused.value)
