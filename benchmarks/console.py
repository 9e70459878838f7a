"""The staff console as a browser meets it: ``python -m benchmarks.console [--people 600]``.

Over SQLite. The week desk: kilobytes of the first load as they are sent, and the milliseconds the server takes. An
override until its price is there, with the parts of it that solving the week and drawing the answer take. The
directory's first page over 50 and over 5,000 members. Medians; `desk_cpu_ms` and `override_cpu_ms` are the processor
time, which other work on the machine changes less. `plan_cold_ms` is one plan of the week under an override, from
nothing, as overrides are priced; `plan_warm_ms` the same from the last solution, see decision 0044.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.support.databases import migrated_sqlite, opened
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.application.rounds.solve_round import Round, plan_round
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import Application, build
from ygs.domain.ids import WeekId
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides
from ygs.domain.matching.policy import Policy
from ygs.domain.users import Role, Status
from ygs.entrypoints.console.pages import weeks
from ygs.entrypoints.http.app import create
from ygs.entrypoints.testing.builders import a_user
from ygs.ports.storage import Storage

OPERATOR = Actor.operator()
TIMES = 7
FEW, MANY = 50, 5_000
_FORBID = re.compile(r'name="one" value="([^"]+)"><input type="hidden" name="other" value="([^"]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=600)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    figures = asyncio.run(_desk(options.people))
    for size in (FEW, MANY):
        figures[f"directory_ms_{size}"] = asyncio.run(_directory(size))
    print(", ".join(f"{key} {value}" for key, value in figures.items()), flush=True)
    print(json.dumps({"people": options.people, **figures}))


@asynccontextmanager
async def _console(people: int) -> AsyncIterator[tuple[Application, httpx.AsyncClient]]:
    """A club in memory, and a browser of its administrator, who is signed in."""
    with TemporaryDirectory() as folder:
        storage = await opened(str(migrated_sqlite(Path(folder) / "console.db")))
        async with build(overrides={Storage: storage}) as ygs, _signed_in(ygs, people) as client:
            yield ygs, client


@asynccontextmanager
async def _signed_in(ygs: Application, people: int) -> AsyncIterator[httpx.AsyncClient]:
    assert ygs.accounts
    now = ygs.clock.now()
    staff = a_user(1, role=Role.ADMIN, status=Status.DRAFT, phone="+821099990001")
    async with ygs.storage.write() as tx:
        await tx.users.add_all([*club(people, seed=1, at=now), staff])
        tokens = await ygs.accounts.sessions.session_issuer.open(
            tx, staff.id, staff.role, ClientAddress(), at=now, second_factor=True
        )
    transport = httpx.ASGITransport(create(ygs))
    cookie = {"Cookie": f"ygs-console={tokens.access_token}|{tokens.refresh_token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test", headers=cookie) as client:
        yield client


async def _desk(people: int) -> dict[str, Any]:
    async with _console(people) as (ygs, client):
        week = WeekId((await ygs.weeks.create(OPERATOR, CreateWeek())).id)
        await ygs.weeks.lock(OPERATOR, week)
        await ygs.planning.plan(OPERATOR, week)
        address = f"/console/weeks/{week}"
        desk = await client.get(address)
        kilobytes = int(desk.headers["Content-Length"]) / 1000
        desk_cpu = process_time()
        desk_ms = await _median(lambda: client.get(address))
        desk_cpu = _ms((process_time() - desk_cpu) / (TIMES + 1))
        took = {"desk_kb": round(kilobytes, 1), "desk_ms": desk_ms, "desk_cpu_ms": desk_cpu}
        took |= await _overrides(ygs, client, address, desk.text)
        return took | _plans(ygs, await ygs.planning.locked_market(OPERATOR, week), desk.text)


async def _overrides(ygs: Application, client: httpx.AsyncClient, address: str, desk: str) -> dict[str, float]:
    """Forbid pairs one after the other, each planned anew."""
    csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', desk)[0]
    pairs = re.findall(_FORBID, desk)
    solving, drawing = _Watch(), _Watch()
    for owner, method in ((type(ygs.solver), "solve"), (type(ygs.scorer), "scores")):
        solving.watch(owner, method)
    drawing.watch(weeks, "render")
    took = []
    cpu = process_time()
    for one, other in dict.fromkeys(pairs[: 2 * TIMES]):
        form = urlencode({"csrf": csrf, "kind": "forbid", "one": one, "other": other})
        began = perf_counter()
        # As the desk asks: the price, the figures and the rows come in one reply.
        url = f"{address}/overrides?order=best&changed=false"
        (await client.post(url, content=form, headers=FORM)).raise_for_status()
        took.append(perf_counter() - began)
    return {
        "override_ms": _ms(statistics.median(took)),
        "override_cpu_ms": _ms((process_time() - cpu) / len(took)),
        "solve_ms": _ms(solving.seconds / len(took)),
        "render_ms": _ms(drawing.seconds / len(took)),
    }


def _plans(ygs: Application, market: Market, desk: str) -> dict[str, float]:
    """Plan the week under one more override after another: from nothing, and by a round that is kept."""
    pairs = list(dict.fromkeys(re.findall(_FORBID, desk)))
    steps = [Overrides.of(forbids=pairs[: count + 1]) for count in range(TIMES)]
    kept = Round(market, Policy(), scorer=ygs.scorer, solver=ygs.solver)
    kept.plan()
    cold = []
    warm = []
    for overrides in steps:
        began = perf_counter()
        from_nothing = plan_round(market, Policy(), overrides, scorer=ygs.scorer, solver=ygs.solver)
        cold.append(perf_counter() - began)
        began = perf_counter()
        again = kept.plan(overrides)
        warm.append(perf_counter() - began)
        assert from_nothing.certificate
        assert again.certificate
        assert from_nothing.certificate.value == again.certificate.value
    return {"plan_cold_ms": _ms(statistics.median(cold)), "plan_warm_ms": _ms(statistics.median(warm))}


class _Watch:
    """Adds up the time that functions take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, owner: Any, name: str) -> None:
        """Count a function of a class or a module from now on."""
        function = getattr(owner, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            began = perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += perf_counter() - began

        setattr(owner, name, counted)


async def _directory(members: int) -> float:
    async with _console(members) as (_, client):
        return await _median(lambda: client.get("/console/members"))


async def _median(work: Callable[[], Awaitable[httpx.Response]]) -> float:
    (await work()).raise_for_status()
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        (await work()).raise_for_status()
        took.append(perf_counter() - began)
    return _ms(statistics.median(took))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    main()
