"""The session of the console: the tokens of a sign-in in a cookie, and the token that protects forms.

The cookie holds the same access and refresh token that other clients keep. So a session ends where every other does:
after 30 minutes without use, after 12 hours, on sign-out, on a change of role or password.
"""

from dataclasses import dataclass
from hmac import compare_digest

from fastapi import Request, Response
from pydantic import SecretStr

from ygs.application.accounts.sessions import RefreshRequest, TokenView
from ygs.application.actors import Actor
from ygs.domain.errors import N_, Forbidden, InvalidToken
from ygs.entrypoints.http.dependencies import origin, use_cases

ROOT = "/console"
LANGUAGE_COOKIE = "ygs-console-language"
OUTCOME_COOKIE = "ygs-console-outcome"
CSRF_FIELD = "csrf"
_BETWEEN = "|"
_SECONDS = 12 * 60 * 60


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at a page. `csrf`: what each form sends back. `renewed`: new tokens for the cookie, if any."""

    actor: Actor
    csrf: str
    renewed: TokenView | None = None


async def authenticate(request: Request) -> Visit:
    """The visit of a request, by its cookie; `InvalidToken` without a live session.

    An access token that has expired is exchanged by the refresh token. Requests of one page that do so at once all get
    the same successor.
    """
    access, _, refresh = request.cookies.get(cookie_name(request), "").partition(_BETWEEN)
    if not access:
        raise InvalidToken(N_("sign in again"))
    accounts = use_cases(request.app.state.application)
    address = await origin(request)
    try:
        return _visit(request, await accounts.authentication.actor(access, address))
    except InvalidToken:
        renewed = await accounts.sessions.refresh(RefreshRequest(refresh_token=SecretStr(refresh)))
    return _visit(request, await accounts.authentication.actor(renewed.access_token, address), renewed)


def _visit(request: Request, actor: Actor, renewed: TokenView | None = None) -> Visit:
    secrets = use_cases(request.app.state.application).authentication.secrets
    return Visit(actor, secrets.keyed_hash("console form", actor.session or ""), renewed)


def require_own_form(visit: Visit, sent: str) -> None:
    """`Forbidden` unless a form was made by a page of this session."""
    if not compare_digest(visit.csrf.encode(), sent.encode()):
        raise Forbidden(N_("this form is of another session: load the page again and repeat"))


def require_own_site(request: Request) -> None:
    """`Forbidden` for a form that another site sends. Browsers tell it by Sec-Fetch-Site or else by Origin."""
    site = request.headers.get("sec-fetch-site")
    sender = request.headers.get("origin")
    own = site in ("same-origin", "none") if site else sender in (None, str(request.base_url).rstrip("/"))
    if not own:
        raise Forbidden(N_("this form is of another session: load the page again and repeat"))


def keep_tokens(request: Request, response: Response, tokens: TokenView) -> None:
    """Keep the tokens in the cookie, which no script can read and no other site can make a browser send."""
    response.set_cookie(
        cookie_name(request),
        f"{tokens.access_token}{_BETWEEN}{tokens.refresh_token}",
        max_age=_SECONDS,
        path=root(request),
        secure=_secure(request),
        httponly=True,
        samesite="strict",
    )


def forget_tokens(request: Request, response: Response) -> None:
    """Remove the cookie."""
    response.delete_cookie(
        cookie_name(request), path=root(request), secure=_secure(request), httponly=True, samesite="strict"
    )


def cookie_name(request: Request) -> str:
    """The name of the session's cookie. The prefix has the browser refuse it from a connection that is not HTTPS."""
    return "__Secure-ygs-console" if _secure(request) else "ygs-console"


def root(request: Request) -> str:
    """The path of the console, as the browser sees it."""
    return f"{request.scope.get('root_path', '')}{ROOT}"


def _secure(request: Request) -> bool:
    return request.url.scheme == "https" or request.app.state.application.settings.in_production
