"""Jobs: work that is queued with a change, and claimed by workers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobState
from ygs.ports.repositories import MOST_PAGE


class JobReader(Protocol):
    """Jobs, to be read."""

    async def get(self, id: JobId) -> Job:
        """The job, locked until a writing transaction ends, or `NotFound`."""
        ...

    async def find(self, unique_key: str) -> Job | None:
        """The job with that unique key, not locked, or None."""
        ...

    async def due(self, kinds: Collection[str], *, at: datetime) -> bool:
        """Whether a job of these kinds can be claimed."""
        ...

    async def latest_done(self, kind: str) -> Job | None:
        """The job of that kind that was done last, not locked, or None."""
        ...

    async def page(
        self,
        *,
        state: JobState | None = None,
        without: Collection[str] = (),
        after: JobId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Job]:
        """At most `limit` jobs, of one state if given, before `after`, the newest first.

        None of the kinds `without`.
        """
        ...

    async def failed(self, *, without: Collection[str] = (), limit: int = MOST_PAGE) -> Sequence[Job]:
        """At most `limit` jobs that failed for good and that nobody wanted stopped, the newest first.

        None of the kinds `without`, and none with a later job of the same subject, whatever its state.
        """
        ...


class JobRepository(JobReader, Protocol):
    """Jobs, to be changed."""

    async def add(self, job: Job) -> Job:
        """Queue a job, in the transaction of the change that needs it.

        Return the stored job. If its unique key is taken, that is the earlier job, unchanged.
        """
        ...

    async def claim(
        self, kinds: Collection[str], *, at: datetime, seconds: int, only: JobId | None = None
    ) -> Job | None:
        """Claim the job of these kinds that has been due for longest; None if none is due. `only`: claim no other job.

        No two workers get the same job, and no worker waits for another.
        """
        ...

    async def save(self, job: Job) -> Job:
        """Store a job that this transaction has read, or raise `StaleWrite`; return it with its new version."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the jobs that finished before that moment; return how many."""
        ...
