"""Staff: exports of members and introductions into a sheet."""

from fastapi import Response

from ygs.application.jobs.export_jobs import ExportRequest, OpenedExport
from ygs.application.jobs.queue import JobView
from ygs.entrypoints.http.dependencies import Idempotent, JobInPath, SignedIn, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/exports", tags=["staff: jobs"], responses=refuses(*UNAUTHORISED, 503))


@router.post("", status_code=202, response_model=JobView, responses=refuses(409))
async def create_export(request: ExportRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Queue an export; a job writes the sheet. Administrators may."""
    return await idempotent.run(lambda: ygs.export_jobs.export(actor, request), status=202, below="/admin/jobs")


@router.get("/{id}", responses=refuses(404, 409))
async def open_export(id: JobInPath, actor: SignedIn, ygs: Ygs) -> OpenedExport:
    """Return a signed URL of the sheet that your export job wrote, within a day. Each time is on record."""
    return await ygs.export_jobs.open(actor, id)
