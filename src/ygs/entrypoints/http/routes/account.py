"""One's own account: sessions, password, linked identities and the authenticator."""

from fastapi import Response

from ygs.application.accounts.email_change import EmailChangeStarted, EmailProof, EmailView, NewEmail
from ygs.application.accounts.identity_providers import FirebaseProof, KakaoProof, KakaoStart
from ygs.application.accounts.linked_identities import LinkedIdentitiesView
from ygs.application.accounts.passwords import PasswordChange
from ygs.application.accounts.phone_change import NewPhone, PhoneChangeStarted, PhoneProof, PhoneView
from ygs.application.accounts.second_factor import EnrolmentProof, EnrolmentView
from ygs.application.accounts.sessions import SessionView, TokenView
from ygs.domain.accounts import Provider
from ygs.entrypoints.http.dependencies import (
    Accounts,
    IfMatch,
    Origin,
    Page,
    SessionInPath,
    SignedIn,
    only_page,
    set_etag,
    use_cases,
)
from ygs.entrypoints.http.field_errors import also_checks
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/auth", tags=["account"], responses=refuses(*UNAUTHORISED, 503))


@router.post("/logout", status_code=204)
async def sign_out(actor: SignedIn, accounts: Accounts) -> None:
    """Sign out: end this session now."""
    await accounts.sessions.log_out(actor)


@router.get("/sessions")
async def list_sessions(actor: SignedIn, accounts: Accounts) -> Page[SessionView]:
    """List the sessions in which I am signed in, latest used first."""
    return only_page(await accounts.sessions.list(actor))


@router.delete("/sessions", status_code=204)
async def end_all_sessions(actor: SignedIn, accounts: Accounts) -> None:
    """Sign out on every device, this one included."""
    await accounts.sessions.end_all(actor)


@router.delete("/sessions/{id}", status_code=204, responses=refuses(404))
async def end_session(id: SessionInPath, actor: SignedIn, accounts: Accounts) -> None:
    """Sign out one device."""
    await accounts.sessions.end(actor, id)


@router.post("/password", responses=refuses(404, 409, 429))
@also_checks(lambda ygs, body: use_cases(ygs).passwords.errors_in(body))
async def change_password(request: PasswordChange, actor: SignedIn, accounts: Accounts, origin: Origin) -> TokenView:
    """Change my password. Every session ends; the tokens are this device's new ones. A first password needs a sign-in
    within the last 15 minutes."""
    return await accounts.passwords.change(actor, request, origin)


@router.post("/phone", responses=refuses(404, 409, 429))
async def change_phone(request: NewPhone, actor: SignedIn, accounts: Accounts, origin: Origin) -> PhoneChangeStarted:
    """Send a code to a new phone. The reply does not tell whether a member has that phone. Needs a sign-in within the
    last 15 minutes."""
    return await accounts.phones.begin(actor, request, origin)


@router.post("/phone/confirm", responses=refuses(404, 409))
@also_checks(lambda ygs, body: use_cases(ygs).phones.errors_in(body))
async def confirm_phone(
    proof: PhoneProof, actor: SignedIn, accounts: Accounts, version: IfMatch, response: Response
) -> PhoneView:
    """Replace my phone, with that code. Other devices are signed out, and the old phone gets a message."""
    view = await accounts.phones.confirm(actor, proof, version)
    set_etag(response, view.version)
    return view


@router.post("/email", responses=refuses(404, 429))
async def change_email(request: NewEmail, actor: SignedIn, accounts: Accounts, origin: Origin) -> EmailChangeStarted:
    """Send a code to a new e-mail address. The reply does not tell whether a member has that address."""
    return await accounts.emails.begin(actor, request, origin)


@router.post("/email/confirm", responses=refuses(404, 409))
async def confirm_email(
    proof: EmailProof, actor: SignedIn, accounts: Accounts, version: IfMatch, response: Response
) -> EmailView:
    """Replace my e-mail address, with that code."""
    view = await accounts.emails.confirm(actor, proof, version)
    set_etag(response, view.version)
    return view


@router.get("/linked-identities", responses=refuses(404))
async def list_linked_identities(actor: SignedIn, accounts: Accounts) -> LinkedIdentitiesView:
    """List the ways by which I can sign in."""
    return await accounts.linked_identities.list(actor)


@router.post("/link/firebase", responses=refuses(404, 409, 429))
async def link_firebase(
    proof: FirebaseProof, actor: SignedIn, accounts: Accounts, origin: Origin
) -> LinkedIdentitiesView:
    """Link a Firebase user, to sign in by it too. Needs a sign-in within the last 15 minutes."""
    return await accounts.linked_identities.firebase(actor, proof, origin)


@router.post("/link/kakao/start", responses=refuses(404, 429))
async def start_kakao_link(actor: SignedIn, accounts: Accounts, origin: Origin) -> KakaoStart:
    """Start linking a Kakao account: returns the URL to open. Needs a sign-in within the last 15 minutes."""
    return await accounts.linked_identities.start_kakao(actor, origin)


@router.post("/link/kakao", responses=refuses(404, 409))
async def link_kakao(proof: KakaoProof, actor: SignedIn, accounts: Accounts) -> LinkedIdentitiesView:
    """Link a Kakao account, to sign in by it too."""
    return await accounts.linked_identities.kakao(actor, proof)


@router.delete("/link/{provider}", responses=refuses(404, 409))
async def unlink_identity(provider: Provider, actor: SignedIn, accounts: Accounts) -> LinkedIdentitiesView:
    """Unlink a provider; the last way to sign in cannot be removed. Needs a sign-in within the last 15 minutes."""
    return await accounts.linked_identities.unlink(actor, provider)


@router.post("/authenticator", responses=refuses(404, 409))
async def enrol_authenticator(actor: SignedIn, accounts: Accounts) -> EnrolmentView:
    """Enrol an authenticator app: returns its secret, once. It is in force when confirmed. Needs a sign-in within the
    last 15 minutes."""
    return await accounts.second_factor.enrol(actor)


@router.post("/authenticator/confirm", responses=refuses(404, 409))
async def confirm_authenticator(
    proof: EnrolmentProof, actor: SignedIn, accounts: Accounts, origin: Origin
) -> TokenView:
    """Confirm the authenticator app with a code. Every session ends; the tokens include the second factor."""
    return await accounts.second_factor.confirm(actor, proof, origin)
