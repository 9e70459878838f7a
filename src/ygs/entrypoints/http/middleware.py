"""The ASGI middleware in front of every route: request ids, limits on bodies, security headers, and a reply to every
unexpected error."""

import asyncio
import re
from collections.abc import Callable
from secrets import token_urlsafe
from time import perf_counter
from traceback import extract_tb

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ygs.application.rate_limits import RATE_LIMIT_STATE
from ygs.entrypoints.http.observability.request_log import RequestInfo, RequestLog, route_path
from ygs.entrypoints.http.problems import refusal

BODY_LIMIT = 64 * 1024
BODY_SECONDS = 10.0
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SAFE = [
    # Nearly every reply is about a person; the routes of others set their own.
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_ENCRYPTED_ONLY = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class RequestMiddleware:
    """`raw` tells whether a path takes a file instead of JSON; its route then limits the size itself. `form` tells
    whether it takes the form of a page. `sign_below` is told each request's root path."""

    def __init__(
        self,
        app: ASGIApp,
        request_log: RequestLog,
        *,
        https: bool,
        raw: Callable[[str], bool],
        form: Callable[[str], bool],
        sign_below: Callable[[str], object],
    ) -> None:
        self._app = app
        self._sign_below = sign_below
        self._request_log = request_log
        self._raw = raw
        self._form = form
        self._safe = [*_SAFE, _ENCRYPTED_ONLY] if https else _SAFE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other scopes pass unchanged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        began = perf_counter()
        sent_id = headers.get("x-request-id", "")
        # A client's own id is kept when it is plain, so that its logs and ours can be compared.
        request_id = sent_id if _REQUEST_ID.fullmatch(sent_id) else token_urlsafe(16)
        scope.setdefault("state", {})["request_id"] = request_id
        reply = _Reply(send, [(b"x-request-id", request_id.encode()), *self._safe])
        self._request_log.began()
        # Each request counts for itself, though one connection's requests may share a context.
        RATE_LIMIT_STATE.set(None)
        self._sign_below(scope.get("root_path", ""))
        try:
            await self._answer(scope, headers, receive, reply)
        finally:
            self._request_log.note(RequestInfo(scope, request_id, reply.status, perf_counter() - began))

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, reply: "_Reply") -> None:
        try:
            if self._raw(route_path(scope)) or _has_no_body(scope["method"], headers):
                await self._app(scope, receive, reply)
                return
            media_type = FORM if self._form(route_path(scope)) else JSON
            body = await _body(headers, receive, media_type)
            if isinstance(body, int):
                await refusal(scope, body)(scope, receive, reply)
                return
            await self._app(scope, _replayed(body, receive), reply)
        except Exception as error:  # noqa: BLE001 - the client gets a reply and the log a place, whatever it is
            self._request_log.broke(scope["state"]["request_id"], error, extract_tb(error.__traceback__))
            if reply.status is None:
                await refusal(scope, 500)(scope, receive, reply)


def _has_no_body(method: str, headers: Headers) -> bool:
    """Whether no body is announced. Nearly every request is like this, and none of them waits for one."""
    return method == "GET" and headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers


async def _body(headers: Headers, receive: Receive, media_type: str) -> bytes | int | None:
    """The whole body, or the status to refuse it with, or None when the client has disconnected.

    Bytes are counted as they come, because Content-Length may be missing or wrong.
    """
    if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")[:12]) > BODY_LIMIT:
        return 413
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while (message := await receive())["type"] == "http.request":
                body += message.get("body", b"")
                if len(body) > BODY_LIMIT:
                    return 413
                if not message.get("more_body"):
                    return 415 if body and _media_type(headers) != media_type else bytes(body)
    except TimeoutError:
        return 408
    return None


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _replayed(body: bytes | None, receive: Receive) -> Receive:
    """A `Receive` that gives the body that was read, and then further messages."""
    first: list[Message] = [
        {"type": "http.disconnect"} if body is None else {"type": "http.request", "body": body, "more_body": False}
    ]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay


def _rate_limit_headers() -> list[tuple[bytes, bytes]]:
    """How the client stands under the limit that it comes nearest to (draft-ietf-httpapi-ratelimit-headers)."""
    state = RATE_LIMIT_STATE.get()
    if state is None:
        return []
    policy = f'"{state.name}";q={state.most};w={state.seconds}'
    left = f'"{state.name}";r={state.remaining};t={state.reset}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]


class _Reply:
    """Sends a reply, with headers that every reply has unless its route sets them."""

    def __init__(self, send: Send, always: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._always = always
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] += _rate_limit_headers()
            present = {name for name, _ in message["headers"]}
            message["headers"] += [header for header in self._always if header[0] not in present]
        await self._send(message)
