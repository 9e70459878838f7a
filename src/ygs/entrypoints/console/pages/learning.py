"""Answer predictions: what was learned from closed weeks, how it held, and which version is used."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request, Response

from ygs.application.learning.views import EvaluationView
from ygs.entrypoints.console.charts import Observed
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import render
from ygs.entrypoints.console.routing import go, staff_router
from ygs.entrypoints.http.dependencies import Ygs
from ygs.entrypoints.http.routes.admin_learning import LearnedNumber

router = staff_router()

VERSIONS_SHOWN = 20

_Before = Annotated[int | None, Query(ge=1, lt=2**31)]


@router.get("/learning")
async def show_learning(request: Request, ygs: Ygs, after: _Before = None) -> Response:
    """The versions, the latest first, and what the latest evaluation found."""
    actor = request.state.visit.actor
    versions = await ygs.learning.versions(actor, after=after, limit=VERSIONS_SHOWN)
    latest = await ygs.learning_jobs.latest_evaluation(actor)
    older = versions[-1].number if len(versions) == VERSIONS_SHOWN else ""
    points = _points(latest.evaluation) if latest else []
    return render(request, "learning.html", versions=versions, older=older, latest=latest, points=points)


@router.get("/learning/{number}")
async def show_version(request: Request, number: LearnedNumber, ygs: Ygs) -> Response:
    """One version, and how its predictions held."""
    version = await ygs.learning.show(request.state.visit.actor, number)
    return render(request, "learned_version.html", version=version, points=_points(version.evaluation))


def _points(evaluation: EvaluationView) -> Sequence[Observed]:
    return [
        Observed(each.predicted, each.mutual / each.introductions, each.low, each.high)
        for each in evaluation.reliability
    ]


@router.post("/learning/fit")
async def fit_learning(request: Request, ygs: Ygs) -> Response:
    """Learn from the answers of closed weeks, as a job."""
    job = await ygs.learning_jobs.fit(request.state.visit.actor)
    return go(request, _job(request, job.id))


@router.post("/learning/evaluate")
async def evaluate_learning(request: Request, ygs: Ygs) -> Response:
    """Judge what would be learned now, as a job."""
    job = await ygs.learning_jobs.evaluate(request.state.visit.actor)
    return go(request, _job(request, job.id))


@router.post("/learning/off")
async def switch_off(request: Request, ygs: Ygs) -> Response:
    """Use nothing that was learned."""
    await ygs.learning.off(request.state.visit.actor)
    return go(request, f"{root(request)}/learning", "learning_off")


@router.post("/learning/{number}/use")
async def use_version(request: Request, number: LearnedNumber, ygs: Ygs) -> Response:
    """Use a version, as a job; an earlier one rolls back."""
    job = await ygs.learning_jobs.use(request.state.visit.actor, number)
    return go(request, _job(request, job.id))


def _job(request: Request, job: str) -> str:
    return f"{root(request)}/jobs/{job}?next={root(request)}/learning"
