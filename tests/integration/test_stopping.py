"""Stopping while a round is solved: the process ends in time, and the week is free for the next one."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.integration.test_http_serving import free_port, wait_until_it_answers
from ygs.application.actors import Actor
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import build, upgrade_database
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import WeekState
from ygs.entrypoints.testing.clock import NOON
from ygs.settings import Settings

# A service whose solver never comes to an end, with less patience than in earnest, and an administrator's token.
SERVICE = """
import asyncio, sys, time
from datetime import UTC, datetime
from pydantic import SecretStr
from ygs.adapters.scoring.reference import PlainScorer
from ygs.application.rate_limits import ClientAddress
from ygs.bootstrap import build
from ygs.domain.users import Role
from ygs.entrypoints.http import server
from ygs.entrypoints.testing.builders import a_user
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.settings import Settings

class Endless:
    def solve(self, problem, start=None, progress=None):
        print("solving", flush=True)
        while True:
            progress("solve", 0, 1)
            time.sleep(0.01)

async def main(url, port):
    server.GRACE_SECONDS = 1
    settings = Settings(_env_file=None, database_url=SecretStr(url))
    async with build(settings, {Scorer: PlainScorer(), RoundSolver: Endless()}) as ygs:
        async with ygs.storage.write() as tx:
            admin = a_user(9999, role=Role.ADMIN)
            await tx.users.add(admin)
            issuer, now = ygs.accounts.sessions.session_issuer, datetime.now(UTC)
            tokens = await issuer.open(tx, admin.id, admin.role, ClientAddress("127.0.0.1"), at=now, second_factor=True)
        print(tokens.access_token, flush=True)
        await server.serve_until_stopped(ygs, host="127.0.0.1", port=port)
    print("closed", flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.long
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_a_round_that_is_being_solved_is_let_go_and_the_application_closed(
    tmp_path: Path, stop: signal.Signals
) -> None:
    settings = Settings(_env_file=None, database_url=SecretStr(f"sqlite:///{tmp_path / 'served.db'}"))
    await upgrade_database(settings)
    async with build(settings) as ygs:
        async with ygs.storage.write() as tx:
            await tx.users.add_all(list(club(12, seed=1, at=NOON)))
        week = WeekId((await ygs.weeks.create(Actor.operator(), CreateWeek())).id)
        await ygs.weeks.lock(Actor.operator(), week)

    said = stopped_while_solving(tmp_path, settings.database_url.get_secret_value(), week, stop)
    assert said.endswith("closed\n")
    async with build(settings) as ygs:
        async with ygs.storage.read() as reading:
            left = await reading.weeks.get(week)
        assert (left.state, left.lease_until) == (WeekState.LOCKED, None)
        assert (await ygs.planning.plan(Actor.operator(), week)).pairs


def stopped_while_solving(folder: Path, url: str, week: str, stop: signal.Signals) -> str:
    """Everything the service said, from its start until it ended by itself."""
    (folder / "service.py").write_text(SERVICE, "utf-8")
    port, log = free_port(), folder / "log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YGS_")}
    command = [sys.executable, str(folder / "service.py"), url, str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until_it_answers(process, port, log)
        asking = threading.Thread(target=ask_for_a_plan, args=(port, week, first_token(log)))
        asking.start()
        wait_until_said(log, "solving")
        began = time.monotonic()
        process.send_signal(stop)
        assert process.wait(20) == 0
        assert time.monotonic() - began < 10
        asking.join(10)
        return log.read_text("utf-8")
    finally:
        process.kill()
        process.wait()


def first_token(log: Path) -> str:
    return next(line for line in log.read_text("utf-8").splitlines() if line.startswith("eyJ"))


def ask_for_a_plan(port: int, week: str, token: str) -> None:
    url = f"http://127.0.0.1:{port}/api/v1/admin/match-weeks/{week}/plan"
    try:
        httpx.post(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    except httpx.HTTPError:
        return  # cut off, as it must be


def wait_until_said(log: Path, word: str) -> None:
    end = time.monotonic() + 30
    while word not in log.read_text("utf-8").splitlines():
        assert time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.05)
