"""People who join, in one line each."""

from typing import Any

from pydantic import SecretStr

from ygs.application.accounts.identity_providers import FirebaseProof, KakaoProof
from ygs.application.accounts.second_factor import EnrolmentProof
from ygs.application.accounts.sessions import TokenView
from ygs.application.accounts.sign_in import PasswordSignIn, SignInResult
from ygs.application.accounts.sign_up import OneTimeTokenSignUp, PhoneAndPassword
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.domain.totp import code_at, step_at
from ygs.domain.users import Purpose
from ygs.entrypoints.testing.accounts import AccountsKit

PHONE, OTHER_PHONE = "010-1234-5678", "010-8765-4321"
PASSWORD, OTHER_PASSWORD = "노란 우산 아래 고양이 세 마리", "green lamp beside seven rivers"
HOME, ELSEWHERE = ClientAddress("203.0.113.7", "phone"), ClientAddress("198.51.100.9", "laptop")
CONSENTS = {Purpose.TERMS: "2026-01", Purpose.PRIVACY: "2026-01"}


def newcomer(**changes: Any) -> dict[str, Any]:
    about = {"name": "김하늘", "gender": "female", "seeks": {"male"}, "birth_year": 1993, "consents": CONSENTS}
    return about | changes


async def join(
    kit: AccountsKit, phone: str = PHONE, password: str = PASSWORD, origin: ClientAddress = HOME
) -> TokenView:
    return await kit.join(PhoneAndPassword(phone=phone, password=SecretStr(password), **newcomer()), origin)


async def sign_in(
    kit: AccountsKit, phone: str = PHONE, password: str = PASSWORD, origin: ClientAddress = HOME
) -> SignInResult:
    return await kit.sign_in.by_password(PasswordSignIn(phone=phone, password=SecretStr(password)), origin)


async def actor(kit: AccountsKit, tokens: TokenView | None, origin: ClientAddress = HOME) -> Actor:
    assert tokens is not None
    return await kit.authentication.actor(tokens.access_token, origin)


async def join_by_kakao(kit: AccountsKit, subject: str, origin: ClientAddress = HOME) -> TokenView:
    view = await kit.sign_in.by_kakao(await kakao_proof(kit, subject), origin)
    assert view.one_time_token
    return await kit.up.with_token(
        OneTimeTokenSignUp(one_time_token=SecretStr(view.one_time_token), **newcomer()), origin
    )


async def kakao_proof(kit: AccountsKit, subject: str, linked_identities: Actor | None = None) -> KakaoProof:
    """There and back."""
    start = await (
        kit.linked_identities.start_kakao(linked_identities, HOME)
        if linked_identities
        else kit.sign_in.start_kakao(HOME)
    )
    state = start.authorize_url.partition("state=")[2].partition("&")[0]
    code = f"code-{len(kit.kakao.asked)}-{subject}"
    kit.kakao.subjects[code] = subject
    return KakaoProof(one_time_token=SecretStr(start.one_time_token), state=SecretStr(state), code=SecretStr(code))


def firebase_proof(kit: AccountsKit, subject: str, token: str = "") -> FirebaseProof:
    token = token or f"header.{subject}-{len(kit.firebase.subjects)}.signature"
    kit.firebase.subjects[token] = subject
    return FirebaseProof(id_token=SecretStr(token))


async def administrator(kit: AccountsKit, phone: str = "010-5555-0001") -> None:
    request = PhoneAndPassword(phone=phone, password=SecretStr(PASSWORD), **newcomer(name="이관리"))
    await kit.up.administrator(None, request)


async def enrolled(kit: AccountsKit, me: Actor) -> tuple[TokenView, bytes]:
    """Their authenticator's first tokens, and its secret."""
    await kit.second_factor.enrol(me)
    async with kit.storage.read() as tx:
        account = await tx.accounts.find(me.require_id())
    assert account is not None
    assert account.totp is not None
    secret = account.totp.secret
    return await kit.second_factor.confirm(me, EnrolmentProof(code=code(kit, secret)), HOME), secret


async def staff(kit: AccountsKit, phone: str = "010-5555-0001") -> tuple[TokenView, bytes]:
    """An administrator with an authenticator, and its secret."""
    await administrator(kit, phone)
    return await enrolled(kit, await actor(kit, (await sign_in(kit, phone)).tokens))


def code(kit: AccountsKit, secret: bytes) -> str:
    return code_at(secret, step_at(kit.clock.now()))
