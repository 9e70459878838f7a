"""Jobs: work that runs beside requests, such as planning a week, and outlasts a crash of whoever runs it.

A worker claims a job under a lease and gets a fencing token. It renews the lease while it works, and finishes the job
in the transaction that stores the result. When a worker dies, the lease ends and another worker claims the job; the
first one, should it wake, has an old token and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self, TypeAlias

from ygs.domain.errors import N_, LeaseLost, WrongStatus
from ygs.domain.ids import JobId, UserId

# What a job needs and what comes of it: ids, counts and codes, never what a person wrote.
Values: TypeAlias = Mapping[str, str | int | bool]

MOST_ATTEMPTS = 5
# Who asks for what happens by itself, or at the machine.
OPERATOR = "operator"
FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)


class JobKind(StrEnum):
    """What jobs do."""

    ADVISE_WEEK = "advise_week"
    CLOSE_WEEK = "close_week"
    DUE_MEMBERSHIPS = "due_memberships"
    EVALUATE_LEARNING = "evaluate_learning"
    EXPORT = "export"
    FIT_LEARNING = "fit_learning"
    IMPORT = "import"
    LOCK_WEEK = "lock_week"
    MEETING_NOTICES = "meeting_notices"
    PLAN_WEEK = "plan_week"
    POOL_BALANCE = "pool_balance"
    PUBLISH_WEEK = "publish_week"
    PURGE = "purge"
    REMIND = "remind"
    REMOVE_FILE = "remove_file"
    USE_LEARNING = "use_learning"


# The arguments that say what a job of that kind is about. A later one of a kind without any makes up for those before.
_ABOUT: Mapping[str, tuple[str, ...]] = {
    JobKind.ADVISE_WEEK: ("week",),
    JobKind.CLOSE_WEEK: ("week",),
    JobKind.DUE_MEMBERSHIPS: (),
    JobKind.EVALUATE_LEARNING: (),
    JobKind.EXPORT: ("export",),
    JobKind.FIT_LEARNING: (),
    JobKind.IMPORT: ("import",),
    JobKind.LOCK_WEEK: ("week",),
    JobKind.MEETING_NOTICES: (),
    JobKind.PLAN_WEEK: ("week",),
    JobKind.POOL_BALANCE: (),
    JobKind.PUBLISH_WEEK: ("week",),
    JobKind.PURGE: (),
    JobKind.REMIND: ("week", "number"),
    JobKind.REMOVE_FILE: ("path",),
    JobKind.USE_LEARNING: ("version",),
}


def daily_key(kind: JobKind, day: date) -> str:
    """The unique key of a job that is done once a day, in the service's time zone."""
    return f"{kind}:{day}"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its last attempt failed; staff may queue it again, or cancel it, which gives it up
    CANCELLED = "cancelled"


