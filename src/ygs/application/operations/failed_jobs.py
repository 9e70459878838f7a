"""Jobs that failed for good and wait for a person, what it takes to ask for each kind, and who is told of a failure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import ALLOWED, Actor, Permission
from ygs.domain.errors import NotFound
from ygs.domain.events import Event, EventType, job_failed
from ygs.domain.ids import JobId, UserId
from ygs.domain.jobs import OPERATOR, Job, JobKind
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.domain.users import Role
from ygs.ports.storage import Reading

# What it takes to ask for a job of that kind, and so to see it, to stop it and to try it again.
JOB_PERMISSIONS: Mapping[str, Permission] = {
    JobKind.ADVISE_WEEK: Permission.RUN_WEEKS,
    JobKind.CLOSE_WEEK: Permission.RUN_WEEKS,
    JobKind.DUE_MEMBERSHIPS: Permission.MANAGE_MEMBERSHIPS,
    JobKind.EVALUATE_LEARNING: Permission.READ_WEEKS,
    JobKind.EXPORT: Permission.EXPORT,
    JobKind.FIT_LEARNING: Permission.SET_POLICY,
    JobKind.IMPORT: Permission.IMPORT,
    JobKind.LOCK_WEEK: Permission.RUN_WEEKS,
    JobKind.MEETING_NOTICES: Permission.MANAGE_MEETINGS,
    JobKind.PLAN_WEEK: Permission.RUN_WEEKS,
    JobKind.POOL_BALANCE: Permission.RUN_WEEKS,
    JobKind.PUBLISH_WEEK: Permission.RUN_WEEKS,
    JobKind.PURGE: Permission.OPERATE,
    JobKind.REMIND: Permission.RUN_WEEKS,
    JobKind.REMOVE_FILE: Permission.OPERATE,
    JobKind.USE_LEARNING: Permission.SET_POLICY,
}
# A job of a week is done for, also by hand, or no longer wanted, once the week stands elsewhere.
_WAITS_IN: Mapping[str, frozenset[WeekState]] = {
    JobKind.ADVISE_WEEK: frozenset({WeekState.LOCKED}),
    JobKind.CLOSE_WEEK: frozenset({WeekState.PUBLISHED}),
    JobKind.LOCK_WEEK: frozenset({WeekState.OPEN}),
    JobKind.PLAN_WEEK: frozenset({WeekState.LOCKED, WeekState.PROPOSED}),
    JobKind.PUBLISH_WEEK: frozenset({WeekState.PROPOSED, WeekState.FAILED}),
    JobKind.REMIND: frozenset({WeekState.PUBLISHED}),
}


class FailedJobView(BaseModel):
    """A job that failed for good and waits for a person, to try it again or to give it up."""

    model_config = ConfigDict(frozen=True)

    id: JobId
    kind: str = Field(description="What was to be done, such as `lock_week`.")
    failed_at: datetime = Field(description="When its last attempt failed, UTC.")

    @classmethod
    def of(cls, job: Job) -> Self:
        """The view of a failed job."""
        return cls(id=job.id, kind=job.kind, failed_at=job.finished_at or job.created_at)


def job_permission(kind: str) -> Permission:
    """What it takes to ask for a job of that kind."""
    return JOB_PERMISSIONS.get(kind, Permission.RUN_WEEKS)


def hidden_kinds(actor: Actor) -> Collection[str]:
    """The kinds of jobs that the actor may not ask for."""
    return [kind for kind, permission in JOB_PERMISSIONS.items() if permission not in actor.permissions]


async def failed_jobs(reading: Reading, actor: Actor, today: date) -> Sequence[Job]:
    """The jobs that failed and wait for somebody like the actor, the newest first, at most 100.

    Not those that a later job of the same subject took the place of, nor those of a week that stands elsewhere by now,
    or is over `today`, in the service's time zone.
    """
    found = await reading.jobs.failed(without=hidden_kinds(actor))
    if not any(job.kind in _WAITS_IN for job in found):
        return found
    states = await _week_states(reading)
    return [job for job in found if _waits(job, states, today)]


async def _week_states(reading: Reading) -> Mapping[str, WeekState]:
    """Where the latest weeks stand: by their ids, and the one that counts of each ISO week by its name."""
    states = dict[str, WeekState]()
    for week in await reading.weeks.outlines():
        states[week.id] = week.state
        if states.get(str(week.week), WeekState.CANCELLED) is WeekState.CANCELLED:
            states[str(week.week)] = week.state
    return states


def _waits(job: Job, states: Mapping[str, WeekState], today: date) -> bool:
    week = str(job.arguments.get("week", ""))
    state = states.get(week)
    if state is None and job.kind == JobKind.LOCK_WEEK:
        # Nobody has created it: the lock would do that too.
        return today < IsoWeek.parse(week).following().monday
    if state is None:
        # Any other week that is not among the latest is long over.
        return job.kind not in _WAITS_IN
    return state in _WAITS_IN.get(job.kind, {state})


@dataclass(frozen=True, slots=True)
class FailureAudience:
    """Who is told that a job failed: whoever asked for it, or else all who may ask for it."""

    type: EventType
    asked_by: UserId | None = None

    @classmethod
    async def of(cls, reading: Reading, job: Job) -> Self:
        """Whom to tell of a job. Whoever asked for it and may not ask for it by now is not told: the others are."""
        permission = job_permission(job.kind)
        if job.requested_by != OPERATOR:
            with_rights = await _asker(reading, UserId(job.requested_by))
            if with_rights and permission in with_rights.permissions:
                return cls(EventType.JOB_FAILED, with_rights.id)
        if job.kind == JobKind.LOCK_WEEK:
            return cls(EventType.WEEK_NOT_LOCKED)
        if permission in ALLOWED[Role.CONSULTANT]:
            return cls(EventType.STAFF_JOB_FAILED)
        return cls(EventType.ADMIN_JOB_FAILED)

    def event(self, job: Job, at: datetime) -> Event:
        """The event that tells them."""
        return job_failed(self.type, job.id, at, asked_by=self.asked_by)


async def _asker(reading: Reading, id: UserId) -> Actor | None:
    try:
        user = await reading.users.get(id)
    except NotFound:
        return None
    return Actor.signed_in(user.id, user.role, status=user.status)
