"""Where the processor time of a read goes: each layer of it called by itself, in one process, on PostgreSQL.

What a layer costs is the CPU time of the process, waiting apart, divided by the calls; eight calls are under way at a
time, as in the benchmark over sockets. The database's own time is not in it.
"""

import asyncio
import json
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from time import process_time
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.types import ASGIApp, Message

from ygs.application.accounts.use_cases import AccountUseCases
from ygs.application.actors import Actor
from ygs.application.directory.members import MemberPage
from ygs.application.directory.search import DirectoryRequest
from ygs.application.members.profile import MyselfView
from ygs.application.rate_limits import ClientAddress
from ygs.bootstrap import Application
from ygs.domain.read_budgets import ReadKind
from ygs.entrypoints.garbage_collection import spare_what_is_here
from ygs.entrypoints.http.app import create
from ygs.entrypoints.http.observability.request_log import log_as_json
from ygs.ports.repositories.directory import MemberOrder

AT_ONCE, CALLS, ROUNDS = 8, 1_200, 5
Call = Callable[[], Awaitable[object]]


async def layers(ygs: Application, rival: FastAPI, member: str, admin: str) -> Mapping[str, Mapping[str, float]]:
    """Microseconds of CPU by read and layer. `member`, `admin`: access tokens; `rival`: the same reads by hand."""
    assert ygs.accounts
    app = create(ygs)
    log_as_json()
    async with rival.router.lifespan_context(rival):
        spare_what_is_here()
        reads = {
            "read": await _read(ygs, ygs.accounts, app, rival, member),
            "list": await _list(ygs, ygs.accounts, app, rival, admin),
        }
        with redirect_stdout(StringIO()):
            return {what: await _measured(calls) for what, calls in reads.items()}


async def _read(
    ygs: Application, accounts: AccountUseCases, app: FastAPI, rival: FastAPI, token: str
) -> Mapping[str, Call]:
    authentication = accounts.authentication
    actor = await authentication.actor(token, ClientAddress("127.0.0.1"))
    user = await ygs.storage.hot_reads.user(actor.require_id())
    view = MyselfView.of(user)
    adapter = TypeAdapter(MyselfView)
    return {
        "service and routing alone (a route without data)": _request(app, "/health/live", token),
        "access token, session and user's role (1 statement)": lambda: authentication.actor(
            token, ClientAddress("127.0.0.1")
        ),
        "the user with wishes and consents, opened and checked (1 statement)": lambda: ygs.storage.hot_reads.user(
            user.id
        ),
        "the reply made of the user": _plainly(lambda: MyselfView.of(user)),
        "JSON": _plainly(lambda: adapter.dump_json(view)),
        "the whole request": _request(app, "/api/v1/users/me", token),
        "the whole request, by hand over asyncpg (4 statements)": _request(rival, "/me", token),
    }


async def _list(
    ygs: Application, accounts: AccountUseCases, app: FastAPI, rival: FastAPI, token: str
) -> Mapping[str, Call]:
    authentication = accounts.authentication
    actor = await authentication.actor(token, ClientAddress("127.0.0.1"))
    lines = await ygs.storage.hot_reads.first_page(MemberOrder.NEWEST, 50)
    page = MemberPage.of(lines, next=None, total=None)
    adapter, request = TypeAdapter(MemberPage), TypeAdapter(DirectoryRequest)
    return {
        "service and routing alone (a route without data)": _request(app, "/health/live", token),
        "access token, session and user's role (1 statement)": lambda: authentication.actor(
            token, ClientAddress("127.0.0.1")
        ),
        "what is asked for, checked": _plainly(
            lambda: request.validate_python({"limit": "50"}).to_filter(ygs.directory.phones, actor.id)
        ),
        "the page (1 statement)": lambda: ygs.storage.hot_reads.first_page(MemberOrder.NEWEST, 50),
        "budget and audit, together with seven others (5 statements for all)": _shown(
            ygs, actor, [line.id for line in lines]
        ),
        "the reply made of the page": _plainly(lambda: MemberPage.of(lines, next=None, total=None)),
        "JSON": _plainly(lambda: adapter.dump_json(page)),
        "the whole request": _request(app, "/api/v1/admin/members?limit=50", token),
        "the whole request, by hand over asyncpg (7 statements)": _request(rival, "/members", token),
    }


def _shown(ygs: Application, actor: Actor, people: Sequence[str]) -> Call:
    writer, clock = ygs.directory.audit_writer, ygs.clock
    return lambda: writer.shown(actor, "members.read", people, at=clock.now(), kind=ReadKind.MASKED)


def _plainly(call: Callable[[], object]) -> Call:
    async def called() -> None:
        call()

    return called


def _request(app: ASGIApp, target: str, token: str) -> Call:
    """A request that arrives at the application as a server would bring it."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 50_000),
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"bench"), (b"authorization", f"Bearer {token}".encode())],
    }

    async def send(message: Message) -> None:
        if message.get("status", 200) != 200:
            raise RuntimeError(f"{target} answered {message}")

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def called() -> None:
        await app({**scope, "state": {}}, receive, send)

    return called


async def _measured(calls: Mapping[str, Call]) -> Mapping[str, float]:
    """Medians over rounds in which the layers take turns, the first not counted."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(ROUNDS + 1):
        for name, call in calls.items():
            began = process_time()
            await asyncio.gather(*(_again(call) for _ in range(AT_ONCE)))
            if number:
                found[name].append((process_time() - began) / CALLS * 1e6)
    return {name: round(statistics.median(each), 1) for name, each in found.items()}


async def _again(call: Call) -> None:
    for _ in range(CALLS // AT_ONCE):
        await call()


def told(measured: Mapping[str, Mapping[str, float]]) -> str:
    """The figures as lines, and as JSON."""
    lines: list[Any] = []
    for what, each in measured.items():
        lines += [f"{what}:", *(f"  {us:7,.0f} us  {name}" for name, us in each.items())]
    return "\n".join((*lines, json.dumps(measured)))
