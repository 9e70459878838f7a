"""Kakao's OAuth against a real server that plays Kakao, honestly and not."""

import asyncio
import hashlib
import time
import warnings
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from pydantic import SecretStr

from tests.support.http_server import Answer, ReceivedRequest, Web, serving, with_hmac
from ygs.adapters import circuit_breaker as breaker
from ygs.adapters.identities import kakao
from ygs.adapters.identities.kakao import KakaoApp, KakaoOauth
from ygs.application.accounts.identity_providers import KakaoProof
from ygs.application.accounts.sign_in import SignInState
from ygs.application.rate_limits import ClientAddress
from ygs.bootstrap import build
from ygs.domain.accounts import Provider
from ygs.domain.errors import SignInRefused, Unavailable
from ygs.ports.authentication import Identity
from ygs.settings import Settings

NONCE, VERIFIER, CODE = "nonce-of-this-start", "v" * 43, "code-1"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("kakao-1", "kakao-2"))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    SHORT_KEY = RSAKey.generate_key(1024, {"kid": "short"})


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    honest = {"iss": "https://kauth.kakao.com", "aud": "our-key", "sub": "4001", "iat": now, "exp": now + 21_599}
    mixed: dict[str, object] = honest | {"auth_time": now, "nonce": NONCE, "nickname": "하늘"} | changes
    return {name: value for name, value in mixed.items() if value is not ...}


def id_token(key: Any = KEY, alg: str = "RS256", head: dict[str, object] | None = None, **changes: object) -> str:
    header = {"alg": alg, "kid": key.kid} | (head or {})
    return jwt.encode({k: v for k, v in header.items() if v is not ...}, claims(**changes), key, algorithms=[alg])


class Kakao:
    """Plays Kakao: knows codes with their challenges, each once."""

    def __init__(self) -> None:
        self.codes = {CODE: CHALLENGE}
        self.keys: list[Any] = [KEY]
        self.token: Callable[[], str] = id_token

    def answer(self, asked: ReceivedRequest) -> Answer:
        path = urlsplit(asked.path).path
        if path == "/.well-known/jwks.json":
            return Answer(body=KeySet([*self.keys]).as_dict(private=False))
        if path == "/oauth/token":
            return self.exchange({name: values[0] for name, values in parse_qs(asked.body.decode()).items()})
        return Answer(404, {"msg": "not found", "code": -1})

    def exchange(self, form: dict[str, str]) -> Answer:
        if form.get("client_id") != "our-key" or form.get("client_secret") != "our-secret":
            return refusal("invalid_client", "KOE101", 401)
        if form.get("redirect_uri") != "https://ygs.test/kakao":
            return refusal("invalid_grant", "KOE303")
        challenge = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if challenge != urlsafe_b64encode(digest).decode().rstrip("="):
            return refusal("invalid_grant", "KOE320")
        return Answer(body={"access_token": "a", "token_type": "bearer", "id_token": self.token(), "expires_in": 21599})


def refusal(error: str, code: str, status: int = 400) -> Answer:
    return Answer(status, {"error": error, "error_description": "…", "error_code": code})


@pytest.fixture
def played() -> Kakao:
    return Kakao()


@pytest.fixture
def web(played: Kakao) -> Iterator[Web]:
    with serving(played.answer) as web:
        yield web


@pytest.fixture
async def oauth(web: Web) -> AsyncIterator[KakaoOauth]:
    app = KakaoApp("our-key", "https://ygs.test/kakao", client_secret="our-secret", base=web.url)
    oauth = KakaoOauth(app)
    yield oauth
    await oauth.close()


async def prove(oauth: KakaoOauth, code: str = CODE, nonce: str = NONCE, verifier: str = VERIFIER) -> Identity:
    return await oauth.prove(code=code, nonce=nonce, verifier=verifier)


async def test_an_honest_answer_says_who_it_is(oauth: KakaoOauth) -> None:
    assert await prove(oauth) == Identity(Provider.KAKAO, "4001")


