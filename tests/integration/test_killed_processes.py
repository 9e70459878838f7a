"""Real processes that are killed or stopped: what was acknowledged is stored, and who lost the lease writes nothing."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.actors import Actor
from ygs.application.rounds.weeks import CreateWeek
from ygs.bootstrap import Application, build
from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import Choice
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.settings import Settings

STAFF = Actor.operator()
LEASE_SECONDS = 1

# Members answer, eight at a time; each success is told at once.
ANSWERING = """
import asyncio, os, sys
from pydantic import SecretStr
from ygs.application.actors import Actor
from ygs.application.introductions.member_introductions import AnswerRequest
from ygs.bootstrap import build
from ygs.domain.introductions import Choice
from ygs.domain.users import Role
from ygs.settings import Settings

async def main(url):
    async with build(Settings(_env_file=None, database_url=SecretStr(url))) as ygs:
        async with ygs.storage.read() as reading:
            (week,) = await reading.weeks.latest(1)
            made = await reading.introductions.of_week(week.id, limit=100_000)
        todo = [(each.id, me) for each in made for me in (each.a, each.b)]

        async def answer():
            while todo:
                id, me = todo.pop()
                yes = AnswerRequest(choice=Choice.ACCEPT)
                await ygs.member_introductions.answer(Actor.signed_in(me, Role.MEMBER), id, yes)
                os.write(1, f"{id} {me}\\n".encode())

        await asyncio.gather(*(answer() for _ in range(8)))

asyncio.run(main(sys.argv[1]))
"""

# Publishes the latest week; tells when it holds the lease, or is within the transaction, and waits there for a line.
PUBLISHING = """
import asyncio, sys
from pydantic import SecretStr
from ygs.application.actors import Actor
from ygs.application.rounds import planning
from ygs.application.rounds.leases import LeaseSeconds
from ygs.bootstrap import build
from ygs.settings import Settings

