"""The worker: claims jobs one after another, renews their lease while they run, and stores how they ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeAlias

from ygs.domain.errors import LeaseLost, Unavailable, YgsError
from ygs.domain.jobs import Beat, Job, Values
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing

LEASE_SECONDS = 60
# How often a running job tells its progress, renews its lease, and learns that it was cancelled.
BEAT_SECONDS = 5.0
# How long an idle worker waits before it looks again.
IDLE_SECONDS = 1.0
# How often a worker looks whether something is to be queued at this hour.
SCHEDULE_SECONDS = 60.0

_log = logging.getLogger("ygs.jobs")


class JobRun:
    """One attempt at a job, as its handler sees it."""

    def __init__(self, storage: Storage, clock: Clock, job: Job) -> None:
        self.job = job
        self.finished = False
        self._storage = storage
        self._clock = clock
        self._progress = ("", 0, 0)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say how far the job is; it is stored at the next beat. May be called from a thread, and often."""
        self._progress = (stage, done, total)

    async def finish(self, tx: Writing, result: Values) -> None:
        """Finish the job in the transaction that stores its result. `LeaseLost`: let the transaction fail."""
        job = await tx.jobs.get(self.job.id)
        await tx.jobs.save(job.finished(result, fence=self.job.fence, at=self._clock.now()))
        self.finished = True

    async def beat(self) -> Beat:
        """Store the progress and renew the lease, unless the job was cancelled or lost."""
        stage, done, total = self._progress
        async with self._storage.write() as tx:
            job = await tx.jobs.get(self.job.id)
            beat = job.beat(fence=self.job.fence)
            if beat is Beat.GO_ON:
                now = self._clock.now()
                renewed = job.progressed(stage=stage, done=done, total=total, at=now, seconds=LEASE_SECONDS)
                await tx.jobs.save(renewed)
        return beat


Handler: TypeAlias = Callable[[JobRun], Awaitable[Values]]


@dataclass
class Worker:
    """Runs the jobs of the kinds that it has handlers for. Several workers, in several processes, share the work.

    `schedule` queues what has its hour; it is called once a minute.
    """

    storage: Storage
    clock: Clock
    handlers: Mapping[str, Handler]
    schedule: Callable[[], Awaitable[None]]
    _scheduled: float = field(default=float("-inf"), init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def stop(self) -> None:
        """Stop after the job that runs now."""
        self._stopping.set()

    async def run(self) -> None:
        """Run jobs until `stop`. A storage that does not answer is asked again."""
        while not self._stopping.is_set():
            try:
                await self._schedule()
                busy = await self.run_one()
            except Unavailable:
                busy = False
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), IDLE_SECONDS)

    async def _schedule(self) -> None:
        now = monotonic()
        if now - self._scheduled >= SCHEDULE_SECONDS:
            await self.schedule()
            self._scheduled = now

    async def run_one(self) -> bool:
        """Run the job that has been due for longest; return whether there was one."""
        now = self.clock.now()
        async with self.storage.write() as tx:
            job = await tx.jobs.claim(self.handlers.keys(), at=now, seconds=LEASE_SECONDS)
        if job is None:
            return False
        run = JobRun(self.storage, self.clock, job)
        try:
            await self._attempt(run)
        except LeaseLost:
            _log.warning("%s %s: another worker has it now", job.kind, job.id)
        return True

    async def _attempt(self, run: JobRun) -> None:
        try:
            result = await self._beating(run)
        except LeaseLost:
            raise
        except YgsError as error:
            await self._fail(run, error.code, again=isinstance(error, Unavailable))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next job does not wait for it
            _log.error("%s %s failed: %s", run.job.kind, run.job.id, type(error).__name__)
            await self._fail(run, "unexpected", again=True)
        else:
            await self._finish(run, result)

    async def _finish(self, run: JobRun, result: Values | None) -> None:
        if run.finished:
            return
        async with self.storage.write() as tx:
            if result is None:
                job = await tx.jobs.get(run.job.id)
                await tx.jobs.save(job.stopped(fence=run.job.fence, at=self.clock.now()))
            else:
                await run.finish(tx, result)

    async def _fail(self, run: JobRun, error: str, *, again: bool) -> None:
        """Store that the attempt failed. `again`: another may succeed; a rule would say the same again."""
        async with self.storage.write() as tx:
            job = await tx.jobs.get(run.job.id)
            await tx.jobs.save(job.failed(error, fence=run.job.fence, at=self.clock.now(), again=again))

    async def _beating(self, run: JobRun) -> Values | None:
        """The handler's result, or None when the job was cancelled meanwhile. `LeaseLost` when another has it."""
        work = asyncio.ensure_future(self.handlers[run.job.kind](run))
        try:
            while not (await asyncio.wait([work], timeout=BEAT_SECONDS))[0]:
                with suppress(Unavailable):  # the lease lasts for some beats more
                    beat = await run.beat()
                    if beat is not Beat.GO_ON and not work.done():
                        await self._stopped(work, beat)
                        return None
            return work.result()
        finally:
            work.cancel()

    async def _stopped(self, work: "asyncio.Future[Values]", beat: Beat) -> None:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        if beat is Beat.LOST:
            raise LeaseLost
