"""Sentry and OpenTelemetry by their own libraries, to servers on this machine: nothing personal arrives, and one that
does not answer is nobody's concern but its own."""

import gzip
import logging
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import httpx
import pytest

from tests.integration.test_http_serving import free_port, running
from tests.support.databases import migrated_sqlite
from tests.support.http import PASSWORD, World, served
from tests.support.http_server import Answer, Web, serving
from ygs.application.members.profile import Members
from ygs.entrypoints.http.observability.exporters import exporters
from ygs.entrypoints.testing.builders import a_user

pytest.importorskip("sentry_sdk")
pytest.importorskip("opentelemetry.sdk")

ROUTE = "/api/v1/users/me/profile"
PATHS = {"/api/1/envelope/", "/v1/traces"}
# Spelled backwards: Sentry shows the lines of code around an error, and these among them.
NAME, WORD = "아리나카"[::-1], "yranac"[::-1]


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(lambda asked: Answer(200)) as web:
        yield web


def dsn(url: str) -> str:
    return f"http://key@{urlparse(url).netloc}/1"


async def break_something(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request full of what is private meets an error that quotes it, and one that quotes it behind that."""
    user = a_user(1, name=NAME)
    await world.add("owner", user)

    async def broken(self: Members, *_: object) -> None:
        secret = f"{user.phone} {PASSWORD} {user.name}"
        log = logging.getLogger("ygs.tests")
        log.error("before: %s", secret)
        error = KeyError(secret)
        error.add_note(secret)
        raise ExceptionGroup(secret, [OSError(5, secret), ValueError({"phone": secret})]) from error

    monkeypatch.setattr(Members, "edit_profile", broken)
    sent, headers = {"introduction": f"{PASSWORD} {NAME}"}, {"If-Match": '"1"', "User-Agent": WORD}
    reply = await world.ask("PATCH", "/users/me/profile", "owner", json=sent, headers=headers)
    assert reply.status_code == 500


@pytest.mark.long
async def test_what_arrives_is_places_classes_and_routes_and_nothing_of_anybody(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn(web.url))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", web.url)
    async with served() as world:
        with exporters(world.app.state.request_log):
            await break_something(world, monkeypatch)
        user, token = world.people["owner"], world.headers["owner"]["Authorization"].split()[1]
    bodies = {path: b"".join(complete(each.body) for each in web.asked if each.path == path) for path in PATHS}
    assert {asked.path for asked in web.asked} == PATHS
    assert b"KeyError" in bodies["/api/1/envelope/"]
    assert b"edit_profile" in bodies["/api/1/envelope/"]
    assert ROUTE.encode() in bodies["/v1/traces"]
    private = [user.id, user.phone or "", user.name, PASSWORD, token, WORD, "203.0.113.7"]
    for body in bodies.values():
        for each in private:
            assert each.encode() not in body
            assert each.encode("ascii", "backslashreplace") not in body


def complete(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


async def test_nobody_is_told_anything_unless_it_was_said_where(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    async with served() as world:
        request_log = world.app.state.request_log
        told = (list(request_log.on_request), list(request_log.on_error))
        with exporters(request_log):
            assert (request_log.on_request, request_log.on_error) == told


@pytest.fixture(params=["silent", "absent"])
def dead(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that takes connections and says nothing; and none at all."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        if request.param == "silent":
            silent.listen(128)
        yield url


@pytest.mark.long
def test_who_does_not_answer_delays_neither_requests_nor_stopping(tmp_path: Path, dead: str) -> None:
    port, slowest = free_port(), 0.0
    (tmp_path / ".env").write_text("YGS_DATABASE_URL=sqlite:///served.db\n", "utf-8")
    migrated_sqlite(tmp_path / "served.db")
    told = {"SENTRY_DSN": dsn(dead), "OTEL_EXPORTER_OTLP_ENDPOINT": dead, "OTEL_BSP_MAX_QUEUE_SIZE": "64"}
    told |= {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "32"}
    with running(["serve", "--port", str(port)], tmp_path, port, told) as process, httpx.Client() as client:
        # More than the queue of spans holds.
        for _ in range(300):
            began = time.monotonic()
            client.get(f"http://127.0.0.1:{port}/api/v1/vocabulary/reports").raise_for_status()
            slowest = max(slowest, time.monotonic() - began)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert slowest < 2
    assert time.monotonic() - began < 10