async def main(url, seconds, where):
    lease = {LeaseSeconds: LeaseSeconds(int(seconds))}
    async with build(Settings(_env_file=None, database_url=SecretStr(url)), lease) as ygs:
        async def wait():
            print("ready", flush=True)
            sys.stdin.readline()

        if where == "inside":
            committed = planning.Planning._commit_results
            async def commit_results(*given):
                await committed(*given)
                await wait()
            planning.Planning._commit_results = commit_results
        else:
            write = type(ygs.storage).write
            from contextlib import asynccontextmanager
            @asynccontextmanager
            async def waiting(self, *, long=False):
                if long:
                    await wait()
                async with write(self, long=long) as tx:
                    yield tx
            type(ygs.storage).write = waiting
        week = await ygs.weeks.find(Actor.operator())
        try:
            await ygs.planning.publish(Actor.operator(), week)
        except Exception as error:
            print(type(error).__name__, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def url(kind: str, database: str) -> str:
    """A migrated database of each kind."""
    return f"sqlite:///{database}" if kind == "sqlite" else database


@asynccontextmanager
async def application(url: str) -> AsyncIterator[Application]:
    """An application over that database, in this process."""
    settings = Settings(_env_file=None, database_url=SecretStr(url))
    async with build(settings, {Scorer: PlainScorer(), RoundSolver: PlainSolver()}) as ygs:
        yield ygs


@contextmanager
def process(folder: Path, program: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A Python process that runs a program; killed in the end."""
    (folder / "program.py").write_text(program, "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YGS_")}
    command = [sys.executable, str(folder / "program.py"), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def lines(started: "subprocess.Popen[str]") -> Iterator[str]:
    """What the process says, line by line, until it ends."""
    assert started.stdout is not None
    return (line.strip() for line in started.stdout)


async def introduce(ygs: Application, introductions: int) -> WeekId:
    """Couples who have years to answer."""
    week = a_week(week=IsoWeek(2099, 10))
    users = [a_user(number) for number in range(2 * introductions)]
    made = [an_introduction(users[number], users[number + 1], week, number + 1) for number in range(0, len(users), 2)]
    async with ygs.storage.write(long=True) as tx:
        await tx.users.add_all(users)
        await tx.weeks.add(week)
        await tx.introductions.add_all(made, {})
    return week.id


async def killed_while_answering(folder: Path, url: str, *, introductions: int, acknowledged: int) -> None:
    """Kill the process after so many answers, and find all that it acknowledged."""
    async with application(url) as ygs:
        week = await introduce(ygs, introductions)
    told = list[tuple[str, str]]()
    with process(folder, ANSWERING, url) as answering:
        for line in lines(answering):
            told.append((line.split()[0], line.split()[1]))
            if len(told) == acknowledged:
                answering.send_signal(signal.SIGKILL)
    assert acknowledged <= len(told) < 2 * introductions
    async with application(url) as ygs:
        async with ygs.storage.read() as reading:
            made = {each.id: each for each in await reading.introductions.of_week(week, limit=introductions)}
        for introduction, me in told:
            answer = made[IntroductionId(introduction)].answer_of(UserId(me))
            assert answer is not None
            assert answer.choice is Choice.ACCEPT
        assert ygs.accounts is not None
        assert await ygs.accounts.audit_log.verify(STAFF) == []


@pytest.mark.long
async def test_no_acknowledged_answer_is_lost_when_the_process_is_killed(tmp_path: Path, sqlite_path: str) -> None:
    await killed_while_answering(tmp_path, f"sqlite:///{sqlite_path}", introductions=40, acknowledged=30)


@pytest.mark.slow
async def test_none_of_two_thousand_acknowledged_answers_is_lost_when_the_process_is_killed(
    tmp_path: Path, url: str
) -> None:
    await killed_while_answering(tmp_path, url, introductions=1_200, acknowledged=2_000)


async def planned(ygs: Application) -> tuple[WeekId, RoundPlan]:
    """A week under review."""
    async with ygs.storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, 13)])
    week = (await ygs.weeks.create(STAFF, CreateWeek(week="2099-W10"))).id
    await ygs.weeks.lock(STAFF, week)
    return week, await ygs.planning.plan(STAFF, week)


@pytest.mark.slow
async def test_a_publisher_that_is_killed_within_the_transaction_writes_nothing_and_can_be_repeated(
    tmp_path: Path, url: str
) -> None:
    async with application(url) as ygs:
        week, plan = await planned(ygs)
    with process(tmp_path, PUBLISHING, url, str(LEASE_SECONDS), "inside") as publishing:
        assert next(lines(publishing)) == "ready"
        publishing.send_signal(signal.SIGKILL)
    await asyncio.sleep(LEASE_SECONDS)
    async with application(url) as ygs:
        async with ygs.storage.read() as reading:
            assert (await reading.weeks.get(week)).state is WeekState.PROPOSED
            assert await reading.introductions.of_week(week) == []
            assert not any(event.introduction_id for event in await reading.outbox.pending())
        assert (await ygs.planning.publish(STAFF, week)).state is WeekState.PUBLISHED
        async with ygs.storage.read() as reading:
            made = await reading.introductions.of_week(week)
    assert [(each.a, each.b) for each in made] == [(pair.a, pair.b) for pair in plan.pairs]


@pytest.mark.slow
async def test_a_publisher_that_wakes_after_another_took_the_lease_writes_nothing(tmp_path: Path, url: str) -> None:
    async with application(url) as ygs:
        week, plan = await planned(ygs)
        with process(tmp_path, PUBLISHING, url, str(LEASE_SECONDS), "outside") as publishing:
            said = lines(publishing)
            assert next(said) == "ready"
            publishing.send_signal(signal.SIGSTOP)
            await asyncio.sleep(1.2 * LEASE_SECONDS)
            await ygs.planning.override(STAFF, week, Overrides.of(left_out=[plan.pairs[0].a]))
            publishing.send_signal(signal.SIGCONT)
            assert publishing.stdin is not None
            publishing.stdin.write("\n")
            publishing.stdin.flush()
            assert next(said) == "LeaseLost"
        async with ygs.storage.read() as reading:
            assert (await reading.weeks.get(week)).state is WeekState.PROPOSED
            assert await reading.introductions.of_week(week) == []
            assert not any(event.introduction_id for event in await reading.outbox.pending())
