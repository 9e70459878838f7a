"""Signing in and out, the authenticator app, the language, and the files that pages load."""

from typing import Annotated

import segno
from fastapi import Form, Path, Query, Request, Response
from pydantic import SecretStr

from ygs.application.accounts.second_factor import EnrolmentProof
from ygs.application.accounts.sessions import TokenView
from ygs.application.accounts.sign_in import CodeSignIn, PasswordSignIn, SignInResult, SignInState
from ygs.domain.errors import N_, Forbidden, SignInRefused, TooManyAttempts
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Role
from ygs.entrypoints.console.cookies import LANGUAGE_COOKIE, forget_tokens, keep_tokens, root
from ygs.entrypoints.console.rendering import render, static_files
from ygs.entrypoints.console.routing import account_router, filled_in, go, no_such_page, own_page, public_router
from ygs.entrypoints.http.dependencies import Accounts, Origin

public = public_router()
router = account_router()

Next = Annotated[str, Form(max_length=500)]
_FOREVER = "public, max-age=31536000, immutable"
_YEAR_SECONDS = 365 * 24 * 60 * 60


@public.get("/static/{digest}/{name}")
async def read_static_file(
    digest: Annotated[str, Path(max_length=64)], name: Annotated[str, Path(max_length=64)]
) -> Response:
    """A file that pages load."""
    file = static_files().get(name)
    if file is None or file.digest != digest:
        raise no_such_page()
    return Response(file.content, headers={"Cache-Control": _FOREVER}, media_type=file.media_type)


@public.get("/sign-in")
async def show_sign_in(request: Request, next: Annotated[str, Query(max_length=500)] = "") -> Response:
    """The form to sign in."""
    return _form(request, next)


@public.post("/sign-in")
async def sign_in(
    request: Request,
    accounts: Accounts,
    origin: Origin,
    phone: Annotated[str, Form(max_length=40)],
    password: Annotated[SecretStr, Form(max_length=512)],
    next: Next = "",
) -> Response:
    """Sign in with phone and password; whoever has an authenticator is asked for its code next."""
    try:
        result = await accounts.sign_in.by_password(filled_in(PasswordSignIn, phone=phone, password=password), origin)
    except (SignInRefused, TooManyAttempts) as error:
        return _form(request, next, phone=phone, refused=error)
    return _signed_in(request, result, next)


@public.post("/sign-in/code")
async def sign_in_by_code(
    request: Request,
    accounts: Accounts,
    origin: Origin,
    one_time_token: Annotated[SecretStr, Form(max_length=200)],
    code: Annotated[str, Form(max_length=20)],
    next: Next = "",
) -> Response:
    """Complete a sign-in with the code that the authenticator shows."""
    digits = "".join(code.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return _code_form(request, next, one_time_token.get_secret_value(), wrong=True)
    try:
        proof = filled_in(CodeSignIn, one_time_token=one_time_token.get_secret_value(), code=digits)
        result = await accounts.sign_in.by_code(proof, origin)
    except (SignInRefused, TooManyAttempts) as error:
        return _form(request, next, refused=error)
    return _signed_in(request, result, next)


def _signed_in(request: Request, result: SignInResult, next: str) -> Response:
    if result.state is SignInState.SECOND_FACTOR_NEEDED:
        return _code_form(request, next, result.one_time_token or "")
    if result.tokens is None or result.tokens.role is Role.MEMBER:
        raise Forbidden(N_("the console is for staff: members use the app of the service"))
    return _enter(request, result.tokens, next)


def _enter(request: Request, tokens: TokenView, next: str) -> Response:
    """Open the page that was asked for; staff without an authenticator enrol one first."""
    response = go(request, f"{root(request)}/authenticator" if tokens.enrol_second_factor else own_page(request, next))
    keep_tokens(request, response, tokens)
    return response


def _form(request: Request, next: str, *, phone: str = "", refused: Exception | None = None) -> Response:
    status = 200 if refused is None else 401
    return render(request, "sign_in.html", status=status, next=next, phone=phone, refused=refused)


def _code_form(request: Request, next: str, one_time_token: str, *, wrong: bool = False) -> Response:
    status = 401 if wrong else 200
    return render(request, "code.html", status=status, next=next, one_time_token=one_time_token, wrong=wrong)


@public.post("/language")
async def choose_language(request: Request, language: Annotated[Language, Form()], next: Next = "") -> Response:
    """Show the console in another language from now on."""
    response = go(request, own_page(request, next))
    response.set_cookie(
        LANGUAGE_COOKIE, language.value, max_age=_YEAR_SECONDS, path=root(request), httponly=True, samesite="strict"
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request, accounts: Accounts) -> Response:
    """End this session."""
    await accounts.sessions.log_out(request.state.visit.actor)
    request.state.visit = None
    response = go(request, f"{root(request)}/sign-in")
    forget_tokens(request, response)
    return response


@router.get("/authenticator")
async def show_enrolment(request: Request) -> Response:
    """The page on which staff enrol an authenticator app."""
    return render(request, "authenticator.html", enrolment=None, picture="", wrong=False)


@router.post("/authenticator")
async def enrol_authenticator(request: Request, accounts: Accounts) -> Response:
    """Show the secret of a new authenticator, once."""
    enrolment = await accounts.second_factor.enrol(request.state.visit.actor)
    picture = segno.make(enrolment.uri, error="m").svg_data_uri(scale=4, border=2)
    return render(request, "authenticator.html", enrolment=enrolment, picture=picture, wrong=False)


@router.post("/authenticator/confirm")
async def confirm_authenticator(
    request: Request, accounts: Accounts, origin: Origin, code: Annotated[str, Form(pattern=r"^[0-9 ]{6,7}$")]
) -> Response:
    """Put the authenticator in force, and open the console."""
    proof = filled_in(EnrolmentProof, code="".join(code.split()))
    tokens = await accounts.second_factor.confirm(request.state.visit.actor, proof, origin)
    return _enter(request, tokens, "")
