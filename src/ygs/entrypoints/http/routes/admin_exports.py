"""Staff: exports of members and introductions into a sheet, which two accounts agree to."""

from typing import Any

from fastapi import Response

from ygs.application.jobs.export_jobs import SHEET_TYPE, ExportRefusal, ExportRequest, ExportView
from ygs.entrypoints.http.dependencies import (
    AfterExport,
    ExportInPath,
    Idempotent,
    Page,
    PageLimit,
    SignedIn,
    Ygs,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/exports", tags=["staff: exports"], responses=refuses(*UNAUTHORISED, 503))

_SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {SHEET_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("")
async def list_exports(actor: SignedIn, ygs: Ygs, after: AfterExport = None, limit: PageLimit = 20) -> Page[ExportView]:
    """List exports, the newest first, page by page. Administrators may."""
    return page(await ygs.export_jobs.list(actor, after=after, limit=limit), limit, lambda export: export.id)


@router.post("", status_code=201, response_model=ExportView, responses=refuses(409))
async def request_export(request: ExportRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Request an export: another administrator approves or refuses it within three days. Needs a session of the last 15
    minutes."""
    return await idempotent.run(lambda: ygs.export_jobs.request(actor, request), below="/admin/exports")


@router.get("/{id}", responses=refuses(404))
async def get_export(id: ExportInPath, actor: SignedIn, ygs: Ygs) -> ExportView:
    """Return one export and where it stands."""
    return await ygs.export_jobs.get(actor, id)


@router.post("/{id}/approve", responses=refuses(404, 409))
async def approve_export(id: ExportInPath, actor: SignedIn, ygs: Ygs) -> ExportView:
    """Approve an export that another account requested; a job then writes the sheet. Needs a session of the last 15
    minutes."""
    return await ygs.export_jobs.approve(actor, id)


@router.post("/{id}/refuse", responses=refuses(404, 409))
async def refuse_export(id: ExportInPath, request: ExportRefusal, actor: SignedIn, ygs: Ygs) -> ExportView:
    """Refuse an export that another account requested, with a reason. Needs a session of the last 15 minutes."""
    return await ygs.export_jobs.refuse(actor, id, request)


@router.get("/{id}/sheet", response_class=Response, responses=_SHEET | refuses(404, 409))
async def download_export(id: ExportInPath, actor: SignedIn, ygs: Ygs) -> Response:
    """Return the sheet that you requested, within a day of its approval. Each time is on record with everybody in
    it."""
    sheet = await ygs.export_jobs.download(actor, id)
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}"'}
    return Response(sheet.data, media_type=SHEET_TYPE, headers=headers)
