"""Reading over HTTP, beside the same reads as one would write them with the ORM and with asyncpg by hand; and whether
people who sign in make others wait.

`python -m benchmarks.http [SECONDS] [--storages sqlite]`: rounds of that many seconds, the servers taking turns within
each, so that what else the machine does meets all of them alike; the figures are medians over the rounds. One server
process each.

`python -m benchmarks.http [SECONDS] --processes 1 2 3`: ours alone, on PostgreSQL, by so many server processes; reads a
second, and CPU seconds of a thousand reads.

`python -m benchmarks.http --layers`: where the time of a read goes.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks._http_layers import layers
from benchmarks._http_layers import told as told_layers
from benchmarks._http_load import Connection, get, post, rate, up
from benchmarks._http_load import waits as waited
from benchmarks._http_processes import ProcessRates, all_answer, cpu_seconds, descends_from, runs_in, served
from benchmarks._http_processes import measure as measured
from tests.support.postgres import LocalPostgres
from ygs.application.rate_limits import ClientAddress
from ygs.bootstrap import Application, build, upgrade_database
from ygs.domain.accounts import Account
from ygs.domain.users import Role, User
from ygs.entrypoints.testing.builders import a_user
from ygs.settings import Settings

MEMBERS, SIGNED_IN, SIGN_INS, ROUNDS, WAITS = 2_000, 100, 50, 5, 5
PASSWORD = "노란 우산 아래 고양이 세 마리"
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
OUR_ME, OUR_LIST = "/api/v1/users/me", "/api/v1/admin/members?limit=50"


@dataclass(frozen=True)
class Tokens:
    """Access tokens of members, and of one administrator."""

    members: list[str]
    admin: str


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("seconds", nargs="?", type=float, default=2.0, help="of one measurement")
    options.add_argument("--processes", nargs="+", type=int, metavar="N", help="measure ours by N processes")
    options.add_argument("--layers", action="store_true", help="measure each layer by itself, in one process")
    options.add_argument("--storages", nargs="+", choices=tuple(DRIVERS), default=tuple(DRIVERS))
    given = options.parse_args()
    if given.layers:
        by_layers()
    elif given.processes:
        by_processes(given.seconds, given.processes)
    else:
        beside_rivals(given.seconds, given.storages)


def beside_rivals(seconds: float, storages: Sequence[str]) -> None:
    """Measure ours beside the others, over each storage."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, LocalPostgres.start() as server:
        places = {
            "sqlite": f"sqlite:///{Path(folder) / 'bench.db'}",
            "postgresql": server.create_database("bench"),
        }
        for storage in storages:
            figures[storage] = asyncio.run(measure(storage, places[storage], seconds))
    print(json.dumps(figures))


def by_processes(seconds: float, counts: list[int]) -> None:
    """Measure both reads by each number of server processes, on one PostgreSQL."""
    figures: dict[str, Any] = {}
    with LocalPostgres.start() as server:
        url = server.create_database("bench")
        tokens = asyncio.run(filled(url))
        for place, count in enumerate(counts):
            with served(url, 8780 + place, count) as parent:
                rates = asyncio.run(reads_of(8780 + place, count, parent, server.folder, tokens, seconds))
            for what, each in rates.items():
                figures[f"{what}_{count}"] = vars(each)
                print(
                    f"{count} processes, {what}: {each.rate:7,.0f} requests/s; CPU seconds of 1,000:"
                    f" {each.server_cpu:.3f} in the servers, {each.database_cpu:.3f} in the database"
                )
    print(json.dumps(figures))


def by_layers() -> None:
    """Measure the layers of both reads."""
    with LocalPostgres.start() as server:
        url = server.create_database("bench")
        tokens = asyncio.run(filled(url))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(told_layers(runner.run(layers_of(url, tokens))))


async def layers_of(url: str, tokens: Tokens) -> Mapping[str, Mapping[str, float]]:
    """The layers of ours, and the whole of a read by hand."""
    from benchmarks._http_rivals import by_hand, make_tables

    await make_tables(url)
    async with build(Settings(database_url=SecretStr(url))) as ygs:
        assert ygs.accounts
        rival = by_hand(url.replace("+asyncpg", ""), ygs.accounts.authentication.tokens)
        return await layers(ygs, rival, tokens.members[0], tokens.admin)


