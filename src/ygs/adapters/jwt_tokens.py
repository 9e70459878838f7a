"""Access tokens: JWTs (RFC 7519) signed with HS256, profiled after RFC 9068 and read as RFC 8725 asks.

The library checks one thing, the signature, with the one algorithm and the one key that we name. Everything that a
token may say is checked here, since no library requires it: neither `typ` nor a single claim is mandatory to them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from ygs.domain.errors import N_, InvalidId, InvalidToken
from ygs.domain.ids import session_id, user_id
from ygs.ports.authentication import Access

KEY_BYTES = 32
_ALGORITHM = "HS256"
# Neither an ID token nor any other JWT of ours can be mistaken for an access token.
_TYPE = "at+jwt"
_MOST_LETTERS = 1024
_LEAST_DIFFERENT_BYTES = 12
_CLAIMS = frozenset({"iss", "aud", "sub", "sid", "gen", "jti", "iat", "exp"})
_HEADERS = frozenset({"alg", "typ", "kid"})
_LONGEST_SECONDS = 3600
_CLOCKS_DIFFER = timedelta(seconds=5)
_MOST_REMEMBERED = 4096


class WeakKey(ValueError):
    """A signing key that could be guessed: nothing starts with it."""


class JwtTokens:
    """`Tokens`. `keys`: name -> key of 32 bytes or more; the last one signs, all are accepted.

    To change keys: add the new one at the end, and take the old one away ten minutes later.
    """

    def __init__(self, keys: Mapping[str, bytes], *, issuer: str, audience: str) -> None:
        if not keys:
            raise WeakKey("there is no key to sign access tokens with: make one with `openssl rand -hex 32`")
        for name, key in keys.items():
            _require_strong(name, key)
        self._keys = {name: OctKey.import_key(key) for name, key in keys.items()}
        self._current = list(keys)[-1]
        self._issuer = issuer
        self._audience = audience
        # A client sends the same token for ten minutes, and whose it is does not change; whether it is good now does.
        self._verified = lru_cache(_MOST_REMEMBERED)(self._verify)

    def issue(self, access: Access) -> str:
        """The token that says so."""
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": access.user_id,
            "sid": access.session_id,
            "gen": access.generation,
            "jti": access.id,
            "iat": int(access.issued_at.timestamp()),
            "exp": int(access.expires_at.timestamp()),
        }
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": self._current}
        return jwt.encode(header, claims, self._keys[self._current], algorithms=[_ALGORITHM])

    def read(self, token: str, *, at: datetime) -> Access:
        """What a token of ours says, or `InvalidToken`."""
        try:
            return self._read(token, at)
        except (JoseError, InvalidId, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            # The library's messages quote the token.
            raise InvalidToken(N_("sign in again")) from None

    def _read(self, token: str, at: datetime) -> Access:
        access = self._verified(token)
        _require(access.issued_at - _CLOCKS_DIFFER <= at < access.expires_at)
        return access

    def _verify(self, token: str) -> Access:
        _require(len(token) <= _MOST_LETTERS)
        header = dict(jws.extract_compact(token.encode("ascii")).headers())
        _require(header.keys() == _HEADERS and header["alg"] == _ALGORITHM and header["typ"] == _TYPE)
        _require(isinstance(header["kid"], str))
        decoded = jwt.decode(token, self._keys[header["kid"]], algorithms=[_ALGORITHM])
        return self._checked(decoded.claims)

    def _checked(self, claims: Mapping[str, Any]) -> Access:
        # Exactly ours: nothing missing, and nothing we would have to understand.
        _require(claims.keys() == _CLAIMS)
        _require(claims["iss"] == self._issuer and claims["aud"] == self._audience)
        issued = claims["iat"]
        expires = claims["exp"]
        # `bool` is an int to Python, and a float or a string would compare.
        _require(type(issued) is int and type(expires) is int and isinstance(claims["jti"], str))
        generation = claims["gen"]
        _require(type(generation) is int and generation >= 0)
        _require(0 < expires - issued <= _LONGEST_SECONDS)
        return Access(
            user_id(_text(claims["sub"])),
            session_id(_text(claims["sid"])),
            _text(claims["jti"]),
            datetime.fromtimestamp(issued, UTC),
            datetime.fromtimestamp(expires, UTC),
            generation,
        )


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError


def _text(value: object) -> str:
    _require(isinstance(value, str) and bool(value))
    return str(value)


def _require_strong(name: str, key: bytes) -> None:
    if len(key) < KEY_BYTES:
        raise WeakKey(f"key {name} has fewer than {KEY_BYTES} bytes: make one with `openssl rand -hex 32`")
    # Chance gives 32 bytes about thirty different values; words, hex that was never decoded and counting give fewer.
    if len(set(key)) < _LEAST_DIFFERENT_BYTES or key.isascii():
        raise WeakKey(f"key {name} is not random bytes: make one with `openssl rand -hex 32`, and give the bytes")
