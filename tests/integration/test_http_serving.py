"""The service as a process of its own: the quickstart copied line by line, and stopping while people are answered."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
from typer.testing import CliRunner

from tests.support.databases import migrated_sqlite
from ygs.entrypoints.cli.app import app

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "docs" / "tutorial" / "quickstart.md"
YGS = str(Path(sys.executable).parent / "ygs")
PATIENCE = 120.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YGS_")}
    return {**kept, "YGS_LANGUAGE": "ko"}


@contextmanager
def running(
    arguments: Sequence[str], folder: Path, port: int, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[subprocess.Popen[bytes]]:
    """`ygs` with these arguments in that folder, and `more` in its environment, once it answers."""
    log, where = (folder / "log").open("wb"), {**environment(), **more}
    process = subprocess.Popen([YGS, *arguments], cwd=folder, env=where, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until_it_answers(process, port, folder / "log")
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/ready").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text("utf-8"))


@pytest.mark.long
@pytest.mark.skipif(shutil.which("curl") is None, reason="the quickstart's commands are for curl")
def test_the_quickstart_leads_to_an_approved_member(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / "demo.log").symlink_to(tmp_path / "log")
    commands = "\n".join(re.findall(r"```bash\n(.*?)```", QUICKSTART.read_text("utf-8"), re.DOTALL))
    script = "set -eu -o pipefail\n" + commands.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    with running(["demo", "--people", "40", "--weeks", "0", "--port", str(port)], tmp_path, port):
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("active\n")
    logged = (tmp_path / "log").read_text("utf-8")
    assert '"route": "/api/v1/auth/signup"' in logged
    # The text that nobody sends in development: its phone and code are for the developer to read.
    (text,) = re.findall(r"^.*to \+821023456789: .*\n", logged, re.MULTILINE)
    for private in ("노란 우산", "green lamp", "23456789", "usr_", "김하늘", "eyJ"):
        assert private not in logged.replace(text, ""), private


@pytest.mark.long
def test_whoever_is_being_answered_is_answered_before_the_service_stops(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / ".env").write_text("YGS_DATABASE_URL=sqlite:///served.db\n", "utf-8")
    migrated_sqlite(tmp_path / "served.db")
    # Hashes at production's costs: long enough to be stopped in the middle of.
    body = b'{"phone": "010-2345-6789", "password": "green lamp beside seven rivers"}'
    head = f"POST /api/v1/auth/login HTTP/1.1\r\nHost: ygs\r\nContent-Length: {len(body)}\r\n"
    request = f"{head}Content-Type: application/json\r\n\r\n".encode() + body
    with running(["serve", "--port", str(port)], tmp_path, port) as process, ExitStack() as open_:
        asking = [open_.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(6)]
        for each in asking:
            each.sendall(request)
        wait_until_asked(port)
        assert answer_to_endless_headers(port).startswith(b"HTTP/1.1 431 ")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        replies = [each.makefile("rb").read() for each in asking]
        process.wait(30)
        assert time.monotonic() - began < 30
    assert [reply.partition(b" ")[2][:3] for reply in replies] == [b"401"] * len(asking)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/health/live")


def answer_to_endless_headers(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as asking:
        asking.sendall(b"GET /health/live HTTP/1.1\r\nX-A: " + b"a" * 65_536)
        return asking.recv(100)


def wait_until_asked(port: int) -> None:
    """Until somebody else's request is being answered."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        figures = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        if float(figures.partition("\nygs_http_in_flight ")[2].split()[0]) >= 2:
            return
    raise AssertionError("nobody was being answered")


def forgotten(port: int, number: int, forwarded: str) -> int:
    """The status of asking for a code to somebody's phone, from where a header says."""
    reply = httpx.post(
        f"http://127.0.0.1:{port}/api/v1/auth/password/forgot",
        json={"phone": f"010-2000-{number:04}"},
        headers={"X-Forwarded-For": forwarded},
    )
    return reply.status_code


@pytest.mark.long
@pytest.mark.parametrize(
    ("trusted", "answered"),
    [
        # A proxy on this machine is believed without being named. What it adds comes last; what the client made up
        # before it counts for nothing.
        (None, {"198.51.100.{}": 200, "192.0.2.{}, 203.0.113.1": 429}),
        ('["10.0.0.0/8"]', {"198.51.100.{}": 429}),
    ],
)
def test_only_a_proxy_that_is_named_is_believed_about_where_people_are(
    tmp_path: Path, trusted: str | None, answered: Mapping[str, int]
) -> None:
    """Each address may have ten codes sent in ten minutes."""
    port = free_port()
    named = f"YGS_TRUSTED_PROXIES={trusted}\n" if trusted else ""
    (tmp_path / ".env").write_text(f"YGS_DATABASE_URL=sqlite:///served.db\n{named}", "utf-8")
    migrated_sqlite(tmp_path / "served.db")
    # Uvicorn's own variable, which knows a star, is not heard.
    more = {"FORWARDED_ALLOW_IPS": "*"}
    with running(["serve", "--port", str(port)], tmp_path, port, more):
        for forwarded, eleventh in answered.items():
            replies = [forgotten(port, number, forwarded.format(number)) for number in range(11)]
            assert replies == [200] * 10 + [eleventh]


def test_the_service_runs_on_the_quicker_loop_when_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uvloop = pytest.importorskip("uvloop")
    seen: list[type] = []

    async def serve(*_: object, **__: object) -> None:
        seen.append(type(asyncio.get_running_loop()))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_DATABASE_URL", "memory:")
    monkeypatch.setattr("ygs.entrypoints.http.server.serve_until_stopped", serve)
    monkeypatch.setattr("ygs.entrypoints.http.observability.request_log.log_as_json", lambda: None)
    done = CliRunner().invoke(app, ["serve"])
    assert (done.exit_code, seen) == (0, [uvloop.Loop])


@pytest.mark.long
def test_several_workers_share_one_database_and_stop_together(tmp_path: Path) -> None:
    port = free_port()
    url = {"YGS_DATABASE_URL": "sqlite:///shared.db"}
    migrated_sqlite(tmp_path / "shared.db")
    with running(["serve", "--workers", "2", "--port", str(port)], tmp_path, port, url) as process:
        for _ in range(20):
            httpx.get(f"http://127.0.0.1:{port}/api/v1/vocabulary").raise_for_status()
        process.terminate()
        assert process.wait(PATIENCE) == 0
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


@pytest.mark.long
def test_several_workers_do_not_each_serve_a_memory_of_their_own(tmp_path: Path) -> None:
    refused = subprocess.run(
        [YGS, "serve", "--workers", "2"],
        cwd=tmp_path,
        env={**environment(), "YGS_DATABASE_URL": "memory:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, "SQLite나 PostgreSQL" in refused.stderr) == (2, True), refused.stderr


def test_a_service_that_compiles_first_says_so_in_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve(*_: object, **__: object) -> None:
        """Serve nobody."""

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_DATABASE_URL", "memory:")
    monkeypatch.setattr("ygs.entrypoints.http.server.serve_until_stopped", serve)
    monkeypatch.setattr("ygs.entrypoints.http.observability.request_log.log_as_json", lambda: None)
    monkeypatch.setattr("ygs.bootstrap.warm_up", lambda progress: progress("compiling once", 0, 1))
    caplog.set_level("INFO")
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert "compiling once: 0 of 1" in caplog.text
