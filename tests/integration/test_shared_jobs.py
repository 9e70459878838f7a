"""Two worker processes on one PostgreSQL share the jobs: each is done once, though one of them is killed or stopped."""

import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.databases import opened
from tests.support.job_worker import TABLE
from tests.support.worker_processes import LEASE_SECONDS, queue, two_workers, until_done, until_said
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import SystemClock
from ygs.entrypoints.testing.contracts.jobs import a_job

FEW = 5
MANY = 2_000


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
