"""Worker processes on one database, the jobs that are queued for them, and waiting until these are done."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import text

from ygs.adapters.sql.storage import SqlStorage
from ygs.entrypoints.testing.contracts.jobs import a_job

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 2
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
