"""Kakao as an identity provider: OAuth 2.0 with OpenID Connect, authorization code, PKCE and a nonce."""

import asyncio
import hashlib
import json
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from ygs.adapters.circuit_breaker import Breaker
from ygs.domain.accounts import Provider
from ygs.domain.errors import SignInRefused
from ygs.ports.authentication import Identity

KAKAO_URL = "https://kauth.kakao.com"
CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
KEYS_KEPT_SECONDS = 3600.0
KEYS_AGAIN_SECONDS = 60.0
_MOST_ANSWER = 64 * 1024
_MOST_TOKEN = 8 * 1024
_CLOCKS_DIFFER_SECONDS = 30
_SUBJECT = re.compile(r"[0-9]{1,20}")
_LEAST_KEY_BITS = 2048
_OTHERWISE = ", or sign in otherwise"


@dataclass(frozen=True, slots=True)
class KakaoApp:
    """The application at Kakao. `client_id`: its REST API key, the only accepted audience; `client_secret` where the
    console turns it on; `base`: in development, a server in place of Kakao, which may name itself as the issuer."""

    client_id: str
    redirect_uri: str
    client_secret: str = ""
    base: str = KAKAO_URL
    issuer: str = KAKAO_URL


class KakaoOauth:
    """`Kakao` over HTTPS. The secret goes to Kakao's address only, and no redirect is followed."""

    def __init__(self, app: KakaoApp, *, total: float = TOTAL_SECONDS) -> None:
        self._app = app
        self._total = total
        timeout = httpx.Timeout(total, connect=CONNECT_SECONDS)
        self._client = httpx.AsyncClient(base_url=app.base, timeout=timeout, follow_redirects=False)
        self._breaker = Breaker("Kakao", _OTHERWISE)
        self._keys = KeySet([])
        self._fetched = -KEYS_KEPT_SECONDS
        self._turn = asyncio.Lock()

    def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """The URL at Kakao to which the person is sent."""
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": self._app.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._app.base}/oauth/authorize?{urlencode(query)}"

    async def prove(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Exchange a code and return its identity."""
        if not code.isascii():
            raise SignInRefused
        self._breaker.require()
        try:
            async with asyncio.timeout(self._total):
                id_token = await self._exchange(code, verifier)
                identity = await self._verified(id_token, nonce)
        except SignInRefused:
            self._breaker.answered()
            raise
        except (httpx.HTTPError, TimeoutError, _Broken):
            # Without the cause: its request holds the secret and the person's code.
            raise self._breaker.failed() from None
        self._breaker.answered()
        return identity

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _exchange(self, code: str, verifier: str) -> str:
        """Exchange a code for an ID token. It does not retry, because Kakao accepts a code only once."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self._app.client_id,
            "redirect_uri": self._app.redirect_uri,
            "code": code,
            "code_verifier": verifier,
        } | ({"client_secret": self._app.client_secret} if self._app.client_secret else {})
        status, answer = await self._request("POST", "/oauth/token", form)
        if status != 200:
            # KOE320 and similar: the code is unknown, used, expired, or not for this verifier. KOE101 and KOE006 mean
            # wrong settings of the service, which is not the person's fault.
            if answer.get("error") == "invalid_grant":
                raise SignInRefused
            raise _Broken
        id_token = answer.get("id_token")
        if not isinstance(id_token, str) or len(id_token) > _MOST_TOKEN:
            raise _Broken
        return id_token

    async def _verified(self, id_token: str, nonce: str) -> Identity:
        """Verify signature, issuer, audience, times and nonce (OIDC Core 3.1.3.7), and return the identity."""
        try:
            header = jws.extract_compact(id_token.encode()).headers()
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str) or "crit" in header:
                raise SignInRefused
            key = await self._key(str(header["kid"]))
            claims = jwt.decode(id_token, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise SignInRefused from None
        if not self._is_ours(claims, nonce):
            raise SignInRefused
        return Identity(Provider.KAKAO, claims["sub"])

    def _is_ours(self, claims: Mapping[str, Any], nonce: str) -> bool:
        issued = claims.get("iat")
        expires = claims.get("exp")
        now = time.time()
        subject = claims.get("sub")
        return (
            claims.get("iss") in (self._app.issuer, self._app.base)
            and claims.get("aud") == self._app.client_id
            and claims.get("nonce") == nonce
            and isinstance(subject, str)
            and _SUBJECT.fullmatch(subject) is not None
            and type(issued) is int
            and type(expires) is int
            and issued <= now + _CLOCKS_DIFFER_SECONDS
            and now < expires
        )

    async def _key(self, kid: str) -> RSAKey:
        """Kakao's key with that id.

        Keys are fetched once an hour, and for an unknown id at most once a minute: Kakao blocks clients that ask more
        often, and anybody can make up an id.
        """
        async with self._turn:
            age = time.monotonic() - self._fetched
            known = {key.kid for key in self._keys.keys}
            if age >= KEYS_KEPT_SECONDS or (kid not in known and age >= KEYS_AGAIN_SECONDS):
                self._keys = await self._fetch_keys()
                self._fetched = time.monotonic()
        for key in self._keys.keys:
            if key.kid == kid and isinstance(key, RSAKey):
                return key
        raise SignInRefused

    async def _fetch_keys(self) -> KeySet:
        status, answer = await self._request("GET", "/.well-known/jwks.json")
        if status != 200:
            raise _Broken
        try:
            keys = [RSAKey.import_key(key) for key in answer["keys"] if key.get("kty") == "RSA" and key.get("kid")]
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise _Broken from None
        return KeySet([key for key in keys if key.public_key.key_size >= _LEAST_KEY_BITS])

    async def _request(
        self, method: str, path: str, form: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Send a request; returns the status and the JSON object of the response, of a bounded size."""
        async with self._client.stream(method, path, data=form) as response:
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MOST_ANSWER:
                    raise _Broken
        if response.status_code >= 500 or response.status_code == 429:
            raise _Broken
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise _Broken from None
        if not isinstance(answer, Mapping):
            raise _Broken
        return response.status_code, answer


class _Broken(Exception):
    """Kakao's response breaks its protocol."""
