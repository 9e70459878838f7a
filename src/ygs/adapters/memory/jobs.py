"""Jobs in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from ygs.adapters.memory.optimistic_locking import require_version
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobState
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryJobReader:
    """Jobs."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: JobId) -> Job:
        tables = await self._tx.step()
        if id not in tables.jobs:
            raise NotFound("job", id)
        return tables.jobs[id]

    async def find(self, unique_key: str) -> Job | None:
        tables = await self._tx.step()
        found = tables.job_keys.get(unique_key)
        return tables.jobs[found] if found else None

    async def due(self, kinds: Collection[str], *, at: datetime) -> bool:
        tables = await self._tx.step()
        return any(job.kind in kinds and job.claimable(at) for job in tables.jobs.values())

    async def latest_done(self, kind: str) -> Job | None:
        tables = await self._tx.step()
        done = (job for job in tables.jobs.values() if job.kind == kind and job.state is JobState.DONE)
        return max(done, key=lambda job: (job.finished_at, job.id), default=None)

    async def page(
        self,
        *,
        state: JobState | None = None,
        without: Collection[str] = (),
        after: JobId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Job]:
        tables = await self._tx.step()
        newest = sorted((each for each in tables.jobs if after is None or each < after), reverse=True)
        found = (job for each in newest if (job := tables.jobs[each]).kind not in without)
        return list(islice((job for job in found if state in (None, job.state)), limit))

    async def failed(self, *, without: Collection[str] = (), limit: int = MOST_PAGE) -> Sequence[Job]:
        tables = await self._tx.step()
        latest = dict[str, JobId]()
        for job in tables.jobs.values():
            latest[job.subject] = max(job.id, latest.get(job.subject, job.id))
        waiting = (job for job in tables.jobs.values() if job.waits_for_staff and job.kind not in without)
        found = [job for job in waiting if latest[job.subject] == job.id]
        return sorted(found, key=lambda job: job.id, reverse=True)[:limit]


class MemoryJobRepository(MemoryJobReader):
    """Jobs, to be changed."""

    async def add(self, job: Job) -> Job:
        tables = await self._tx.step()
        for name in ("kind", "requested_by", "unique_key", "stage", "error"):
            storable_text(name, getattr(job, name))
        if job.unique_key and (earlier := tables.job_keys.get(job.unique_key)):
            return tables.jobs[earlier]
        if job.id in tables.jobs:
            raise Conflict(N_("a job with this id is there already"))
        new = replace(job, version=job.version + 1)
        tables.jobs.put({new.id: new})
        if job.unique_key:
            tables.job_keys.put({job.unique_key: new.id})
        return new

    async def claim(
        self, kinds: Collection[str], *, at: datetime, seconds: int, only: JobId | None = None
    ) -> Job | None:
        tables = await self._tx.step()
        wanted = (job for job in tables.jobs.values() if job.kind in kinds and only in (None, job.id))
        due = (job for job in wanted if job.claimable(at))
        found = min(due, key=lambda job: (job.run_at, job.id), default=None)
        return await self.save(found.claimed(at=at, seconds=seconds)) if found else None

    async def save(self, job: Job) -> Job:
        tables = await self._tx.step()
        require_version(tables.jobs, job.id, job.version)
        saved = replace(job, version=job.version + 1)
        tables.jobs.put({job.id: saved})
        return saved

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [job for job in tables.jobs.values() if job.finished_at is not None and job.finished_at < before]
        tables.jobs.drop(job.id for job in over)
        tables.job_keys.drop(job.unique_key for job in over)
        return len(over)
