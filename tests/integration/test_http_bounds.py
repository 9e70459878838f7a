"""Endless, slow and half-open senders against a real server on this machine."""

import asyncio
import gc
import logging
import os
import resource
import socket
import threading
import time
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ygs.entrypoints.http import connection_limits
from ygs.entrypoints.http.connection_limits import BoundedProtocol


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body it got; under /early before it reads one."""
    request = Request(scope, receive)
    if request.url.path == "/slow":
        await asyncio.sleep(0.6)
    body = b"" if request.url.path == "/early" else await request.body()
    await PlainTextResponse(f"{request.url.path} {len(body)} {len(request.headers)}")(scope, receive, send)


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server with its own event loop, uvloop's as in production."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        config = uvicorn.Config(service, http=BoundedProtocol, ws="none", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: uvloop.run(server.serve([listening])))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = server.force_exit = True
        thread.join()


_opened: list[Writer] = []


async def opened(port: int) -> tuple[Reader, Writer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    _opened.append(writer)
    return reader, writer


@pytest.fixture(autouse=True)
async def close_connections() -> AsyncIterator[None]:
    yield
    while _opened:
        writer = _opened.pop()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def answered(reader: Reader, within: float = 5) -> bytes:
    """What came before the connection ended."""
    read = bytearray()
    async with asyncio.timeout(within):
        try:
            while piece := await reader.read(1 << 16):
                read += piece
        except ConnectionError:
            pass
    return bytes(read)


async def output_of(port: int, request: bytes, within: float = 5) -> bytes:
    reader, writer = await opened(port)
    writer.write(request)
    try:
        return await answered(reader, within)
    finally:
        writer.close()


async def alive(port: int) -> float:
    """How long the health check takes, in seconds."""
    began = time.monotonic()
    reply = await output_of(port, b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200"), reply
    return time.monotonic() - began


def sooner(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    changed = {connection_limits.ConnectionStage[name]: value for name, value in seconds.items()}
    monkeypatch.setattr(connection_limits, "_SECONDS", connection_limits._SECONDS | changed)


HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "a header's value": (HEAD + b"X-A: ", b"a" * 8192),
    "a header's name": (HEAD, b"a" * 8192),
    "an address": (b"GET /", b"a" * 8192),
    "many headers": (HEAD, b"".join(b"X-%d: %b\r\n" % (number, b"a" * 1000) for number in range(8))),
    "blank lines": (b"", b"\r\n" * 4096),
    "a trailer": (CHUNKED + b"1\r\na\r\n0\r\nX-A: ", b"a" * 8192),
    "an extension of a chunk": (CHUNKED + b"1;", b"a" * 8192),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_endless_headers_are_refused_early_and_others_are_answered_meanwhile(port: int, name: str) -> None:
    begin, piece = ENDLESS[name]
    _, writer = await opened(port)
    writer.write(begin)
    sent, slowest = 0, 0.0
    try:
        while sent < 64 * 1024 * 1024:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
            if sent % (16 * len(piece)) == 0:
                slowest = max(slowest, await alive(port))
    except ConnectionError:
        pass
    assert sent < 8 * 1024 * 1024
    assert slowest < 1
    writer.close()


async def test_headers_of_64_kib_are_the_limit(port: int) -> None:
    for size, status in ((60_000, b"200"), (66_000, b"431")):
        reply = await output_of(port, HEAD + b"X-A: " + b"a" * size + b"\r\n\r\n")
        assert reply.split(b" ")[1] == status
    assert b'"code":"headers_too_large"' in reply
    assert b"connection: close" in reply


async def test_a_hundred_headers_are_the_limit(port: int) -> None:
    for count, status in ((98, b"200"), (99, b"431")):
        reply = await output_of(port, HEAD + b"".join(b"X-%d: a\r\n" % each for each in range(count)) + b"\r\n")
        assert reply.split(b" ")[1] == status


async def test_a_large_body_behind_small_headers_passes_whole(port: int) -> None:
    body = os.urandom(3_000_000)
    head = b"POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert (await output_of(port, head + body)).endswith(b"/up 3000000 3")
    pieces = b"".join(b"3\r\nabc\r\n" for _ in range(30_000)) + b"0\r\nAuthorization: late\r\n\r\n"
    chunked = b"POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await output_of(port, chunked + pieces)).endswith(b"/up 90000 3")


async def test_pipelined_requests_are_all_answered(port: int) -> None:
    many = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n" * 50
    assert (await output_of(port, many + HEAD + b"\r\n")).count(b"200 OK") == 51


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nX-A: a", b"\r\n"])
async def test_headers_that_never_end_are_closed_in_time(
    port: int, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    sooner(monkeypatch, HEADERS=0.3)
    began = time.monotonic()
    reply = await output_of(port, begin)
    assert time.monotonic() - began < 2
    assert reply.startswith(b"HTTP/1.1 408" if begin else b"")
    assert bool(reply) is bool(begin)


async def test_a_byte_now_and_then_buys_no_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sooner(monkeypatch, HEADERS=0.4, BODY=0.4)
    for begin in (b"GET / HTTP/1.1\r\nX-A: ", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n"):
        reader, writer = await opened(port)
        writer.write(begin)
        began = time.monotonic()
        while not reader.at_eof() and time.monotonic() - began < 3:
            writer.write(b"a")
            await asyncio.sleep(0.05)
            if reader._buffer:  # type: ignore[attr-defined]
                break
        assert time.monotonic() - began < 2
        assert (await answered(reader)).startswith(b"HTTP/1.1 408")
        writer.close()


async def test_the_rest_of_a_body_that_was_answered_already_is_waited_for_briefly(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sooner(monkeypatch, REST=0.3, HEADERS=0.3)
    for rest in (b"aaa", b"a" * 10):
        reader, writer = await opened(port)
        writer.write(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        await reader.readuntil(b"/early 0 2")
        writer.write(rest)
        assert await answered(reader, 2) == b""
        writer.close()


async def test_a_slow_answer_is_not_taken_for_a_slow_request(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sooner(monkeypatch, HEADERS=0.2, BODY=0.2)
    reader, writer = await opened(port)
    writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    await asyncio.sleep(0.05)
    writer.write(b"\r\n")
    assert (await answered(reader)).endswith(b"/slow 0 2")
    writer.close()


async def test_of_too_many_waiting_connections_the_longest_waiting_is_closed(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "MOST_WAITING", 20)
    slow = asyncio.create_task(output_of(port, b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
    await asyncio.sleep(0.05)
    # The loop's clock has milliseconds: of connections of one moment any may count as the longest waiting.
    half_open = [await opened(port) for _ in range(40)]
    await asyncio.sleep(0.05)
    half_open += [await opened(port) for _ in range(20)]
    assert await alive(port) < 1
    await asyncio.sleep(0.05)
    ended = [reader.at_eof() or reader.exception() is not None for reader, _ in half_open]
    assert sum(ended[:40]) >= 39
    assert sum(ended[40:]) <= 2
    assert (await slow).endswith(b"/slow 0 2")
    for _, writer in half_open:
        writer.close()


def descriptors_up_to_the_highest() -> list[int]:
    """Take every file descriptor below the highest open one, and one above: earlier tests leave gaps."""
    gc.collect()
    highest = max(int(each.name) for each in Path("/dev/fd").iterdir())
    taken = [os.open(os.devnull, os.O_RDONLY)]
    while taken[-1] <= highest:
        taken.append(os.open(os.devnull, os.O_RDONLY))
    return taken


async def test_when_file_descriptors_run_out_the_log_says_so_and_others_are_answered(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    monkeypatch.setattr(BoundedProtocol, "_shortage_logged_at", float("-inf"))
    monkeypatch.setattr(connection_limits, "SPARE_DESCRIPTORS", 100)
    taken = descriptors_up_to_the_highest()
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken[-1] + 160, hard))
    half_open: list[tuple[Reader, Writer]] = []
    try:
        with caplog.at_level(logging.ERROR):
            half_open += [await opened(port) for _ in range(60)]
            assert await alive(port) < 1
        (told,) = [record for record in caplog.records if "descriptors" in record.message]
        assert "ulimit -n" in told.message
    finally:
        for _, writer in half_open:
            writer.close()
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    await asyncio.sleep(0.1)
    assert await alive(port) < 1


async def test_an_upgrade_is_answered_as_a_plain_request(port: int) -> None:
    for wanted in (b"websocket", b"h2c"):
        reply = await output_of(port, HEAD.replace(b"close", b"Upgrade, close") + b"Upgrade: " + wanted + b"\r\n\r\n")
        assert reply.startswith(b"HTTP/1.1 200")
