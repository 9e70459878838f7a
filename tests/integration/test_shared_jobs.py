"""Two worker processes on one PostgreSQL share the jobs: each is done once, though one of them is killed or stopped."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.databases import opened
from tests.support.job_worker import TABLE
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import SystemClock
from ygs.entrypoints.testing.contracts.jobs import a_job

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 2
FEW = 5
MANY = 2_000
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class WorkerProcess:
    """A worker in a process of its own, and the file that it prints into."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def name(self) -> str:
        """What it is called in its records."""
        return self.log.name

    def forget(self) -> None:
        """Empty the log."""
        os.truncate(self.log, 0)

    def has_said(self, word: str) -> bool:
        """Whether it has printed that line."""
        return word in self.log.read_text("utf-8").splitlines()


@contextmanager
def two_workers(url: str, folder: Path) -> Iterator[list[WorkerProcess]]:
    workers = [a_worker(url, folder / name, name) for name in ("one", "two")]
    try:
        yield workers
    finally:
        for each in workers:
            each.process.kill()
            each.process.wait()


def a_worker(url: str, log: Path, name: str) -> WorkerProcess:
    command = [sys.executable, "-m", "tests.support.job_worker", url, name, str(LEASE_SECONDS)]
    with log.open("ab") as out:
        return WorkerProcess(subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT), log)


async def until_said(workers: list[WorkerProcess], word: str) -> WorkerProcess:
    """The worker that first prints that line."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for each in workers:
            if each.has_said(word):
                return each
        await asyncio.sleep(0.02)
    raise TimeoutError([each.log.read_text("utf-8") for each in workers])


async def queue(storage: SqlStorage, numbers: Iterable[int], *, held: int = 0) -> None:
    """Queue jobs; the `held` one is held by the process that begins it."""
    async with storage.write() as tx:
        for number in numbers:
            await tx.jobs.add(replace(a_job(number), arguments={"hold": number == held}))


async def until_done(storage: SqlStorage) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        async with storage.transaction() as tx:
            if not await tx.scalar(text("SELECT count(*) FROM jobs WHERE state <> 'done'")):
                return
        await asyncio.sleep(0.05)
    raise TimeoutError


async def done_by(storage: SqlStorage) -> dict[str, str]:
    """Who did which job; fails where one was done twice or was not finished by who did it."""
    async with storage.transaction() as tx:
        records = await tx.rows(text("SELECT job, name FROM done_jobs"))
        results = await tx.rows(text("SELECT id, result FROM jobs"))
    found = {row.job: row.name for row in records}
    assert len(found) == len(records), "a job was done twice"
    assert {row.id: json.loads(row.result)["by"] for row in results} == found
    return found


@pytest.fixture
async def storage(postgres_url: str) -> AsyncIterator[SqlStorage]:
    storage = await opened(postgres_url)
    async with storage.transaction() as tx:
        await tx.run(TABLE)
    yield storage
    await storage.close()


@pytest.mark.slow
async def test_two_processes_do_each_of_many_jobs_once(storage: SqlStorage, postgres_url: str, tmp_path: Path) -> None:
    with two_workers(postgres_url, tmp_path) as workers:
        for each in workers:
            await until_said([each], "ready")
        await queue(storage, range(1, MANY + 1))
        await until_done(storage)
    found = await done_by(storage)
    assert len(found) == MANY
    assert set(found.values()) == {"one", "two"}


@pytest.mark.parametrize("jobs", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
async def test_what_a_stopped_or_killed_process_had_begun_is_done_once_by_the_other(
    storage: SqlStorage, postgres_url: str, tmp_path: Path, jobs: int
) -> None:
    with two_workers(postgres_url, tmp_path) as workers:
        await queue(storage, range(1, jobs + 1), held=1)
        stopped = await until_said(workers, "holding")
        os.kill(stopped.process.pid, signal.SIGSTOP)
        await until_done(storage)
        os.kill(stopped.process.pid, signal.SIGCONT)
        await until_said([stopped], "lost")  # the woken process had come to its write
        for each in workers:
            each.forget()
        await queue(storage, range(jobs + 1, 2 * jobs + 1), held=jobs + 1)
        killed = await until_said(workers, "holding")
        os.kill(killed.process.pid, signal.SIGKILL)
        ended_at = SystemClock().now()
        await until_done(storage)
    found = await done_by(storage)
    assert len(found) == 2 * jobs
    for number, gone in ((1, stopped), (jobs + 1, killed)):
        async with storage.read() as reading:
            job = await reading.jobs.get(a_job(number).id)
        assert (found[job.id] != gone.name, job.attempts) == (True, 2)
    assert job.finished_at
    assert (job.finished_at - ended_at).total_seconds() < 2 * LEASE_SECONDS
