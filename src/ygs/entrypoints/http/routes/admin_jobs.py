"""Staff: work that runs beside requests, how far it is, and what failed."""

from typing import Annotated

from fastapi import Query

from ygs.application.jobs.queue import JobView
from ygs.domain.jobs import JobState
from ygs.entrypoints.http.dependencies import AfterJob, JobInPath, Page, PageLimit, SignedIn, Ygs, page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/jobs", tags=["staff: jobs"], responses=refuses(*UNAUTHORISED, 503))


@router.get("")
async def list_jobs(
    actor: SignedIn,
    ygs: Ygs,
    state: Annotated[JobState | None, Query(description="Only those in this state.")] = None,
    after: AfterJob = None,
    limit: PageLimit = 20,
) -> Page[JobView]:
    """List the jobs that you may ask for, the newest first, page by page."""
    return page(await ygs.jobs.list(actor, state=state, after=after, limit=limit), limit, lambda job: job.id)


@router.get("/{id}", responses=refuses(404))
async def get_job(id: JobInPath, actor: SignedIn, ygs: Ygs) -> JobView:
    """Return one job and its progress. Ask again every second or so until `state` is done, failed or cancelled."""
    return await ygs.jobs.get(actor, id)


@router.post("/{id}/cancel", responses=refuses(404, 409))
async def cancel_job(id: JobInPath, actor: SignedIn, ygs: Ygs) -> JobView:
    """Cancel a job: at once while it is queued, within seconds while it runs. One that failed is given up."""
    return await ygs.jobs.cancel(actor, id)


@router.post("/{id}/requeue", responses=refuses(404, 409))
async def requeue_job(id: JobInPath, actor: SignedIn, ygs: Ygs) -> JobView:
    """Queue a job again that failed."""
    return await ygs.jobs.requeue(actor, id)
