"""HTTP/1.1 connections with bounds: on the size of headers, on the time of arrival, and on connections that wait."""

import asyncio
import logging
import resource
import time
from enum import Enum
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ygs.entrypoints.http.problems import ADVICE, MEDIA_TYPE, REFUSED, TYPE, Problem

MOST_HEADER_BYTES = 64 * 1024
MOST_HEADER_FIELDS = 100
# From the first byte, or from the opening of a new connection, to the end of the headers.
HEADER_SECONDS = 10.0
# From there to the end of the body; routes wait less: 10 s for JSON, 60 s for files.
BODY_SECONDS = 75.0
# For the rest of a body that was refused already: closed at once, the client would lose the reply.
LINGER_SECONDS = 5.0
# Connections on which no request is being answered: idle ones, and those whose request is not there yet.
MOST_WAITING = 1_000
# File descriptors that connections leave to databases, logs and files.
SPARE_DESCRIPTORS = 64
SHORTAGE_LOGGED_EVERY = 10.0

_log = logging.getLogger("uvicorn.error")


class ConnectionStage(Enum):
    """How much of a request has arrived."""

    IDLE = 0
    HEADERS = 1
    BODY = 2
    REST = 3


_SECONDS = {
    ConnectionStage.HEADERS: HEADER_SECONDS,
    ConnectionStage.BODY: BODY_SECONDS,
    ConnectionStage.REST: LINGER_SECONDS,
}


class _TooManyFieldsError(Exception):
    """Ends the parsing of a request from inside a callback."""


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol over httptools, which joins the pieces of a header anew for every packet and so takes time
    that grows with the square of the header's size. Bytes are therefore counted before they are parsed."""

    _shortage_logged_at = float("-inf")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stage = self._watched = ConnectionStage.IDLE
        self._timer: asyncio.TimerHandle | None = None
        self._bytes_since_progress = 0
        self._fields = 0
        self._status = 400
        self.waiting_since = self.loop.time()

    @property
    def answering(self) -> bool:
        """Whether the reply to a request is not complete yet."""
        return bool(self.cycle) and not self.cycle.response_complete

    @property
    def waiting(self) -> bool:
        """Whether the connection is idle, or its request has not arrived in full."""
        return self._stage is not ConnectionStage.IDLE or not self.answering

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; the longest waiting one is closed when there are too many, or descriptors are short."""
        super().connection_made(transport)
        self._stage = ConnectionStage.HEADERS
        self._watch()
        short = self._descriptors_are_short()
        if short or len(self.connections) > MOST_WAITING:
            self._make_room(short=short)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stage = ConnectionStage.IDLE
        self._watch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, at most as much at a time as headers may hold."""
        if self._stage is ConnectionStage.IDLE:
            self._arrives(ConnectionStage.HEADERS)
        while data and not self.transport.is_closing():
            room = MOST_HEADER_BYTES - self._bytes_since_progress
            self._bytes_since_progress += min(room, len(data))
            super().data_received(data[:room])
            data = data[room:]
            if self._bytes_since_progress >= MOST_HEADER_BYTES:
                self._refuse(431)
        if self._stage is ConnectionStage.IDLE and not self.answering:
            # The rest of a refused body came after its reply, and with it uvicorn stopped its own timer.
            self._arrives(ConnectionStage.HEADERS)
        self._watch()

    def on_message_begin(self) -> None:
        """Count a new request's fields."""
        super().on_message_begin()
        self._fields = 0
        if self._stage is not ConnectionStage.HEADERS:
            self._arrives(ConnectionStage.HEADERS)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one behind a chunked body is counted and ignored, as the request is being answered by then."""
        self._fields += 1
        if self._fields > MOST_HEADER_FIELDS:
            self._status = 431
            raise _TooManyFieldsError
        if self._stage is ConnectionStage.HEADERS:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._arrives(ConnectionStage.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._bytes_since_progress = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        self._arrives(ConnectionStage.IDLE)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Give a body that is still arriving a short time to end."""
        super().on_response_complete()
        self.waiting_since = self.loop.time()
        if self._stage is ConnectionStage.BODY:
            self._stage = ConnectionStage.REST
            self._watch()

    def send_400_response(self, msg: str) -> None:
        """Refuse what could not be parsed."""
        self._refuse(self._status)

    def _arrives(self, stage: ConnectionStage) -> None:
        self._stage = stage
        self._bytes_since_progress = 0
        self.waiting_since = self.loop.time()

    def _watch(self) -> None:
        """Run the timer of the stage. A request that came in one piece needs none."""
        if self._stage is self._watched:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._watched = self._stage
        seconds = _SECONDS.get(self._stage)
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        if self._stage is ConnectionStage.HEADERS and self.answering:
            # A pipelined request, or a stray line break: the one before it is still being answered.
            self._watched = ConnectionStage.IDLE
            self._watch()
        elif self._stage is ConnectionStage.REST or (
            self._stage is ConnectionStage.HEADERS and self._bytes_since_progress == 0
        ):
            # It was answered already, or nothing was asked: a browser may open a connection ahead of need.
            self.transport.close()
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Answer with a problem, unless an answer has begun, and close."""
        if not self.transport.is_closing():
            if not self.answering or not self.cycle.response_started:
                self.transport.write(b"".join(_refusal(status, self.server_state.default_headers)))
            self.transport.close()

    def _descriptors_are_short(self) -> bool:
        """Whether few file descriptors are left: the lowest free one is always taken, so the number tells."""
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        opened = self.transport.get_extra_info("socket")
        short = limit != resource.RLIM_INFINITY and opened is not None and opened.fileno() > limit - SPARE_DESCRIPTORS
        now = time.monotonic()
        if short and now - BoundedProtocol._shortage_logged_at > SHORTAGE_LOGGED_EVERY:
            BoundedProtocol._shortage_logged_at = now
            _log.error(
                "File descriptors are running out: %d connections are open, and this process may open %d files. "
                "Waiting connections are closed, the longest waiting first. Raise the limit (ulimit -n, LimitNOFILE=).",
                len(self.connections),
                limit,
            )
        return short

    def _make_room(self, *, short: bool) -> None:
        waiting = [each for each in self.connections if isinstance(each, BoundedProtocol) and each.waiting]
        if short or len(waiting) > MOST_WAITING:
            # Aborted: a peer that reads nothing would hold a closing connection open.
            min(waiting, key=lambda each: each.waiting_since).transport.abort()


def _refusal(status: int, headers: list[tuple[bytes, bytes]]) -> list[bytes]:
    code, title = REFUSED[status]
    body = (
        Problem(type=TYPE + code, title=title, status=status, code=code, detail=ADVICE[status])
        .model_dump_json()
        .encode()
    )
    sent = [
        *headers,
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    return [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in sent), b"\r\n", body]
