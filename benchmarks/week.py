"""A published week, and the work behind it: ``python -m benchmarks.week [--introductions 50000] [--storages sqlite]``.

For each storage: the seconds to publish a week of so many introductions with their proofs, leaves and events; answers
stored, events dispatched and jobs done a second; and the seconds until the job of a worker that was killed is done by
another. Beside them the obvious alternative: one introduction, answer or event at a time.
"""

import argparse
import asyncio
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import text

from tests.support.big_weeks import OPERATOR, proposed_week
from tests.support.databases import migrated_postgres, migrated_sqlite, opened, statements
from tests.support.job_worker import KIND, TABLE
from tests.support.postgres import LocalPostgres
from tests.support.worker_processes import LEASE_SECONDS, queue, two_workers, until_done, until_said
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.application.jobs.worker import JobRun, Worker
from ygs.application.notifications import dispatch
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.rounds.weeks import CreateWeek
from ygs.bootstrap import Application, build
from ygs.domain.events import Event, proposed
from ygs.domain.ids import IntroductionId, WeekId
from ygs.domain.introductions import Answer, Choice, Introduction
from ygs.domain.jobs import Values
from ygs.domain.users import Role
from ygs.entrypoints.garbage_collection import spare_what_is_here
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.contracts.jobs import a_job
from ygs.ports.channels import DeliveryChannels
from ygs.ports.storage import Storage

STORAGES = ("memory", "sqlite", "postgresql")
# Whom the couples of the large week are copied from.
MEMBERS = 4_000
PEOPLE = 5_000
# As many are done one at a time.
SAMPLE = 1_000
# Members who answer at the same time.
AT_ONCE = (8, 40, 200)

Figures = dict[str, Any]


def main() -> None:
    options = _options()
    spare_what_is_here()  # as a service and a worker do
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    figures = {name: asyncio.run(_figures(name, options)) for name in options.storages}
    setting = {"introductions": options.introductions, "events": options.events, "jobs": options.jobs}
    print(json.dumps({**setting, "lease_s": LEASE_SECONDS, "storages": figures}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("introductions", 50_000), ("events", 50_000), ("jobs", 2_000)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--storages", nargs="+", choices=STORAGES, default=STORAGES)
    return parser.parse_args()


async def _figures(name: str, options: argparse.Namespace) -> Figures:
    """All figures of one storage, each from an empty one."""
    async with _databases(name) as databases:
        figures = await _published(await databases.fresh(), options.introductions)
        _say(name, figures)
        dispatched = {
            "dispatch_per_s": await _dispatched(await databases.fresh(), options.events, dispatch.BATCH),
            "dispatch_one_by_one_per_s": await _dispatched(await databases.fresh(), min(SAMPLE, options.events), 1),
        }
        _say(name, dispatched)
        worked = await _worked(databases, options.jobs)
        _say(name, worked)
    return figures | dispatched | worked


def _say(name: str, figures: Figures) -> None:
    print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()), flush=True)


@dataclass
class _Databases:
    """Empty storages of one kind. `urls`: where other processes open those that were made; none for memory."""

    kind: str
    folder: Path
    server: LocalPostgres | None
    urls: list[str]
    made: list[Storage]

    async def fresh(self) -> Storage:
        """An empty storage; the one before it is closed."""
        await self.close()
        if self.kind == "memory":
            self.made.append(MemoryStorage())
        else:
            self.urls.append(self._database(len(self.urls)))
            self.made.append(await opened(self.urls[-1]))
        return self.made[-1]

    def _database(self, number: int) -> str:
        if self.server is None:
            return str(migrated_sqlite(self.folder / f"bench{number}.db"))
        template = migrated_postgres(self.server) if number == 0 else "template_ygs"
        return self.server.create_database(f"bench{number}", template=template)

    async def close(self) -> None:
        """Close the latest."""
        while self.made:
            await self.made.pop().close()


@asynccontextmanager
async def _databases(kind: str) -> AsyncIterator[_Databases]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        server = running.enter_context(LocalPostgres.start()) if kind == "postgresql" else None
        databases = _Databases(kind, Path(folder), server, [], [])
        try:
            yield databases
        finally:
            await databases.close()