async def test_the_person_is_sent_with_everything_but_the_verifier(oauth: KakaoOauth, web: Web) -> None:
    url = oauth.authorize_url(state="s", nonce=NONCE, verifier=VERIFIER)
    assert url.startswith(f"{web.url}/oauth/authorize?")
    assert {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} == {
        "client_id": "our-key",
        "redirect_uri": "https://ygs.test/kakao",
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        "nonce": NONCE,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


async def test_a_code_is_good_once_and_for_its_own_verifier(oauth: KakaoOauth, played: Kakao) -> None:
    await prove(oauth)
    with pytest.raises(SignInRefused):
        await prove(oauth)
    played.codes["code-2"] = CHALLENGE
    with pytest.raises(SignInRefused):
        await prove(oauth, "code-2", verifier="w" * 43)


@pytest.mark.parametrize("code", ["", "unknown", "한글", "\ud800", "a\x00b", "a&client_id=theirs", "x" * 512])
async def test_a_code_kakao_never_gave_is_refused(oauth: KakaoOauth, code: str) -> None:
    with pytest.raises(SignInRefused):
        await prove(oauth, code)


def forged_by_public_key() -> str:
    """RS256's public key as a HS256 secret: the classic confusion."""
    return with_hmac({"alg": "HS256", "kid": "kakao-1"}, claims(), KEY.as_pem(private=False))


def unsigned() -> str:
    _, body, _ = id_token().split(".")
    none = urlsafe_b64encode(b'{"alg":"none","kid":"kakao-1"}').decode().rstrip("=")
    return f"{none}.{body}."


NOW = int(time.time())
BAD_TOKENS: dict[str, Callable[[], str]] = {
    "nonce of another start": lambda: id_token(nonce="another"),
    "nonce missing": lambda: id_token(nonce=...),
    "nonce a list": lambda: id_token(nonce=[NONCE]),
    "audience of another app": lambda: id_token(aud="their-key"),
    "audience a list with ours": lambda: id_token(aud=["our-key", "their-key"]),
    "audience missing": lambda: id_token(aud=...),
    "issuer of another": lambda: id_token(iss="https://accounts.kakao.evil"),
    "issuer missing": lambda: id_token(iss=...),
    "expired": lambda: id_token(iat=NOW - 7200, exp=NOW - 1),
    "exp missing": lambda: id_token(exp=...),
    "exp a text": lambda: id_token(exp=str(NOW + 600)),
    "iat in the future": lambda: id_token(iat=NOW + 3600),
    "iat missing": lambda: id_token(iat=...),
    "subject missing": lambda: id_token(sub=...),
    "subject empty": lambda: id_token(sub=""),
    "subject a number": lambda: id_token(sub=4001),
    "subject not a number": lambda: id_token(sub="4001' OR 1=1"),
    "signed by another key": lambda: id_token(OTHER_KEY, head={"kid": "kakao-1"}),
    "signed by a key Kakao does not list": lambda: id_token(OTHER_KEY),
    "signed by a short key": lambda: id_token(SHORT_KEY),
    "alg RS512": lambda: id_token(alg="RS512"),
    "kid missing": lambda: id_token(head={"kid": ...}),
    "HS256 with the public key": forged_by_public_key,
    "alg none": unsigned,
    "signature cut": lambda: id_token()[:-10],
    "payload exchanged": lambda: ".".join((id_token().split(".")[0], *id_token(sub="1").split(".")[1:2], "x")),
    "not a token": lambda: "a.b.c",
    "Hangul": lambda: "가.나.다",
}


@pytest.mark.parametrize("case", BAD_TOKENS)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_a_bad_token_is_refused(oauth: KakaoOauth, played: Kakao, case: str) -> None:
    played.keys.append(SHORT_KEY)
    played.token = BAD_TOKENS[case]
    with pytest.raises(SignInRefused):
        await prove(oauth)


BAD_ANSWERS: dict[str, Answer] = {
    "no JSON": Answer(body=b"<html>"),
    "not UTF-8": Answer(body=b"\xff\xfe{"),
    "a list": Answer(body=[1]),
    "null": Answer(body=None),
    "no ID token": Answer(body={"access_token": "a"}),
    "ID token null": Answer(body={"id_token": None}),
    "ID token a number": Answer(body={"id_token": 1}),
    "a huge ID token": Answer(body={"id_token": "x" * 20_000}),
    "a huge answer": Answer(body={"id_token": "x", "more": "y" * 100_000}),
    "500": Answer(500, b"oops"),
    "429": Answer(429, {"error": "too many"}),
    "our settings are wrong": refusal("invalid_client", "KOE101", 401),
    "a redirect elsewhere": Answer(302, b"", {"location": "http://127.0.0.1:9/oauth/token"}),
    "deeply nested": Answer(body=b"[" * 60_000),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
async def test_a_bad_answer_is_nobodys_fault_who_signs_in(oauth: KakaoOauth, web: Web, case: str) -> None:
    web.answer = lambda asked: BAD_ANSWERS[case]
    with pytest.raises(Unavailable) as refused:
        await prove(oauth)
    assert refused.value.__suppress_context__
    assert "our-secret" not in str(refused.value)


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": [1]}, {"keys": [{"kty": "RSA", "kid": "kakao-1"}]}, []])
async def test_bad_keys_are_nobodys_fault_who_signs_in(
    oauth: KakaoOauth, web: Web, played: Kakao, keys: object
) -> None:
    web.answer = lambda asked: Answer(body=keys) if "jwks" in asked.path else played.answer(asked)
    with pytest.raises((Unavailable, SignInRefused)):
        await prove(oauth)


async def test_keys_are_fetched_once_and_for_unknown_names_not_again_at_once(
    oauth: KakaoOauth, web: Web, played: Kakao
) -> None:
    for number in range(5):
        played.codes[f"code-{number}"] = CHALLENGE
        await prove(oauth, f"code-{number}")
    played.token = lambda: id_token(OTHER_KEY)
    for number in range(5):
        played.codes[f"code-{number}"] = CHALLENGE
        with pytest.raises(SignInRefused):
            await prove(oauth, f"code-{number}")
    assert web.count("/.well-known/jwks.json") == 1


async def test_a_new_key_of_kakaos_is_found(
    oauth: KakaoOauth, web: Web, played: Kakao, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prove(oauth)
    monkeypatch.setattr(kakao, "KEYS_AGAIN_SECONDS", 0.0)
    played.codes[CODE], played.keys, played.token = CHALLENGE, [OTHER_KEY], lambda: id_token(OTHER_KEY)
    assert (await prove(oauth)).subject == "4001"
    assert web.count("/.well-known/jwks.json") == 2


async def test_a_kakao_that_hangs_is_not_waited_for_and_then_left_alone(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(asked: ReceivedRequest) -> Answer:
        time.sleep(0.5)
        return Answer()

    web.answer = hang
    oauth = KakaoOauth(KakaoApp("our-key", "https://ygs.test/kakao", base=web.url), total=0.05)
    started = time.monotonic()
    for _ in range(breaker.FAILURES):
        with pytest.raises(Unavailable):
            await prove(oauth)
    assert time.monotonic() - started < 2
    asked = len(web.asked)
    with pytest.raises(Unavailable):
        await prove(oauth)
    assert len(web.asked) == asked
    await oauth.close()


async def test_a_kakao_that_is_not_there_is_unavailable() -> None:
    oauth = KakaoOauth(KakaoApp("our-key", "https://ygs.test/kakao", base="http://127.0.0.1:9"), total=1.0)
    with pytest.raises(Unavailable):
        await prove(oauth)
    await oauth.close()


async def test_twenty_at_once_fetch_the_keys_once(oauth: KakaoOauth, web: Web, played: Kakao) -> None:
    played.codes |= {f"code-{number}": CHALLENGE for number in range(20)}
    await asyncio.gather(*(prove(oauth, f"code-{number}") for number in range(20)))
    assert web.count("/.well-known/jwks.json") == 1


@pytest.mark.parametrize("issuer", ["https://kauth.kakao.com", "its own"])
async def test_in_development_another_server_may_play_kakao(web: Web, played: Kakao, issuer: str) -> None:
    settings = Settings(
        _env_file=None,
        database_url=SecretStr("memory:"),
        kakao_client_id="our-key",
        kakao_client_secret=SecretStr("our-secret"),
        kakao_redirect_uri="https://ygs.test/kakao",
        kakao_base_url=f"{web.url}/",
    )
    async with build(settings) as ygs:
        assert ygs.accounts
        start = await ygs.accounts.sign_in.start_kakao(ClientAddress("192.0.2.1"))
        assert start.authorize_url.startswith(f"{web.url}/oauth/authorize?")
        sent = {name: values[0] for name, values in parse_qs(urlsplit(start.authorize_url).query).items()}
        played.codes[CODE] = sent["code_challenge"]
        iss = web.url if issuer == "its own" else issuer
        played.token = lambda: id_token(nonce=sent["nonce"], iss=iss)
        back = {"one_time_token": start.one_time_token, "state": sent["state"], "code": CODE}
        arrived = await ygs.accounts.sign_in.by_kakao(KakaoProof.model_validate(back), ClientAddress("192.0.2.1"))
    assert arrived.state is SignInState.SIGN_UP_NEEDED