async def reads_of(
    port: int, count: int, parent: int, database: Path, tokens: Tokens, seconds: float
) -> dict[str, ProcessRates]:
    """Both reads of one service of `count` processes below `parent`."""

    def cpu() -> tuple[float, float]:
        return cpu_seconds(descends_from(parent)), cpu_seconds(runs_in(database))

    await all_answer(port, count)
    reads = {"read": [get(OUR_ME, token) for token in tokens.members], "list": [get(OUR_LIST, tokens.admin)]}
    return {what: await measured(port, requests, seconds, ROUNDS, cpu) for what, requests in reads.items()}


async def filled(url: str) -> Tokens:
    """A database with members, and tokens of some."""
    settings = Settings(database_url=SecretStr(url))
    await upgrade_database(settings)
    async with build(settings) as ygs:
        tokens = await populate(ygs)
    await analyse(url)
    return tokens


async def measure(storage: str, url: str, seconds: float) -> dict[str, float]:
    """All figures over one storage."""
    tokens = await filled(url)
    rivals = ["ours", "orm"] + (["asyncpg"] if storage == "postgresql" else [])
    with ExitStack() as stack:
        ports = {name: stack.enter_context(serving(name, url, 8790 + place)) for place, name in enumerate(rivals)}
        for port in ports.values():
            await up(port)
        rates = await compare(ports, tokens, seconds)
        waits = Waits()
        for _ in range(WAITS):
            await waits.watch(ports["ours"], tokens)
    return told(storage, rates, waits)


async def analyse(url: str) -> None:
    """Let the database count its rows, as it does by itself within minutes where it is not a test's."""
    engine = create_async_engine(make_url(url).set(drivername=DRIVERS[make_url(url).get_backend_name()]))
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
    await engine.dispose()


async def compare(ports: dict[str, int], tokens: Tokens, seconds: float) -> dict[tuple[str, str], list[float]]:
    """Requests a second of both reads, by server, round by round."""
    rates: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS + 1):
        for name, port in ports.items():
            me, members = (OUR_ME, OUR_LIST) if name == "ours" else ("/me", "/members")
            reads = {"read": [get(me, token) for token in tokens.members], "list": [get(members, tokens.admin)]}
            if name == "orm":
                reads["off record"] = [get(f"{members}?recorded=false", tokens.admin)]
            for what, requests in reads.items():
                measured = await rate(port, requests, seconds)
                # The first round warms up.
                if number:
                    rates.setdefault((what, name), []).append(measured)
    return rates


# Another program that hashes as sign-ins do, and steps back as they do: what others wait then is the machine's doing.
STRANGER = """
import os, argon2
os.nice(19)
while True:
    argon2.PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1).hash("x")
"""


@contextmanager
def stranger() -> Iterator[None]:
    """While it runs."""
    process = subprocess.Popen([sys.executable, "-c", STRANGER])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@dataclass
class Waits:
    """The seconds that others' reads take: in calm, beside the stranger, and while fifty people sign in at once. The
    three take turns; a single window has eleven reads beyond its p99."""

    calm: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    async def watch(self, port: int, tokens: Tokens) -> None:
        """One window of each."""
        requests = [get(OUR_ME, token) for token in tokens.members]
        self.calm += await _watched(port, requests, asyncio.sleep(5))
        with stranger():
            self.beside += await _watched(port, requests, asyncio.sleep(5))
        self.busy += await _watched(port, requests, sign_in_all(port))


async def _watched(port: int, requests: list[bytes], meanwhile: Awaitable[None]) -> list[float]:
    done = asyncio.Event()
    watching = asyncio.create_task(waited(port, requests, done))
    await asyncio.sleep(0.5)
    await meanwhile
    done.set()
    return await watching


def p99(took: list[float]) -> float:
    """What one in a hundred waits longer than."""
    return sorted(took)[int(len(took) * 0.99)]


async def sign_in_all(port: int) -> None:
    async def sign_in(number: int) -> int:
        connection = await Connection.open(port)
        body = json.dumps({"phone": f"+8210{number:08d}", "password": PASSWORD}).encode()
        status, _ = await connection.ask(post("/api/v1/auth/login", body, f"10.0.0.{number}"))
        connection.close()
        return status

    statuses = await asyncio.gather(*(sign_in(number + 1) for number in range(SIGN_INS)))
    refused = statuses.count(503)
    if refused:
        print(f"{refused} of {SIGN_INS} were asked to come back in a moment (503)")
    if set(statuses) - {200, 503}:
        raise RuntimeError(f"signing in was answered {set(statuses)}")