async def _published(storage: Storage, count: int) -> Figures:
    """Publish a week, and then some more introductions one at a time."""
    async with build(overrides={Storage: storage}) as ygs:
        week = await proposed_week(ygs, count, members=MEMBERS)
        begun, worked = perf_counter(), process_time()
        stalled = asyncio.create_task(_longest_stall())
        sent = await _publish(ygs, week)
        seconds, computed = perf_counter() - begun, process_time() - worked
        stalled.cancel()
        one_by_one = await _one_by_one(ygs, week, min(SAMPLE, count // 2))
        answered = await _answered(ygs, week, min(SAMPLE, count // (2 * len(AT_ONCE))))
    return answered | {
        f"publish_{count // 1_000}k_s": round(seconds, 1),
        "publish_cpu_s": round(computed, 1),
        "publish_statements_per_1000": round(sent * 1_000 / count, 2) if sent else None,
        "publish_longest_stall_s": round(await stalled, 2),
        f"publish_{count // 1_000}k_one_by_one_s": round(one_by_one * count, 1),
    }


async def _publish(ygs: Application, week: WeekId) -> int:
    """How many statements publishing it took."""
    if not isinstance(ygs.storage, SqlStorage):
        await ygs.planning.publish(OPERATOR, week)
        return 0
    with statements(ygs.storage) as sent:
        await ygs.planning.publish(OPERATOR, week)
    return len(sent)


async def _longest_stall() -> float:
    """How long the event loop was kept from others at most, until this is cancelled."""
    longest, before = 0.0, perf_counter()
    try:
        while True:
            await asyncio.sleep(0.005)
            longest, before = max(longest, perf_counter() - before), perf_counter()
    except asyncio.CancelledError:
        return longest


async def _one_by_one(ygs: Application, week: WeekId, count: int) -> float:
    """The seconds that storing one introduction and its events takes, in one transaction but each by itself."""
    another = WeekId((await ygs.weeks.create(OPERATOR, CreateWeek())).id)
    async with ygs.storage.read() as reading:
        there = await reading.introductions.of_week(week, limit=count + 1)
    new = [_mixed(ygs, another, one, other) for one, other in pairwise(there)]
    begun = perf_counter()
    async with ygs.storage.write(long=True) as tx:
        for each in new:
            await tx.introductions.add_all([each], {each.a: 7, each.b: 7})
            await tx.outbox.add(proposed(each))
    return (perf_counter() - begun) / len(new)


async def _answered(ygs: Application, week: WeekId, count: int) -> Figures:
    """Answers a second by so many members at once: stored together as the service does, and each by itself."""
    if isinstance(ygs.storage, SqlStorage):
        async with ygs.storage.transaction() as tx:
            # PostgreSQL does so by itself within minutes; before, it reads all members for the blocks of two.
            await tx.run(text("ANALYZE"))
    figures = {}
    after = None
    for many in AT_ONCE:
        for how, together in ((f"answers_{many}_at_once_per_s", True), (f"answers_{many}_each_alone_per_s", False)):
            async with ygs.storage.read() as reading:
                there = await reading.introductions.of_week(week, after=after, limit=count)
            after = there[-1].id
            figures[how] = round(len(there) / await _seconds_to_answer(ygs, there, many, together=together))
    return figures


async def _seconds_to_answer(ygs: Application, there: Sequence[Introduction], many: int, *, together: bool) -> float:
    """The seconds until the first person of each introduction has accepted, `many` of them at once."""
    shared = AnswerWriter(ygs.storage, ygs.clock)
    left = iter(there)

    async def answer() -> None:
        for each in left:
            actor = Actor.signed_in(each.a, Role.MEMBER)
            at = ygs.clock.now()
            entry = audit_entry(actor, "introduction.answered", at=at, subject=each.a, what=each.id)
            writer = shared if together else AnswerWriter(ygs.storage, ygs.clock)
            await writer.give(GivenAnswer(each.id, actor, Answer(choice=Choice.ACCEPT, at=at), entry))

    begun = perf_counter()
    await asyncio.gather(*(answer() for _ in range(many)))
    return perf_counter() - begun


def _mixed(ygs: Application, week: WeekId, one: Introduction, other: Introduction) -> Introduction:
    """A new introduction of one's first person to the other's second."""
    a, b = sorted((one.a, other.b))
    return replace(one, id=IntroductionId(ygs.ids.make("mh")), week_id=week, a=a, b=b, version=0)


async def _dispatched(storage: Storage, events: int, batch: int) -> int:
    """Events a second, of that many that wait."""
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, PEOPLE + 1)])
        await tx.outbox.add(_events(events))
    dispatcher = Dispatcher(storage, SystemClock(), UlidIds(), DeliveryChannels(()))
    usual, dispatch.BATCH = dispatch.BATCH, batch
    begun = perf_counter()
    while await dispatcher.dispatch():
        pass
    dispatch.BATCH = usual
    return round(events / (perf_counter() - begun))


def _events(count: int) -> list[Event]:
    """Both events of each introduction, as a week has them."""
    week = a_week(1)
    people = [a_user(number) for number in range(1, PEOPLE + 1)]
    introductions = (
        an_introduction(people[number % PEOPLE], people[(number + 1) % PEOPLE], week, number)
        for number in range(count // 2)
    )
    return [event for each in introductions for event in proposed(each)]


async def _worked(databases: _Databases, jobs: int) -> Figures:
    storage = await databases.fresh()
    if isinstance(storage, SqlStorage):
        return await _worked_by_two(storage, databases, jobs)
    return {"jobs_per_s": round(await _worked_here(storage, jobs))}


async def _worked_here(storage: Storage, jobs: int) -> float:
    """Jobs a second, by one worker in this process."""

    async def nothing() -> None:
        """Nothing has its hour."""

    async def done(run: JobRun) -> Values:
        return {"number": run.job.id}

    await _add_jobs(storage, range(1, jobs + 1))
    worker = Worker(storage, SystemClock(), {KIND: done}, nothing)
    begun = perf_counter()
    while await worker.run_one():
        pass
    return jobs / (perf_counter() - begun)


async def _add_jobs(storage: Storage, numbers: Iterable[int]) -> None:
    async with storage.write() as tx:
        for number in numbers:
            await tx.jobs.add(a_job(number))


async def _worked_by_two(storage: SqlStorage, databases: _Databases, jobs: int) -> Figures:
    """Jobs a second by two processes, and how long a job waits whose process is killed."""
    async with storage.transaction() as tx:
        await tx.run(TABLE)
    with two_workers(databases.urls[-1], databases.folder) as workers:
        for each in workers:
            await until_said([each], "ready")
        await queue(storage, range(1, jobs + 1))
        begun = perf_counter()
        await until_done(storage)
        seconds = perf_counter() - begun
        await queue(storage, [jobs + 1], held=jobs + 1)
        killed = await until_said(workers, "holding")
        os.kill(killed.process.pid, signal.SIGKILL)
        begun = perf_counter()
        await until_done(storage)
        recovered = perf_counter() - begun
    return {"jobs_per_s": round(jobs / seconds), "recovery_s": round(recovered, 1)}


if __name__ == "__main__":
    main()
