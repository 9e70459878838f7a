"""Sign-in: signing up and in, refreshing, and a new password by a code."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.identity_providers import FirebaseProof, KakaoProof, KakaoStart
from ygs.application.accounts.passwords import PasswordForgotten, PasswordReset, ResetStarted
from ygs.application.accounts.sessions import RefreshRequest, TokenView
from ygs.application.accounts.sign_in import CodeSignIn, PasswordSignIn, SignInResult
from ygs.application.accounts.sign_up import OneTimeTokenSignUp, PasswordSignUp, PhoneToProve, SignUpStarted
from ygs.domain.users import REQUIRED_CONSENTS, Purpose
from ygs.entrypoints.http.dependencies import Accounts, Created, Origin, Ygs, use_cases
from ygs.entrypoints.http.field_errors import also_checks
from ygs.entrypoints.http.openapi.refusals import refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.settings import Settings


class ConsentText(BaseModel):
    """A consent that people may give. `version`: of the text to show now; null when the operator set none."""

    model_config = ConfigDict(frozen=True)

    purpose: Purpose
    required: bool = Field(description="Whether nobody can sign up without it.")
    version: str | None = Field(description="The version of the text to show now; null when none is set.")


class SignInOptions(BaseModel):
    """How people can sign in to this service, and what they are asked to agree to."""

    model_config = ConfigDict(frozen=True)

    methods: list[Literal["password", "firebase", "kakao"]] = Field(description="The ways of signing in that are on.")
    consents: list[ConsentText] = Field(description="One for each purpose.")

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The options that these settings offer."""
        on = {"password": True, "firebase": bool(settings.firebase_project), "kakao": bool(settings.kakao_client_id)}
        versions = settings.consent_versions
        consents = [
            ConsentText(purpose=each, required=each in REQUIRED_CONSENTS, version=versions.get(each))
            for each in Purpose
        ]
        return cls.model_validate({"methods": [name for name, is_on in on.items() if is_on], "consents": consents})


router = PrefixRouter(prefix="/auth", tags=["signing in"], responses=refuses(503))


@router.get("/options")
async def get_sign_in_options(ygs: Ygs) -> SignInOptions:
    """Return the ways of signing in that are on, and the consents with the versions of their present texts. Needs no
    sign-in."""
    return SignInOptions.of(ygs.settings)


@router.post("/signup/phone", responses=refuses(429))
async def start_sign_up(request: PhoneToProve, accounts: Accounts, origin: Origin) -> SignUpStarted:
    """Send a code to the phone with which somebody wants to sign up. The reply does not tell whether a member has that
    phone."""
    return await accounts.sign_up.start(request, origin)


@router.post("/signup", status_code=201, responses=refuses(401, 403, 409))
@also_checks(lambda ygs, body: use_cases(ygs).sign_up.errors_in(body))
async def sign_up(request: PasswordSignUp, accounts: Accounts, origin: Origin, created: Created) -> TokenView:
    """Sign up with a phone, the code that came to it, and a password. That a member has the phone already (409) is told
    only to who has that code."""
    created("/users/me")
    return await accounts.sign_up.by_password(request, origin)


@router.post("/signup/token", status_code=201, responses=refuses(401, 403, 409, 429))
@also_checks(lambda ygs, body: use_cases(ygs).sign_up.errors_in(body))
async def sign_up_with_token(
    request: OneTimeTokenSignUp, accounts: Accounts, origin: Origin, created: Created
) -> TokenView:
    """Sign up with the one-time token that a Firebase or Kakao sign-in returned for an unknown user."""
    created("/users/me")
    return await accounts.sign_up.with_token(request, origin)


@router.post("/login", responses=refuses(401, 429))
async def sign_in(request: PasswordSignIn, accounts: Accounts, origin: Origin) -> SignInResult:
    """Sign in with a phone and a password. Every refusal is the same, whatever is wrong."""
    return await accounts.sign_in.by_password(request, origin)


@router.post("/login/code", responses=refuses(401, 429))
async def sign_in_by_code(request: CodeSignIn, accounts: Accounts, origin: Origin) -> SignInResult:
    """Complete a sign-in with a code of the authenticator app."""
    return await accounts.sign_in.by_code(request, origin)


@router.post("/firebase", responses=refuses(401, 429))
async def sign_in_by_firebase(proof: FirebaseProof, accounts: Accounts, origin: Origin) -> SignInResult:
    """Sign in with a Firebase ID token, each once (`id_token_used` otherwise). An unknown user gets a one-time token to
    sign up with."""
    return await accounts.sign_in.by_firebase(proof, origin)


@router.post("/kakao/start", responses=refuses(429))
async def start_kakao_sign_in(accounts: Accounts, origin: Origin) -> KakaoStart:
    """Start a sign-in with Kakao: returns the URL to open."""
    return await accounts.sign_in.start_kakao(origin)


@router.post("/kakao/callback", responses=refuses(401))
async def sign_in_by_kakao(proof: KakaoProof, accounts: Accounts, origin: Origin) -> SignInResult:
    """Sign in with the code that Kakao sent back. An unknown user gets a one-time token to sign up with."""
    return await accounts.sign_in.by_kakao(proof, origin)


@router.post("/refresh", responses=refuses(401))
async def refresh_tokens(request: RefreshRequest, accounts: Accounts) -> TokenView:
    """Exchange a refresh token for new tokens. A refresh token that was used before ends its session."""
    return await accounts.sessions.refresh(request)


@router.post("/password/forgot", responses=refuses(429))
async def request_password_reset(request: PasswordForgotten, accounts: Accounts, origin: Origin) -> ResetStarted:
    """Send a code to the phone. The reply does not tell whether the phone is known."""
    return await accounts.passwords.request_reset(request, origin)


@router.post("/password/reset", responses=refuses(401))
@also_checks(lambda ygs, body: use_cases(ygs).passwords.errors_in(body))
async def reset_password(request: PasswordReset, accounts: Accounts, origin: Origin) -> SignInResult:
    """Set a new password with that code. Every session ends, and linked providers and a member's authenticator are
    removed."""
    return await accounts.passwords.reset(request, origin)
