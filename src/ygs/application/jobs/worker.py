"""The worker: claims jobs one after another, renews their lease while they run, and stores how they ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from ygs.application.actors import Actor
from ygs.application.jobs.stored_errors import stored_error
from ygs.application.operations.failed_jobs import FailureAudience, job_permission
from ygs.application.polling import poll
from ygs.domain.errors import N_, Forbidden, LeaseLost, Unavailable, YgsError
from ygs.domain.ids import JobId, UserId
from ygs.domain.jobs import MOST_ATTEMPTS, OPERATOR, Beat, Job, Values
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Storage, Writing

LEASE_SECONDS = 60
# How often a running job tells its progress, renews its lease, and learns that it was cancelled; more often where the
# lease is short, so that one slow write does not lose the job.
BEAT_SECONDS = 5.0
BEATS_A_LEASE = 4.0
# How often a worker looks whether something is to be queued at this hour.
SCHEDULE_SECONDS = 60.0

_log = logging.getLogger("ygs.jobs")


class JobRun:
    """One attempt at a job, as its handler sees it."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        job: Job,
        *,
        lease_seconds: int = LEASE_SECONDS,
        watched: Progress = silent,
    ) -> None:
        self.job = job
        self.finished = False
        self._storage = storage
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._watched = watched
        self._progress = ("", 0, 0)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say how far the job is; it is stored at the next beat. May be called from a thread, and often."""
        self._progress = (stage, done, total)
        self._watched(stage, done, total)

    async def actor(self) -> Actor:
        """Who asked for the job, with the rights they have by now; `NotFound` when they have left."""
        if self.job.requested_by == OPERATOR:
            return Actor.operator()
        async with self._storage.read(latest=True) as reading:
            user = await reading.users.get(UserId(self.job.requested_by))
        return Actor.signed_in(user.id, user.role, status=user.status)

    async def finish(self, tx: Writing, result: Values) -> None:
        """Finish the job in the transaction that stores its result.

        `LeaseLost`, and `Forbidden` when whoever asked for the job has lost the right to by now: let the transaction
        fail.
        """
        await self._require_right(tx)
        job = await tx.jobs.get(self.job.id)
        await tx.jobs.save(job.finished(result, fence=self.job.fence, at=self._clock.now()))
        self.finished = True

    async def _require_right(self, tx: Writing) -> None:
        """Lock the row of whoever asked for the job, and require that they may ask for one of its kind by it."""
        if self.job.requested_by == OPERATOR:
            return
        asker = UserId(self.job.requested_by)
        standing = (await tx.users.standings([asker], shared=True)).get(asker)
        actor = Actor.signed_in(asker, standing.role, status=standing.status) if standing else None
        if actor is None or job_permission(self.job.kind) not in actor.permissions:
            raise Forbidden(N_("whoever asked for this job may not do so any more: let somebody ask anew who may"))

    async def beat(self) -> Beat:
        """Store the progress and renew the lease, unless the job was cancelled or lost."""
        stage, done, total = self._progress
        async with self._storage.write() as tx:
            job = await tx.jobs.get(self.job.id)
            beat = job.beat(fence=self.job.fence)
            if beat is Beat.GO_ON:
                now = self._clock.now()
                renewed = job.progressed(stage=stage, done=done, total=total, at=now, seconds=self._lease_seconds)
                await tx.jobs.save(renewed)
        return beat


# Returns the result of the job, unless it finished the job in the transaction that stored the result.
Handler: TypeAlias = Callable[[JobRun], Awaitable[Values]]


@dataclass
class Worker:
    """Runs the jobs of the kinds that it has handlers for. Several workers, in several processes, share the work.

    `schedule` queues what has its hour; it is called once a minute. `lease_seconds`: how long a job is left to a worker
    that gives no sign of life.
    """

    storage: Storage
    clock: Clock
    handlers: Mapping[str, Handler]
    schedule: Callable[[], Awaitable[None]]
    lease_seconds: int = LEASE_SECONDS
    _scheduled: float = field(default=float("-inf"), init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def stop(self) -> None:
        """Stop after the job that runs now."""
        self._stopping.set()

    async def run(self) -> None:
        """Run jobs until `stop`. A storage that does not answer is asked again, and no error stops the worker."""
        await poll(self._step, self._stopping)

    async def _step(self) -> object:
        now = asyncio.get_running_loop().time()
        if now - self._scheduled >= SCHEDULE_SECONDS:
            await _logged("scheduling", self.schedule)
            self._scheduled = now
        return await _logged("running a job", self.run_one)

    async def run_one(self) -> bool:
        """Run the job that has been due for longest; return whether there was one."""
        # A look first, or an idle worker would take a write lock each second.
        async with self.storage.read(latest=True) as reading:
            due = await reading.jobs.due(self.handlers.keys(), at=self.clock.now())
        return due and await self._run(None, silent)

    async def run_job(self, id: JobId, watched: Progress = silent) -> bool:
        """Run that job; False when it is over, not due, or another worker has it. `watched` is told of its progress."""
        async with self.storage.read(latest=True) as reading:
            due = (await reading.jobs.get(id)).claimable(self.clock.now())
        return due and await self._run(id, watched)

    async def _run(self, only: JobId | None, watched: Progress) -> bool:
        now = self.clock.now()
        async with self.storage.write() as tx:
            job = await tx.jobs.claim(self.handlers.keys(), at=now, seconds=self.lease_seconds, only=only)
        if job is None:
            return False
        run = JobRun(self.storage, self.clock, job, lease_seconds=self.lease_seconds, watched=watched)
        try:
            await self._attempt(run)
        except LeaseLost:
            _log.warning("%s %s: another worker has it now", job.kind, job.id)
        return True

    async def _attempt(self, run: JobRun) -> None:
        try:
            result = None if run.job.cancel_requested else await self._beating(run)
            if result is not None and not run.finished:
                await self._finish(run, result)
        except YgsError as error:
            # A lease that was lost may be that of the week; whose job is lost, stores nothing below.
            await self._fail(run, error, again=isinstance(error, Unavailable | LeaseLost))
        except asyncio.CancelledError:
            await self._give_back(run)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the next job does not wait for it
            _log.error("%s %s failed: %s", run.job.kind, run.job.id, type(error).__name__)
            await self._fail(run, None, again=True)
        else:
            if result is None:
                await self._end_cancelled(run)

    async def _finish(self, run: JobRun, result: Values) -> None:
        async with self.storage.write() as tx:
            await run.finish(tx, result)

    async def _end_cancelled(self, run: JobRun) -> None:
        async with self.storage.write() as tx:
            job = await tx.jobs.get(run.job.id)
            if not job.over:  # what was cancelled may have been done in that moment
                await tx.jobs.save(job.cancelled_by_worker(fence=run.job.fence, at=self.clock.now()))

    async def _give_back(self, run: JobRun) -> None:
        """Queue the job of a worker that is stopping, so that nobody waits for the end of its lease."""
        with suppress(Unavailable):
            async with self.storage.write() as tx:
                job = await tx.jobs.get(run.job.id)
                if job.beat(fence=run.job.fence) is not Beat.LOST:
                    await tx.jobs.save(job.given_back(fence=run.job.fence, at=self.clock.now()))

    async def _fail(self, run: JobRun, error: YgsError | None, *, again: bool) -> None:
        """Store that the attempt failed, and after the last one tell whoever has to know.

        `again`: another may succeed; a rule would say the same again.
        """
        code, details = (error.code, stored_error(error)) if error else ("unexpected", {})
        # Before the job is locked: whoever changes a role locks people first.
        async with self.storage.read(latest=True) as reading:
            audience = await FailureAudience.of(reading, run.job)
        now = self.clock.now()
        async with self.storage.write() as tx:
            job = await tx.jobs.get(run.job.id)
            failed = await tx.jobs.save(job.failed(code, fence=run.job.fence, at=now, again=again, details=details))
            if failed.waits_for_staff:
                await tx.outbox.add([audience.event(failed, now)])

    async def _beating(self, run: JobRun) -> Values | None:
        """The handler's result, or None when the job was cancelled meanwhile. `LeaseLost` when another has it."""
        if run.job.attempts > MOST_ATTEMPTS:
            raise LeaseLost(N_("every worker that began this job ended before it was done"))
        seconds = min(BEAT_SECONDS, self.lease_seconds / BEATS_A_LEASE)
        work = asyncio.ensure_future(self.handlers[run.job.kind](run))
        try:
            while not (await asyncio.wait([work], timeout=seconds))[0]:
                with suppress(Unavailable):  # the lease lasts for some beats more
                    beat = await run.beat()
                    if beat is Beat.LOST:
                        raise LeaseLost
                    if beat is Beat.CANCELLED and not work.done():
                        return None
            return work.result()
        finally:
            await _end(work)


async def _logged(what: str, step: Callable[[], Awaitable[object]]) -> object:
    """The step's result. An unexpected error is logged, and the result is None: other steps go on."""
    try:
        return await step()
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, jobs and what has its hour do not wait for each other
        _log.error("%s failed: %s", what, type(error).__name__)
        return None


async def _end(work: "asyncio.Future[Values]") -> None:
    """Cancel the work unless it is done, and wait until it has let go of what it holds."""
    work.cancel()
    await asyncio.wait([work])
    if not work.cancelled():
        work.exception()  # retrieved, or asyncio would log that it never was
