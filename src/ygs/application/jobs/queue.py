"""The job queue as staff see it: what runs, how far it is, and what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobState
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing


class JobView(BaseModel):
    """A job and its progress."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: JobId
    kind: str = Field(description="What is done, such as `close_week`.")
    state: JobState
    stage: str = Field(description="What it is doing now; empty until it says so.")
    done: int = Field(description="How much of `total` is done.", ge=0)
    total: int = Field(description="How much there is to do; 0 while unknown.", ge=0)
    attempts: int = Field(description="How often it was begun since it was queued.", ge=0)
    cancel_requested: bool
    result: Mapping[str, str | int | bool]
    error: str = Field(description="The code of the latest error; empty without one.")
    created_at: datetime
    run_at: datetime = Field(description="It is not begun before.")
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobQueue:
    """Jobs, to be watched, cancelled and queued again."""

    storage: Storage
    clock: Clock

    async def list(
        self, actor: Actor, *, state: JobState | None = None, after: JobId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[JobView]:
        """List jobs, the newest first, at most `limit` (1..100)."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            found = await reading.jobs.page(state=state, after=after, limit=min(limit, MOST_PAGE))
        return [JobView.model_validate(job) for job in found]

    async def get(self, actor: Actor, id: JobId) -> JobView:
        """Return one job; `NotFound` once it was purged, thirty days after it was over."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read(latest=True) as reading:
            return JobView.model_validate(await reading.jobs.get(id))

    async def cancel(self, actor: Actor, id: JobId) -> JobView:
        """Cancel a job: at once while it is queued, within seconds while it runs. `WrongStatus` when it is over."""
        actor.require(Permission.RUN_WEEKS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            return await _saved(tx, actor, (await tx.jobs.get(id)).cancelled(at=now), "job.cancelled", now)

    async def requeue(self, actor: Actor, id: JobId) -> JobView:
        """Queue a job again that failed. `WrongStatus` otherwise."""
        actor.require(Permission.RUN_WEEKS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            return await _saved(tx, actor, (await tx.jobs.get(id)).requeued(at=now), "job.requeued", now)


async def _saved(tx: Writing, actor: Actor, job: Job, action: str, at: datetime) -> JobView:
    saved = await tx.jobs.save(job)
    await tx.audit.add(audit_entry(actor, action, at=at, what=f"{job.kind} {job.id}"))
    return JobView.model_validate(saved)
