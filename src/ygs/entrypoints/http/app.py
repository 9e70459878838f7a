"""The HTTP service: one FastAPI application over one ygs `Application`."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ygs.bootstrap import Application
from ygs.domain.errors import N_, Misconfigured
from ygs.entrypoints.console.cookies import ROOT as CONSOLE
from ygs.entrypoints.console.routers import ROUTERS as PAGES
from ygs.entrypoints.http import problems
from ygs.entrypoints.http.compression import Compression
from ygs.entrypoints.http.middleware import RequestMiddleware
from ygs.entrypoints.http.observability.request_log import PREFIX, RequestLog
from ygs.entrypoints.http.openapi.document import document_of
from ygs.entrypoints.http.routes import (
    account,
    admin_audit,
    admin_dashboard,
    admin_deliveries,
    admin_drafts,
    admin_exports,
    admin_files,
    admin_forecasts,
    admin_imports,
    admin_introductions,
    admin_jobs,
    admin_learning,
    admin_members,
    admin_memberships,
    admin_policy,
    admin_read_budgets,
    admin_reports,
    admin_saved_filters,
    admin_staff,
    admin_webhooks,
    admin_week_schedule,
    admin_weeks,
    auth,
    consultations,
    devices,
    documentation,
    files,
    introductions,
    me,
    meetings,
    notices,
    reports,
    service,
    signed_files,
    verification,
)

# FastAPI tries one router after another: the most used come first.
ROUTERS = (
    me,
    introductions,
    meetings,
    admin_members,
    service,
    auth,
    account,
    files,
    reports,
    notices,
    devices,
    consultations,
    verification,
    admin_files,
    admin_reports,
    admin_memberships,
    admin_dashboard,
    admin_weeks,
    admin_forecasts,
    admin_introductions,
    admin_jobs,
    admin_webhooks,
    admin_exports,
    admin_drafts,
    admin_imports,
    admin_learning,
    admin_policy,
    admin_week_schedule,
    admin_audit,
    admin_read_budgets,
    admin_saved_filters,
    admin_staff,
    admin_deliveries,
)

_ROUTERS: Sequence[tuple[str, APIRouter]] = (
    *((PREFIX, each.router) for each in ROUTERS),
    (PREFIX, meetings.staff_router),
    (PREFIX, consultations.staff_router),
    (PREFIX, consultations.feed_router),
    ("", documentation.router),
    (PREFIX, signed_files.router),
    ("", service.root_router),
    *(("", router) for router in PAGES),
)

_TITLE = "ygs"
_VERSION = "1"
_DESCRIPTION = """The backend of an introduction service. Sign in, send the access token as a bearer, and match on a
problem's `code`, never on its text: a 401 with `invalid_token` means refresh the token or sign in again, and any other
401 is about what was just entered. `title` and `detail` are for people, in the language of `Accept-Language` (ko or
en), and `faults` name the fields. Send the `ETag` of what was edited as `If-Match`, and an `Idempotency-Key` with
requests that make something. Times are UTC."""

# What a front end on another origin may send and read, besides what browsers always allow.
_CORS_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CORS_REQUEST_HEADERS = ("Authorization", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-ID")
_CORS_RESPONSE_HEADERS = (
    "ETag",
    "X-Request-ID",
    "Retry-After",
    "Content-Disposition",
    "Location",
    "Idempotent-Replayed",
    "RateLimit",
    "RateLimit-Policy",
)


def create(application: Application) -> FastAPI:
    """Make the service over an open application; its owner closes it after the service has stopped.

    `Misconfigured` when the extra `accounts` is not installed, because nobody could sign in.
    """
    if application.accounts is None:
        raise Misconfigured(N_("the service needs accounts: pip install 'ygs[accounts]'"))
    app = FastAPI(
        routes=list(_ROUTES),
        title=_TITLE,
        version=_VERSION,
        description=_DESCRIPTION,
        # `routes.documentation` serves it instead: in production to staff only.
        openapi_url=None,
        redirect_slashes=False,
        # FastAPI's own spans, logs and metrics hold paths and query strings; `RequestLog` holds routes.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.application = application
    app.state.accounts = application.accounts
    app.state.language = application.settings.language
    app.state.request_log = RequestLog()
    problems.install(app, _SERVED)
    app.openapi = _document  # type: ignore[method-assign]
    https = application.settings.in_production
    app.add_middleware(
        RequestMiddleware,
        request_log=app.state.request_log,
        https=https,
        raw=lambda path: path.startswith((f"{PREFIX}/files/", f"{CONSOLE}/imports/")),
        form=lambda path: path.startswith(f"{CONSOLE}/"),
        sign_below=application.signed_urls.sign_below if application.signed_urls else lambda _: None,
    )
    app.add_middleware(Compression)
    app.add_middleware(HeadAsGet)
    if root_path := application.settings.root_path:
        app.add_middleware(RootPath, root_path=root_path)
    if origins := application.settings.front_end_origins:
        # Outermost, so that a front end can read refusals of the middleware too, and preflight requests are not
        # counted. Without credentials: sessions have no cookies.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_CORS_METHODS,
            allow_headers=_CORS_REQUEST_HEADERS,
            expose_headers=_CORS_RESPONSE_HEADERS,
        )
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _routes() -> Sequence[BaseRoute]:
    """Every route, shared by all applications of the process: FastAPI takes 2 ms to build one, and builds it at the
    first request below its prefix. Use cases are replaced in `build`, so no application needs dependency overrides."""
    every = APIRouter(generate_unique_id_function=_operation_id)
    for prefix, router in _ROUTERS:
        every.include_router(router, prefix=prefix)
    return every.routes


def _served() -> Iterator[problems.ServedRoute]:
    """The paths of the routes, from the routers: asking FastAPI would build every route."""
    for prefix, router in _ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield problems.ServedRoute(prefix + route.path, route.endpoint, frozenset(route.methods or ()))


_ROUTES = _routes()
_SERVED = tuple(_served())


@cache
def _document() -> dict[str, Any]:
    return document_of(_ROUTES, title=_TITLE, version=_VERSION, description=_DESCRIPTION)


class RootPath:
    """Tells the service the path at which a proxy publishes it, whether the proxy takes that path off or not. Where it
    is mounted in another application, that one tells it."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app({**scope, "root_path": scope.get("root_path") or self._root_path}, receive, send)


class HeadAsGet:
    """Answers HEAD like GET without the body, as HTTP demands; uptime monitors send it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other methods pass unchanged."""
        if scope.get("method") != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)
