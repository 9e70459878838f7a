"""Firebase's own SDK against local servers: unsigned tokens as of its emulator, and the real RS256 path."""

import json
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from tests.support.http_server import Answer, ReceivedRequest, Web, serving, with_hmac
from ygs.adapters.identities.firebase import EMULATOR, FirebaseTokens
from ygs.application.accounts.identity_providers import FirebaseProof
from ygs.application.accounts.sign_in import SignInState
from ygs.application.rate_limits import ClientAddress
from ygs.bootstrap import build
from ygs.domain.accounts import Provider
from ygs.domain.errors import Misconfigured, SignInRefused, Unavailable
from ygs.ports.authentication import Identity
from ygs.settings import Settings

PROJECT = "demo-ygs"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("firebase-1", "firebase-2"))


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    mixed: dict[str, object] = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "uid-1",
        "user_id": "uid-1",
        "iat": now - 1,
        "exp": now + 3600,
        "auth_time": now - 1,
        "phone_number": "+821012345678",
        "firebase": {"identities": {}, "sign_in_provider": "phone"},
    } | changes
    return {name: value for name, value in mixed.items() if value is not ...}


def signed(key: Any = KEY, alg: str = "RS256", head: dict[str, object] | None = None, **changes: object) -> str:
    header = {"alg": alg, "kid": key.kid, "typ": "JWT"} | (head or {})
    return jwt.encode({k: v for k, v in header.items() if v is not ...}, claims(**changes), key, algorithms=[alg])


def unsigned(**changes: object) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims(**changes))
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def certificate(key: RSAKey) -> str:
    """As Google publishes its keys: self-signed, by kid."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken.test")])
    now, private = datetime.now(UTC), key.private_key
    assert isinstance(private, rsa.RSAPrivateKey)
    made = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return made.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


CERTIFICATES = {"firebase-1": certificate(KEY)}


class Google:
    """Plays certificates, tokens for our service account, and the users of the project."""

    def __init__(self) -> None:
        self.user: dict[str, object] = {"localId": "uid-1", "validSince": "0", "disabled": False}
        self.there = True

    def answer(self, asked: ReceivedRequest) -> Answer:
        if asked.path.endswith("/certs"):
            return Answer(body=CERTIFICATES, headers={"cache-control": "max-age=3600"})
        if asked.path.endswith("/token"):
            return Answer(body={"access_token": "ours", "expires_in": 3600, "token_type": "Bearer"})
        if asked.path.endswith("accounts:lookup"):
            return Answer(body={"users": [self.user]} if self.there else {})
        return Answer(404, {"error": {"message": "NOT_FOUND"}})


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def web(google: Google) -> Iterator[Web]:
    with serving(google.answer) as web:
        yield web


@pytest.fixture
async def emulated(web: Web, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FirebaseTokens]:
    monkeypatch.setenv(EMULATOR, web.url.removeprefix("http://"))
    made = FirebaseTokens(PROJECT, emulator=True, total=3.0)
    yield made
    await made.close()


@pytest.fixture
async def real(web: Web, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FirebaseTokens]:
    """Exactly what production runs, with Google's three addresses pointing here."""
    from firebase_admin import _token_gen, _user_mgt

    monkeypatch.delenv(EMULATOR, raising=False)
    monkeypatch.setattr(_token_gen, "ID_TOKEN_CERT_URI", f"{web.url}/certs")
    monkeypatch.setattr(_user_mgt.UserManager, "ID_TOOLKIT_URL", f"{web.url}/v1")
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "client_email": "ygs@demo-ygs.test",
        "private_key": OTHER_KEY.as_pem(private=True).decode(),
        "private_key_id": "1",
        "token_uri": f"{web.url}/token",
    }
    made = FirebaseTokens(PROJECT, account, total=3.0)
    yield made
    await made.close()


async def test_an_unsigned_token_is_good_where_the_emulator_is_meant(emulated: FirebaseTokens) -> None:
    assert await emulated.prove(unsigned()) == Identity(Provider.FIREBASE, "uid-1")


def test_the_emulators_variable_must_be_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EMULATOR, "127.0.0.1:9099")
    with pytest.raises(Misconfigured, match=f"{EMULATOR} is set.*YGS_FIREBASE_EMULATOR=true"):
        FirebaseTokens(PROJECT)


