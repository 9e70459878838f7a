"""Jobs: rows to entities and back."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.tables.jobs import jobs
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobState
from ygs.ports.repositories import MOST_PAGE

_AS_THEY_ARE = (
    "kind",
    "arguments",
    "requested_by",
    "run_at",
    "attempts",
    "fence",
    "lease_until",
    "cancel_requested",
    "stage",
    "done",
    "total",
    "result",
    "error",
    "error_details",
    "created_at",
    "finished_at",
    "version",
)


def to_row(job: Job) -> dict[str, Any]:
    """A job as a row of `jobs`, version as it is."""
    values = {name: getattr(job, name) for name in _AS_THEY_ARE}
    mappings = {name: dict(getattr(job, name)) for name in ("arguments", "result", "error_details")}
    named = {"id": job.id, "unique_key": job.unique_key or None, "subject": job.subject, "state": job.state.value}
    return named | values | mappings


def to_job(row: Found) -> Job:
    """The job that `to_row` wrote."""
    return Job(
        id=JobId(row.id),
        unique_key=row.unique_key or "",
        state=JobState(row.state),
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )


class SqlJobReader:
    """Jobs."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: JobId) -> Job:
        row = await self.tx.row(self.tx.for_update(select(jobs).where(jobs.c.id == id)))
        if row is None:
            raise NotFound("job", id)
        return to_job(row)

    async def find(self, unique_key: str) -> Job | None:
        row = await self.tx.row(select(jobs).where(jobs.c.unique_key == unique_key))
        return to_job(row) if row else None

    async def due(self, kinds: Collection[str], *, at: datetime) -> bool:
        return await self.tx.row(select(jobs.c.id).where(_claimable(kinds, at)).limit(1)) is not None

    async def latest_done(self, kind: str) -> Job | None:
        done = select(jobs).where(jobs.c.kind == kind, jobs.c.state == JobState.DONE.value)
        row = await self.tx.row(done.order_by(jobs.c.finished_at.desc(), jobs.c.id.desc()).limit(1))
        return to_job(row) if row else None

    async def page(
        self,
        *,
        state: JobState | None = None,
        without: Collection[str] = (),
        after: JobId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Job]:
        query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        if without:
            query = query.where(jobs.c.kind.not_in(sorted(without)))
        if state is not None:
            query = query.where(jobs.c.state == state.value)
        if after is not None:
            query = query.where(jobs.c.id < after)
        return [to_job(row) for row in await self.tx.rows(query)]

    async def failed(self, *, without: Collection[str] = (), limit: int = MOST_PAGE) -> Sequence[Job]:
        later = jobs.alias("later")
        followed = exists().where(later.c.subject == jobs.c.subject, later.c.id > jobs.c.id)
        query = select(jobs).where(jobs.c.state == JobState.FAILED.value, jobs.c.cancel_requested.is_(False), ~followed)
        if without:
            query = query.where(jobs.c.kind.not_in(sorted(without)))
        return [to_job(row) for row in await self.tx.rows(query.order_by(jobs.c.id.desc()).limit(limit))]


class SqlJobRepository(SqlJobReader):
    """Jobs, to be changed."""

    async def add(self, job: Job) -> Job:
        new = replace(job, version=job.version + 1)
        await insert_all(self.tx, jobs, [to_row(new)], skip_known=bool(job.unique_key))
        if not job.unique_key:
            return new
        stored = await self.find(job.unique_key)
        if stored is None:
            raise NotFound("job", job.id)
        return stored

    async def claim(
        self, kinds: Collection[str], *, at: datetime, seconds: int, only: JobId | None = None
    ) -> Job | None:
        query = select(jobs).where(_claimable(kinds, at)).order_by(jobs.c.run_at, jobs.c.id).limit(1)
        if only is not None:
            query = query.where(jobs.c.id == only)
        row = await self.tx.row(self._skipping_locked(query))
        return await self.save(to_job(row).claimed(at=at, seconds=seconds)) if row else None

    def _skipping_locked(self, query: Query) -> Query:
        return query.with_for_update(skip_locked=True, key_share=True) if self.tx.postgresql else query

    async def save(self, job: Job) -> Job:
        saved = replace(job, version=job.version + 1)
        found = update(jobs).where(jobs.c.id == job.id, jobs.c.version == job.version)
        if not await self.tx.run(found.values(to_row(saved))):
            raise StaleWrite(STALE)
        return saved

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(jobs).where(jobs.c.finished_at < before))


def _claimable(kinds: Collection[str], at: datetime) -> ColumnElement[bool]:
    """The condition of `Job.claimable`."""
    due = and_(jobs.c.state == JobState.QUEUED.value, jobs.c.run_at <= at)
    left = and_(jobs.c.state == JobState.RUNNING.value, jobs.c.lease_until <= at)
    return and_(jobs.c.kind.in_(sorted(kinds)), or_(due, left))
