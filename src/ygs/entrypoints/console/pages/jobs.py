"""Jobs: how far each is, what came of it, and stopping or repeating it."""

from typing import Annotated

from fastapi import Query, Request, Response

from ygs.domain.jobs import JobState
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.outcomes import OUTCOMES
from ygs.entrypoints.console.rendering import is_partial, render
from ygs.entrypoints.console.routing import go, own_page, staff_router
from ygs.entrypoints.http.dependencies import AfterJob, JobInPath, Ygs

router = staff_router()

JOBS_SHOWN = 30
_OVER = {JobState.DONE, JobState.FAILED, JobState.CANCELLED}

_Next = Annotated[str, Query(max_length=200)]


@router.get("/jobs")
async def list_jobs(request: Request, ygs: Ygs, state: JobState | None = None, after: AfterJob = None) -> Response:
    """The jobs that the reader may ask for, of one state if given, the newest first."""
    jobs = await ygs.jobs.list(request.state.visit.actor, state=state, after=after, limit=JOBS_SHOWN)
    older = jobs[-1].id if len(jobs) == JOBS_SHOWN else ""
    return render(request, "jobs.html", jobs=jobs, state=state, older=older)


@router.get("/jobs/{id}")
async def show_job(request: Request, id: JobInPath, ygs: Ygs, next: _Next = "") -> Response:
    """How far a job is. The page asks again by itself; when the job is done it opens the page `next`."""
    job = await ygs.jobs.get(request.state.visit.actor, id)
    then = own_page(request, next) if next else ""
    if job.state is JobState.DONE and then:
        return go(request, then, job.kind if job.kind in OUTCOMES else "")
    block = "progress" if is_partial(request) else ""
    return render(request, "job.html", block=block, job=job, over=job.state in _OVER, next=then)


@router.post("/jobs/{id}/cancel")
async def cancel_job(request: Request, id: JobInPath, ygs: Ygs) -> Response:
    """Ask a job to stop, or give up one that failed."""
    job = await ygs.jobs.cancel(request.state.visit.actor, id)
    return go(
        request, f"{root(request)}/jobs/{id}", "job_given_up" if job.error and job.state in _OVER else "job_cancelled"
    )


@router.post("/jobs/{id}/requeue")
async def requeue_job(request: Request, id: JobInPath, ygs: Ygs) -> Response:
    """Queue a failed job again."""
    await ygs.jobs.requeue(request.state.visit.actor, id)
    return go(request, f"{root(request)}/jobs/{id}", "job_queued")