async def test_the_emulator_needs_no_variable_where_it_listens_as_usual(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As .env.example says: two settings, and nothing in the environment."""
    monkeypatch.delenv(EMULATOR, raising=False)
    monkeypatch.setattr("ygs.adapters.identities.firebase.EMULATOR_HOST", web.url.removeprefix("http://"))
    settings = Settings(
        _env_file=None, database_url=SecretStr("memory:"), firebase_project=PROJECT, firebase_emulator=True
    )
    async with build(settings) as ygs:
        assert ygs.accounts
        proof = FirebaseProof(id_token=SecretStr(unsigned()))
        arrived = await ygs.accounts.sign_in.by_firebase(proof, ClientAddress("192.0.2.1"))
        assert arrived.state is SignInState.SIGN_UP_NEEDED
    assert EMULATOR not in os.environ


async def test_the_variable_set_later_makes_no_unsigned_token_good(
    real: FirebaseTokens, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EMULATOR, web.url.removeprefix("http://"))
    with pytest.raises(Unavailable):
        await real.prove(unsigned())


@pytest.mark.parametrize("identity_provider", ["phone", "google.com", "apple.com"])
async def test_a_signed_token_is_good(real: FirebaseTokens, web: Web, identity_provider: str) -> None:
    token = signed(firebase={"sign_in_provider": identity_provider})
    assert await real.prove(token) == Identity(Provider.FIREBASE, "uid-1")
    assert web.count("/certs") == 1
    lookups = [each for each in web.asked if each.path.endswith("accounts:lookup")]
    assert [each.headers.get("authorization") for each in lookups] == ["Bearer ours"]


def confused() -> str:
    return with_hmac({"alg": "HS256", "kid": "firebase-1"}, claims(), CERTIFICATES["firebase-1"].encode())


NOW = int(time.time())
BAD: dict[str, Callable[[], str]] = {
    "unsigned": unsigned,
    "signed by another": lambda: signed(OTHER_KEY),
    "signed by another under a known name": lambda: signed(OTHER_KEY, head={"kid": "firebase-1"}),
    "HS256 with the certificate": confused,
    "alg RS512": lambda: signed(alg="RS512"),
    "kid missing": lambda: signed(head={"kid": ...}),
    "audience of another project": lambda: signed(aud="other-project"),
    "issuer of another project": lambda: signed(iss="https://securetoken.google.com/other"),
    "expired": lambda: signed(iat=NOW - 7200, exp=NOW - 60),
    "issued in the future": lambda: signed(iat=NOW + 3600, exp=NOW + 7200),
    "exp missing": lambda: signed(exp=...),
    "subject missing": lambda: signed(sub=...),
    "subject empty": lambda: signed(sub=""),
    "subject too long": lambda: signed(sub="x" * 129),
    "subject a number": lambda: signed(sub=1),
    "anonymous": lambda: signed(firebase={"sign_in_provider": "anonymous"}),
    "custom": lambda: signed(firebase={"sign_in_provider": "custom"}),
    "password, which we do not take": lambda: signed(firebase={"sign_in_provider": "password"}),
    "of a tenant": lambda: signed(firebase={"sign_in_provider": "phone", "tenant": "other"}),
    "provider missing": lambda: signed(firebase=...),
    "cut": lambda: signed()[:-10],
    "empty": lambda: "",
    "not a token": lambda: "a.b.c",
    "Hangul": lambda: "가.나.다",
    "nested deeply": lambda: f"{urlsafe_b64encode(b'[' * 5000).decode()}.e30.x",
    "lone surrogate": lambda: "\ud800.b.c",
}


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_token_is_refused_and_not_quoted(real: FirebaseTokens, case: str) -> None:
    with pytest.raises(SignInRefused) as refused:
        await real.prove(BAD[case]())
    assert str(refused.value) == str(SignInRefused())
    assert refused.value.__context__ is None or refused.value.__suppress_context__


async def test_a_revoked_token_a_disabled_and_a_deleted_user_are_refused(real: FirebaseTokens, google: Google) -> None:
    google.user["validSince"] = str(NOW + 3600)
    with pytest.raises(SignInRefused):
        await real.prove(signed())
    google.user |= {"validSince": "0", "disabled": True}
    with pytest.raises(SignInRefused):
        await real.prove(signed())
    google.there = False
    with pytest.raises(SignInRefused):
        await real.prove(signed())


@pytest.mark.parametrize("path", ["/certs", "/token", "accounts:lookup"])
async def test_without_google_nobody_gets_in(real: FirebaseTokens, web: Web, google: Google, path: str) -> None:
    web.answer = lambda asked: Answer(404, b"gone") if asked.path.endswith(path) else google.answer(asked)
    with pytest.raises(Unavailable):
        await real.prove(signed())


async def test_a_google_that_hangs_is_not_waited_for_and_then_left_alone(
    web: Web, google: Google, real: FirebaseTokens
) -> None:
    def hang(asked: ReceivedRequest) -> Answer:
        time.sleep(0.4)
        return google.answer(asked)

    web.answer, real._total = hang, 0.05
    for _ in range(5):
        with pytest.raises(Unavailable):
            await real.prove(signed())
    asked, started = len(web.asked), time.monotonic()
    with pytest.raises(Unavailable):
        await real.prove(signed())
    assert time.monotonic() - started < 0.05
    assert len(web.asked) <= asked + 1