class Beat(StrEnum):
    """What a worker learns when it reports progress."""

    GO_ON = "go_on"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work. Times are UTC.

    `kind` says which handler runs it, `arguments` for what. `unique_key`: no two jobs have the same one, such as a job
    of a day; "" for none. `requested_by`: a user's id, or `OPERATOR`. `run_at`: not before. `attempts`: how often it
    was claimed since it was queued. `fence`: fencing token of the latest claim. `stage`, `done` and `total` are its
    progress; `total` is 0 while unknown. `error`: the code of the latest error; `error_details`: the template of its
    message and what fills it in.
    """

    id: JobId
    kind: str
    requested_by: str
    created_at: datetime
    run_at: datetime
    arguments: Values = field(default_factory=dict)
    unique_key: str = ""
    state: JobState = JobState.QUEUED
    attempts: int = 0
    fence: int = 0
    lease_until: datetime | None = None
    cancel_requested: bool = False
    stage: str = ""
    done: int = 0
    total: int = 0
    result: Values = field(default_factory=dict)
    error: str = ""
    error_details: Mapping[str, Any] = field(default_factory=dict)
    finished_at: datetime | None = None
    version: int = 0

    @property
    def over(self) -> bool:
        """Whether no worker will run it any more, unless staff queue it again."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def waits_for_staff(self) -> bool:
        """Whether it failed for good, and nobody wanted it stopped: somebody has to try it again or give it up."""
        return self.state is JobState.FAILED and not self.cancel_requested

    @property
    def subject(self) -> str:
        """What it does to what: a later job of the same subject takes the place of one that failed. Of a kind that is
        not known here, the job's own id."""
        about = _ABOUT.get(self.kind)
        return (
            self.id if about is None else ":".join([self.kind, *(str(self.arguments.get(name, "")) for name in about)])
        )

    @classmethod
    def new(
        cls,
        id: JobId,
        kind: JobKind,
        *,
        at: datetime,
        by: UserId | None = None,
        arguments: Values | None = None,
        unique_key: str = "",
        run_at: datetime | None = None,
    ) -> Self:
        """A job to queue. `by`: who asks for it, the operator without one; `run_at`: at once without it."""
        return cls(
            id=id,
            kind=kind,
            arguments=arguments or {},
            unique_key=unique_key,
            requested_by=by or OPERATOR,
            created_at=at,
            run_at=run_at or at,
        )

    def claimable(self, at: datetime) -> bool:
        """Whether a worker may claim it: it is due, or its worker's lease is over."""
        if self.state is JobState.QUEUED:
            return self.run_at <= at
        return self.state is JobState.RUNNING and self.lease_until is not None and self.lease_until <= at

    def claimed(self, *, at: datetime, seconds: int) -> Self:
        """The job, leased to a worker; `fence` is its token."""
        return replace(
            self,
            state=JobState.RUNNING,
            attempts=self.attempts + 1,
            fence=self.fence + 1,
            lease_until=at + timedelta(seconds=seconds),
            stage="",
            done=0,
            total=0,
        )

    def beat(self, *, fence: int) -> Beat:
        """What the worker with this token is to do."""
        if self.state is not JobState.RUNNING or fence != self.fence:
            return Beat.LOST
        return Beat.CANCELLED if self.cancel_requested else Beat.GO_ON

    def progressed(self, *, stage: str, done: int, total: int, at: datetime, seconds: int) -> Self:
        """The job with its progress, and its lease renewed."""
        return replace(self, stage=stage, done=done, total=total, lease_until=at + timedelta(seconds=seconds))

    def finished(self, result: Values, *, fence: int, at: datetime) -> Self:
        """The job, done. `LeaseLost` unless `fence` is the latest token: then nothing of the result may be stored."""
        self._require(fence)
        return replace(
            self, state=JobState.DONE, result=result, error="", error_details={}, lease_until=None, finished_at=at
        )

    def cancelled_by_worker(self, *, fence: int, at: datetime) -> Self:
        """The job, cancelled by its worker after `Beat.CANCELLED`. `LeaseLost` unless `fence` is the latest token."""
        self._require(fence)
        return replace(self, state=JobState.CANCELLED, lease_until=None, finished_at=at)

    def given_back(self, *, fence: int, at: datetime) -> Self:
        """The job, queued again by a worker that stops before it is done; that is no failed attempt. `LeaseLost` unless
        `fence` is the latest token."""
        self._require(fence)
        return replace(self, state=JobState.QUEUED, attempts=self.attempts - 1, lease_until=None, run_at=at)

    def failed(
        self, error: str, *, fence: int, at: datetime, again: bool, details: Mapping[str, Any] | None = None
    ) -> Self:
        """The job after an error: queued again, later each time, or failed after the last attempt or unless `again`.

        `LeaseLost` unless `fence` is the latest token.
        """
        self._require(fence)
        failed = replace(self, error=error, error_details=details or {}, lease_until=None)
        if again and self.attempts < MOST_ATTEMPTS and not self.cancel_requested:
            return replace(failed, state=JobState.QUEUED, run_at=at + retry_after(self.attempts))
        return replace(failed, state=JobState.FAILED, finished_at=at)

    def cancelled(self, *, at: datetime) -> Self:
        """The job, cancelled while it is queued or after it failed, or at its worker's next beat. `WrongStatus` when it
        is done or was cancelled."""
        if self.state is JobState.FAILED:
            return replace(self, state=JobState.CANCELLED, cancel_requested=True)
        if self.state is JobState.QUEUED:
            return replace(self, state=JobState.CANCELLED, cancel_requested=True, finished_at=at)
        if self.state is not JobState.RUNNING:
            raise WrongStatus(N_("this job is over: there is nothing to cancel"))
        return replace(self, cancel_requested=True)

    def requeued(self, *, at: datetime) -> Self:
        """The job, queued again after it failed. `WrongStatus` otherwise."""
        if self.state is not JobState.FAILED:
            raise WrongStatus(N_("only a failed job can be queued again"))
        return replace(self, state=JobState.QUEUED, attempts=0, run_at=at, finished_at=None, cancel_requested=False)

    def _require(self, fence: int) -> None:
        if self.beat(fence=fence) is Beat.LOST:
            raise LeaseLost(N_("another worker has this job now; nothing was written"))


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 10 s, doubled each time, an hour at most."""
    return min(LONGEST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 16)))
