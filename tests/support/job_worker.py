"""A worker process: each job it does leaves a record of who did it, in the transaction that finishes the job.

A job with the argument `hold` is begun and not finished: its first worker says "holding" and blocks its process. Run as
``python -m tests.support.job_worker URL NAME LEASE_SECONDS``.
"""

import asyncio
import sys
import time
from typing import cast

from sqlalchemy import text

from tests.support.databases import opened
from ygs.adapters.sql.repositories.jobs import SqlJobRepository
from ygs.adapters.system import SystemClock
from ygs.application import polling
from ygs.application.jobs import worker as module
from ygs.application.jobs.worker import JobRun, Worker
from ygs.domain.errors import LeaseLost
from ygs.domain.jobs import Values
from ygs.ports.storage import Storage

KIND = "plan"
HOLD_SECONDS = 0.5
# Without a key, so that what is done twice is recorded twice.
TABLE = text("CREATE TABLE done_jobs (job text NOT NULL, name text NOT NULL)")
RECORD = text("INSERT INTO done_jobs VALUES (:job, :name)")


def say(word: str) -> None:
    """Write a line for the test that started this process."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class RecordKeeper:
    """Does jobs, and records each as done by this process."""

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._name = name

    async def do(self, run: JobRun) -> Values:
        """Record that the job is done, and finish it, in one transaction."""
        if run.job.arguments.get("hold") and run.job.fence == 1:
            say("holding")
            # Blocking, as whatever stops a process does.
            time.sleep(HOLD_SECONDS)  # noqa: ASYNC251 - that is the point
        try:
            async with self._storage.write() as tx:
                statements = cast(SqlJobRepository, tx.jobs).tx
                await statements.run(RECORD, job=run.job.id, name=self._name)
                await run.finish(tx, {"by": self._name})
        except LeaseLost:
            say("lost")
            raise
        return {}


async def main(url: str, name: str, lease_seconds: str) -> None:
    """Run jobs until the process is ended."""
    polling.IDLE_SECONDS = 0.1
    # No beats: whoever wakes shall try to write, and not be told before that the job is lost.
    module.BEAT_SECONDS, module.BEATS_A_LEASE = 3_600.0, 0.001
    storage = await opened(url)

    async def nothing() -> None:
        """Nothing has its hour."""

    worker = Worker(storage, SystemClock(), {KIND: RecordKeeper(storage, name).do}, nothing, int(lease_seconds))
    say("ready")
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
