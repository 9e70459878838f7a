"""How every page is answered: who asks is authenticated, forms are checked, and errors become pages.

Written as a route class, so that no page can be added without it.
"""

import re
from collections.abc import Callable, Coroutine
from traceback import extract_tb
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from ygs.application.actors import Permission
from ygs.domain.errors import N_, InvalidToken, NotFound, SecondFactorNeeded, YgsError
from ygs.domain.ids import UserId
from ygs.entrypoints.console.cookies import (
    CSRF_FIELD,
    ROOT,
    authenticate,
    keep_tokens,
    require_own_form,
    require_own_site,
    root,
)
from ygs.entrypoints.console.outcomes import leave_outcome
from ygs.entrypoints.console.rendering import is_partial, refuse
from ygs.entrypoints.http.problems import status_of

Form = TypeVar("Form", bound=BaseModel)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PublicRoute(APIRoute):
    """A page for anybody: signing in, and static files. Its forms must come from this site."""

    def get_route_handler(self) -> Handler:
        """The endpoint, with errors as pages."""
        answer = super().get_route_handler()

        async def checked(request: Request) -> Response:
            if request.method == "POST":
                require_own_site(request)
            return await answer(request)

        async def handle(request: Request) -> Response:
            return await _with_errors(request, checked)

        return handle


class AccountRoute(APIRoute):
    """A page for whoever is signed in, about themselves. The visit is in `request.state.visit` before the endpoint
    runs."""

    # What is needed to come in at all; each use case asks for its own besides.
    permission = Permission.OWN_ACCOUNT

    def get_route_handler(self) -> Handler:
        """The endpoint behind the sign-in, with errors as pages."""
        answer = super().get_route_handler()

        async def admitted(request: Request) -> Response:
            await _admit(request, self.permission)
            return await answer(request)

        async def handle(request: Request) -> Response:
            request.state.visit = None
            response = await _with_errors(request, admitted)
            if request.state.visit and request.state.visit.renewed:
                keep_tokens(request, response, request.state.visit.renewed)
            return response

        return handle


class ConsoleRoute(AccountRoute):
    """A page for staff."""

    permission = Permission.READ_MEMBERS


async def _with_errors(request: Request, answer: Handler) -> Response:
    try:
        return await answer(request)
    except InvalidToken:
        return to_sign_in(request)
    except SecondFactorNeeded:
        return go(request, f"{root(request)}/authenticator")
    except YgsError as error:
        return refuse(request, status_of(error), error)
    except RequestValidationError:
        return refuse(request, 422)
    except Exception as error:  # noqa: BLE001 - a page for people, and the log a place, whatever it is
        request.app.state.request_log.broke(request.state.request_id, error, extract_tb(error.__traceback__))
        return refuse(request, 500)


async def _admit(request: Request, permission: Permission) -> None:
    request.state.visit = await authenticate(request)
    request.state.visit.actor.require(permission)
    if request.method == "POST":
        require_own_site(request)
        form = await request.form(max_files=0)
        require_own_form(request.state.visit, str(form.get(CSRF_FIELD, "")))


def to_sign_in(request: Request) -> Response:
    """Send the browser to the sign-in, from where it comes back to the page it was at."""
    path = request.url.path if request.method == "GET" else f"{root(request)}/"
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return go(request, f"{root(request)}/sign-in?next={quote(path + query)}")


def go(request: Request, url: str, outcome: str = "", member: UserId | None = None) -> Response:
    """Have the browser open another page, after a form as well as from htmx. `outcome`: what that page says was done,
    to `member`."""
    response = Response(headers={"HX-Redirect": url}) if is_partial(request) else RedirectResponse(url, 303)
    if outcome:
        leave_outcome(request, response, outcome, member)
    return response


def filled_in(model: type[Form], **fields: object) -> Form:
    """The request that a form holds; `RequestValidationError` where its own rules refuse a field."""
    try:
        return model(**fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from error


def own_page(request: Request, path: str) -> str:
    """The address of a page of the console, from its whole path or the part below the root; the first page for an
    address that is none."""
    home = f"{root(request)}/"
    below = path.removeprefix(home)
    plain = re.fullmatch("[0-9A-Za-z_./?=&%-]*", below) is not None
    return f"{home}{below}" if plain and not below.startswith("/") else home


def public_router() -> APIRouter:
    """A router of pages for anybody."""
    return APIRouter(prefix=ROOT, include_in_schema=False, route_class=PublicRoute)


def account_router() -> APIRouter:
    """A router of pages for whoever is signed in, about themselves."""
    return APIRouter(prefix=ROOT, include_in_schema=False, route_class=AccountRoute)


def staff_router() -> APIRouter:
    """A router of pages for staff."""
    return APIRouter(prefix=ROOT, include_in_schema=False, route_class=ConsoleRoute)


def no_such_page() -> NotFound:
    """The error of an address that no page has."""
    return NotFound(N_("page"))