def told(storage: str, rates: dict[tuple[str, str], list[float]], waits: Waits) -> dict[str, float]:
    """Say it, and the figures."""
    for (what, name), each in sorted(rates.items()):
        print(f"{storage:10} {what:10} {name:8} {statistics.median(each):7,.0f} requests/s")
    calm, beside, busy = p99(waits.calm), p99(waits.beside), p99(waits.busy)
    figures = {
        "read_vs_orm": ratio(rates, ("read", "ours"), ("read", "orm")),
        "list_vs_orm": ratio(rates, ("list", "ours"), ("list", "orm")),
        # Beside a list that leaves no trace of who read it.
        "list_vs_orm_off_record": ratio(rates, ("list", "ours"), ("off record", "orm")),
        "login_p99_ratio": round(busy / calm, 2),
        "login_p99_vs_stranger": round(busy / beside, 2),
    }
    if ("read", "asyncpg") in rates:
        for what in ("read", "list"):
            figures[f"{what}_vs_asyncpg"] = ratio(rates, (what, "asyncpg"), (what, "ours"))
    print(
        f"{storage:10} p99 of other reads {calm * 1000:.1f} ms, {beside * 1000:.1f} ms beside another program that"
        f" hashes, {busy * 1000:.1f} ms while {SIGN_INS} sign in"
    )
    return figures


def ratio(rates: dict[tuple[str, str], list[float]], one: tuple[str, str], other: tuple[str, str]) -> float:
    """How many times faster one is than the other: the median over the rounds."""
    pairs = zip(rates[one], rates[other], strict=True)
    return round(statistics.median(a / b for a, b in pairs), 2)


async def populate(ygs: Application) -> Tokens:
    """Members, of whom some are signed in and some have the password; and an administrator."""
    assert ygs.accounts
    encoded = await ygs.accounts.sign_in.passwords.hash(PASSWORD)
    people = [a_user(number) for number in range(1, MEMBERS)] + [a_user(MEMBERS, role=Role.ADMIN)]
    async with ygs.storage.write() as tx:
        await tx.users.add_all(people)
        for user in people[:SIGN_INS]:
            await tx.accounts.add(_account(user, encoded))
    tokens = [await _token(ygs, user) for user in people[:SIGNED_IN]]
    return Tokens(tokens, await _token(ygs, people[-1]))


def _account(user: User, encoded: str) -> Account:
    return Account(user_id=user.id, created_at=user.created_at, updated_at=user.created_at, password=encoded)


async def _token(ygs: Application, user: User) -> str:
    assert ygs.accounts
    async with ygs.storage.write() as tx:
        opened = await ygs.accounts.sessions.session_issuer.open(
            tx, user.id, user.role, ClientAddress("192.0.2.1"), at=datetime.now(UTC), second_factor=True
        )
    return opened.access_token


class serving:  # noqa: N801 - used as `with serving(...)`
    """A server in a process of its own; its port."""

    def __init__(self, name: str, url: str, port: int) -> None:
        command = [sys.executable, "-m", "benchmarks.http", "serve", name, url, str(port)]
        self._process, self._port = subprocess.Popen(command, stdout=subprocess.DEVNULL), port

    def __enter__(self) -> int:
        return self._port

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


async def serve(name: str, url: str, port: int) -> None:
    """One server, until it is told to stop."""
    import uvicorn

    from benchmarks._http_rivals import by_hand, orm
    from ygs.entrypoints.http.observability.request_log import log_as_json
    from ygs.entrypoints.http.server import serve_until_stopped

    log_as_json()
    settings = Settings(database_url=SecretStr(url))
    async with build(settings) as ygs:
        assert ygs.accounts
        tokens = ygs.accounts.authentication.tokens
        if name == "ours":
            await serve_until_stopped(ygs, host="127.0.0.1", port=port)
            return
        if name == "orm":
            app = orm(url.replace("sqlite:", "sqlite+aiosqlite:"), tokens)
        else:
            app = by_hand(url.replace("+asyncpg", ""), tokens)
        config = uvicorn.Config(app, port=port, log_level="warning", access_log=False)
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        _, _, name, url, port = sys.argv
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(name, url, int(port)))
    else:
        main()
