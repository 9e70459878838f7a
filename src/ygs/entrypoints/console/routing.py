"""How every page is answered: who asks is authenticated, forms are checked, and errors become pages.

Written as a route class, so that no page can be added without it.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from traceback import extract_tb
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.types import Message, Receive

from ygs.application.actors import Permission
from ygs.domain.errors import N_, BadFile, InvalidToken, NotFound, SecondFactorNeeded, YgsError
from ygs.domain.ids import UserId
from ygs.domain.imports import MOST_SHEET_BYTES
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
from ygs.entrypoints.http.routes.signed_files import BODY_SECONDS, FORM_BYTES

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
    permissions: Sequence[Permission] = (Permission.OWN_ACCOUNT,)
    most_files = 0

    def get_route_handler(self) -> Handler:
        """The endpoint behind the sign-in, with errors as pages."""
        answer = super().get_route_handler()

        async def admitted(request: Request) -> Response:
            await _admit(request, self.permissions, self.most_files)
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

    permissions: Sequence[Permission] = (Permission.READ_MEMBERS,)


class SheetRoute(ConsoleRoute):
    """A page about imports, whose forms may hold a sheet: their size is limited here."""

    permissions = (Permission.READ_MEMBERS, Permission.IMPORT)
    most_files = 1

    def get_route_handler(self) -> Handler:
        """The endpoint, whose form is read within bounds."""
        answer = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            limited = Request(request.scope, _at_most(request.receive, MOST_SHEET_BYTES + FORM_BYTES))
            try:
                return await answer(limited)
            finally:
                await limited.close()

        return bounded


def _at_most(receive: Receive, most: int) -> Receive:
    """A `Receive` that raises `BadFile` once a body has more bytes, or does not arrive in time."""
    left = most

    async def counted() -> Message:
        nonlocal left
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
        except TimeoutError as error:
            raise BadFile(N_("the sheet did not arrive whole: send it again")) from error
        left -= len(message.get("body", b""))
        if left < 0:
            raise BadFile(N_("send a sheet of at most {most} MiB, and not an empty one"), most=MOST_SHEET_BYTES >> 20)
        return message

    return counted


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


async def _admit(request: Request, permissions: Sequence[Permission], most_files: int) -> None:
    request.state.visit = await authenticate(request)
    for permission in permissions:
        request.state.visit.actor.require(permission)
    if request.method == "POST":
        require_own_site(request)
        form = await request.form(max_files=most_files)
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


def sheet_router() -> APIRouter:
    """A router of pages about imports."""
    return APIRouter(prefix=ROOT, include_in_schema=False, route_class=SheetRoute)


def no_such_page() -> NotFound:
    """The error of an address that no page has."""
    return NotFound(N_("page"))
