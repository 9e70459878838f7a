"""The job queue as staff see it: what runs, how far it is, and what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.bilingual import Bilingual
from ygs.application.changes import begin_change
from ygs.application.jobs.stored_errors import error_words
from ygs.application.operations.failed_jobs import hidden_kinds, job_permission
from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobState
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage, Writing


class JobView(BaseModel):
    """A job and its progress."""

    model_config = ConfigDict(frozen=True)

    id: JobId
    requested_by: str = Field(description="The id of who asked for it, or `operator`.")
    kind: str = Field(description="What is done, such as `close_week`.")
    state: JobState
    stage: str = Field(description="What it is doing now; empty until it says so.")
    done: int = Field(description="How much of `total` is done.", ge=0)
    total: int = Field(description="How much there is to do; 0 while unknown.", ge=0)
    attempts: int = Field(description="How often it was begun since it was queued.", ge=0)
    cancel_requested: bool
    result: Mapping[str, str | int | bool] = Field(description="What came of it: ids, counts and codes.")
    error: str = Field(description="The code of the latest error; empty without one.")
    error_words: Bilingual = Field(description="What that error says, and how to go on.")
    created_at: datetime
    run_at: datetime = Field(description="It is not begun before.")
    finished_at: datetime | None = Field(description="When it was over, UTC; null before.")

    @classmethod
    def of(cls, job: Job) -> Self:
        """The view of a job."""
        values = {name: getattr(job, name) for name in cls.model_fields if name != "error_words"}
        return cls(**values, error_words=error_words(job.error, job.error_details))


@dataclass(frozen=True, slots=True)
class JobQueue:
    """Jobs, to be watched, cancelled and queued again."""

    storage: Storage
    clock: Clock

    async def list(
        self, actor: Actor, *, state: JobState | None = None, after: JobId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[JobView]:
        """List the jobs that the actor may ask for, the newest first, at most `limit` (1..100)."""
        actor.require(Permission.READ_WEEKS)
        hidden = hidden_kinds(actor)
        async with self.storage.read() as reading:
            found = await reading.jobs.page(state=state, without=hidden, after=after, limit=min(limit, MOST_PAGE))
        return [JobView.of(job) for job in found]

    async def get(self, actor: Actor, id: JobId) -> JobView:
        """Return one job; `NotFound` once it was purged, thirty days after it was over.

        `Forbidden` for those who may not ask for such a job; so do `cancel` and `requeue`.
        """
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read(latest=True) as reading:
            return JobView.of(_permitted(actor, await reading.jobs.get(id)))

    async def cancel(self, actor: Actor, id: JobId) -> JobView:
        """Cancel a job: at once while it is queued, within seconds while it runs; one that failed is given up.
        `WrongStatus` when it is done or was cancelled."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            job = _permitted(actor, await tx.jobs.get(id))
            return await _saved(tx, actor, job.cancelled(at=now), "job.cancelled", now)

    async def requeue(self, actor: Actor, id: JobId) -> JobView:
        """Queue a job again that failed. `WrongStatus` otherwise."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            job = _permitted(actor, await tx.jobs.get(id))
            return await _saved(tx, actor, job.requeued(at=now), "job.requeued", now)


def _permitted(actor: Actor, job: Job) -> Job:
    """The job, which the actor may ask for. Inside a change the role of their account is that of their session."""
    actor.require(job_permission(job.kind))
    return job


async def _saved(tx: Writing, actor: Actor, job: Job, action: str, at: datetime) -> JobView:
    saved = await tx.jobs.save(job)
    await tx.audit.add(audit_entry(actor, action, at=at, what=f"{job.kind} {job.id}"))
    return JobView.of(saved)


async def queue_unless_open(tx: Writing, job: Job) -> Job:
    """Queue a job and return it, or the one of its unique key that is not over yet.

    The key of a job that is over goes on with that one's id, so that it can be queued once more.
    """
    stored = await tx.jobs.add(job)
    while stored.over:
        stored = await tx.jobs.add(replace(job, unique_key=f"{job.unique_key}:{stored.id}"))
    return stored


async def open_job(reading: Reading, unique_key: str) -> Job | None:
    """The job that `queue_unless_open` queued under that key and that is not over yet, or None."""
    job = await reading.jobs.find(unique_key)
    while job and job.over:
        job = await reading.jobs.find(f"{unique_key}:{job.id}")
    return job
