"""The HTTP service: one FastAPI application over one ygs `Application`."""

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ygs.bootstrap import Application
from ygs.domain.errors import N_, Unavailable
from ygs.entrypoints.http import problems as errors
from ygs.entrypoints.http.middleware import RequestMiddleware
from ygs.entrypoints.http.observability.requests import PREFIX, RequestLog
from ygs.entrypoints.http.openapi import document as openapi
from ygs.entrypoints.http.routes import (
    account,
    admin_audit,
    admin_files,
    admin_members,
    admin_reports,
    admin_weeks,
    documentation,
    files,
    me,
    reports,
    service,
)
from ygs.entrypoints.http.routes import auth as sign_in
from ygs.entrypoints.http.routes import introductions as match
from ygs.entrypoints.http.routes import signed_files as file_desk

# Routes are tried one after another: first those that are asked for most.
ROUTERS = (
    me,
    match,
    admin_members,
    service,
    sign_in,
    account,
    files,
    reports,
    admin_files,
    admin_reports,
    admin_weeks,
    admin_audit,
)

_ABOUT = """The backend of an introduction service. Sign in, send the access token as a bearer, and match on a
problem's `code`, never on its words: of the 401s `invalid_token` asks for a refresh or for signing in again, and every
other one is about what was just entered. Titles and details are for people, in the language of `Accept-Language` (ko or
en), and `faults` name the fields. Edits take the `ETag` of what was edited as `If-Match`; requests that make something
take an `Idempotency-Key`. Times are UTC."""

# What a front end on another origin may send and read, besides what browsers always allow.
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SENT = ("Authorization", "If-Match", "Idempotency-Key", "X-Request-ID")
_READ = ("ETag", "X-Request-ID", "Retry-After", "Content-Disposition")


def create(application: Application) -> FastAPI:
    """The service over an open application, whose owner closes it after the service has stopped.

    `Unavailable` when the extra `accounts` is not installed: without it nobody could sign in.
    """
    if application.accounts is None:
        raise Unavailable(N_("the service needs accounts: pip install 'ygs[accounts]'"))
    app = FastAPI(
        title="ygs",
        version="1",
        description=_ABOUT,
        # Ours, which know who is staff: see `documentation`.
        openapi_url=None,
        redirect_slashes=False,
        # FastAPI's own spans, logs and figures hold paths and query strings; ours hold routes.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        generate_unique_id_function=_name,
    )
    app.state.application, app.state.accounts = application, application.accounts
    app.state.language, app.state.observer = application.settings.language, RequestLog()
    for each in ROUTERS:
        app.include_router(each.router, prefix=PREFIX)
    app.include_router(documentation.machinery)
    app.include_router(file_desk.machinery, prefix=PREFIX)
    app.include_router(service.machinery)
    errors.install(app)
    openapi.install(app)
    https = application.settings.in_production
    app.add_middleware(
        RequestMiddleware,
        observer=app.state.observer,
        https=https,
        raw=lambda path: path.startswith(f"{PREFIX}/files/"),
    )
    app.add_middleware(HeadAsGet)
    if origins := application.settings.front_end_origins:
        # Around the guards: what they refuse can be read by a front end too, and a browser's question whether it may
        # ask is no request to count. No credentials: nobody is signed in by a cookie here.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_READ,
        )
    return app


class HeadAsGet:
    """Answers HEAD as GET without the body, as every server must: watchers of services ask like this."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; all but HEAD pass as they are."""
        if scope.get("method") != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


def _name(route: APIRoute) -> str:
    return route.name
