"""Settings: the policy of rounds, when weeks are locked by themselves, and whether the service is well."""

from typing import Annotated

from fastapi import Form, Request, Response

from ygs.application.audit.budget_lifts import LiftRequest
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.week_schedules import WeekScheduleSettings
from ygs.bootstrap import Application
from ygs.domain.errors import Unavailable
from ygs.domain.jobs import JobState
from ygs.domain.matching.policy import MOST_CAPACITY, Objective, Strategy
from ygs.domain.matching.wishes import FULL
from ygs.domain.text import LINE_LENGTH
from ygs.domain.week_schedule import Weekday
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import UserInPath, Ygs

router = staff_router()

JOBS_LOOKED_AT = 100
_PERCENT = 100  # basis points

_Version = Annotated[int, Form(ge=0)]
_Hour = Annotated[int, Form(ge=0, le=23)]


@router.get("/settings")
async def show_settings(request: Request, ygs: Ygs) -> Response:
    """The policy and the schedule in force, with the forms to set others."""
    actor = request.state.visit.actor
    return render(
        request,
        "settings.html",
        policy=await ygs.policies.current(actor),
        schedule=await ygs.week_schedules.current(actor),
        weekdays=list(Weekday),
        strategies=list(Strategy),
        objectives=list(Objective),
    )


@router.post("/settings/policy")
async def set_policy(
    request: Request,
    ygs: Ygs,
    version: _Version,
    name: Annotated[str, Form(min_length=1, max_length=50)],
    floor: Annotated[int, Form(ge=0, le=FULL // _PERCENT)],
    longest_wait: Annotated[int, Form(ge=1, le=52)],
    capacity: Annotated[int, Form(ge=1, le=MOST_CAPACITY)],
    objective: Annotated[Objective, Form()],
    strategy: Annotated[Strategy, Form()],
    strict_unknown: Annotated[bool, Form()] = False,
) -> Response:
    """Set the policy of weeks that are created from now on. `version`: of the policy that the page showed.

    What the form has no field for stays as it is. `floor` is in percent.
    """
    actor = request.state.visit.actor
    before = (await ygs.policies.current(actor)).policy
    changed = {
        "version": name,
        "floor": floor * _PERCENT,
        "longest_wait": longest_wait,
        "capacity": capacity,
        "objective": objective,
        "strategy": strategy,
        "strict_unknown": strict_unknown,
    }
    wanted = filled_in(PolicySettings, **{**before.model_dump(), **changed})
    await ygs.policies.set(actor, wanted.policy(), version)
    return go(request, f"{root(request)}/settings", "policy_set")


@router.post("/settings/schedule")
async def set_schedule(
    request: Request,
    ygs: Ygs,
    version: _Version,
    weekday: Annotated[Weekday, Form()],
    hour: _Hour,
    deadline_weekday: Annotated[Weekday, Form()],
    deadline_hour: _Hour,
    enabled: Annotated[bool, Form()] = False,
) -> Response:
    """Set when the next week is created and locked by itself. `version`: of the schedule that the page showed."""
    wanted = filled_in(
        WeekScheduleSettings,
        enabled=enabled,
        weekday=weekday,
        hour=hour,
        deadline_weekday=deadline_weekday,
        deadline_hour=deadline_hour,
    )
    await ygs.week_schedules.set(request.state.visit.actor, wanted, version)
    return go(request, f"{root(request)}/settings", "schedule_set")


@router.get("/health")
async def show_health(request: Request, ygs: Ygs) -> Response:
    """Whether the database answers, what failed in the background, and how much staff were shown today."""
    actor = request.state.visit.actor
    jobs = await ygs.jobs.list(actor, limit=JOBS_LOOKED_AT)
    return render(
        request,
        "health.html",
        schema=await _schema(ygs),
        failed=[job for job in jobs if job.state is JobState.FAILED],
        waiting=sum(job.state in (JobState.QUEUED, JobState.RUNNING) for job in jobs),
        budgets=await ygs.budget_lifts.list(actor),
        names={each.id: each.name for each in await ygs.staff_list.read(actor)},
    )


@router.post("/health/budgets/{id}/lift")
async def lift_budget(
    request: Request, id: UserInPath, ygs: Ygs, reason: Annotated[str, Form(max_length=LINE_LENGTH)]
) -> Response:
    """Let another account of staff read beyond its budgets for the rest of the day."""
    await ygs.budget_lifts.lift(request.state.visit.actor, id, filled_in(LiftRequest, reason=reason))
    return go(request, f"{root(request)}/health", "budget_lifted")


async def _schema(ygs: Application) -> str:
    """The version of the database's schema; empty when the database cannot be read or written."""
    try:
        return await ygs.readiness.check()
    except Unavailable:
        return ""
