"""Exports: request a sheet, decide on somebody else's, see how far it is, and download one's own."""

from typing import Annotated

from fastapi import Form, Request, Response

from ygs.application.directory.search import MemberCriteria
from ygs.application.jobs.export_jobs import SHEET_TYPE, ExportFilters, ExportRefusal, ExportRequest
from ygs.application.jobs.queue import JobView
from ygs.bootstrap import Application
from ygs.domain.errors import NotFound
from ygs.domain.exports import ExportedData, ExportState
from ygs.domain.ids import ExportId, JobId, UserId
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.text import LINE_LENGTH
from ygs.domain.users import Status
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import AfterExport, ExportInPath, Ygs

router = staff_router()

EXPORTS_SHOWN = 30
_REGIONS = [value.code for value in VOCABULARY["region"].values]

_Reason = Annotated[str, Form(max_length=LINE_LENGTH)]
_Day = Annotated[str, Form(max_length=10)]
_Dated = Annotated[ExportedData, Form()]


@router.get("/exports")
async def list_exports(request: Request, ygs: Ygs, after: AfterExport = None) -> Response:
    """All exports, the newest first, and the forms for another."""
    actor = request.state.visit.actor
    found = await ygs.export_jobs.list(actor, after=after, limit=EXPORTS_SHOWN)
    return render(
        request,
        "exports.html",
        exports=found,
        names=await _names(request, ygs),
        older=found[-1].id if len(found) == EXPORTS_SHOWN else "",
        statuses=[each for each in Status if each is not Status.WITHDRAWN],
        regions=_REGIONS,
        dated=[each for each in ExportedData if each is not ExportedData.MEMBERS],
    )


@router.post("/exports/members")
async def request_members(
    request: Request,
    ygs: Ygs,
    reason: _Reason,
    status: Annotated[str, Form(max_length=20)] = "",
    region: Annotated[str, Form(max_length=20)] = "",
    contacts: Annotated[bool, Form()] = False,
) -> Response:
    """Request a sheet of members."""
    wanted = {"status": [status] if status else [], "region": [region] if region else []}
    filters = ExportFilters(members=filled_in(MemberCriteria, **wanted))
    return await _requested(request, ygs, data=ExportedData.MEMBERS, reason=reason, filters=filters, contacts=contacts)


@router.post("/exports/dated")
async def request_dated(
    request: Request,
    ygs: Ygs,
    reason: _Reason,
    data: _Dated = ExportedData.INTRODUCTIONS,
    since: _Day = "",
    until: _Day = "",
) -> Response:
    """Request a sheet of what is chosen by days: of everything but members."""
    filters = filled_in(ExportFilters, since=since or None, until=until or None)
    return await _requested(request, ygs, data=data, reason=reason, filters=filters)


@router.get("/exports/{id}")
async def show_export(request: Request, id: ExportInPath, ygs: Ygs) -> Response:
    """One export: whose data it holds and why, and what is to be done next."""
    actor = request.state.visit.actor
    export = await ygs.export_jobs.get(actor, id)
    now = ygs.clock.now()
    return render(
        request,
        "export.html",
        export=export,
        job=await _job(request, ygs, export.job_id),
        names=await _names(request, ygs),
        mine=export.requested_by == actor.id,
        over=now >= export.closes_at,
        undecided=export.state is ExportState.REQUESTED,
    )


@router.post("/exports/{id}/approve")
async def approve_export(request: Request, id: ExportInPath, ygs: Ygs) -> Response:
    """Approve an export that somebody else requested."""
    await ygs.export_jobs.approve(request.state.visit.actor, id)
    return go(request, _page(request, id), "export_approved")


@router.post("/exports/{id}/refuse")
async def refuse_export(request: Request, id: ExportInPath, ygs: Ygs, reason: _Reason) -> Response:
    """Refuse an export that somebody else requested."""
    await ygs.export_jobs.refuse(request.state.visit.actor, id, filled_in(ExportRefusal, reason=reason))
    return go(request, _page(request, id), "export_refused")


@router.get("/exports/{id}/sheet")
async def download_export(request: Request, id: ExportInPath, ygs: Ygs) -> Response:
    """The sheet, for whoever requested it."""
    sheet = await ygs.export_jobs.download(request.state.visit.actor, id)
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}"', "Cache-Control": "no-store"}
    return Response(sheet.data, 200, headers, SHEET_TYPE)


async def _requested(
    request: Request,
    ygs: Application,
    *,
    data: ExportedData,
    reason: str,
    filters: ExportFilters,
    contacts: bool = False,
) -> Response:
    language = language_of(request)
    wanted = filled_in(ExportRequest, data=data, reason=reason, filters=filters, contacts=contacts, language=language)
    made = await ygs.export_jobs.request(request.state.visit.actor, wanted)
    return go(request, _page(request, made.id), "export_requested")


def _page(request: Request, id: ExportId) -> str:
    return f"{root(request)}/exports/{id}"


async def _names(request: Request, ygs: Application) -> dict[UserId, str]:
    """The names of staff by id."""
    return {each.id: each.name for each in await ygs.staff_list.read(request.state.visit.actor)}


async def _job(request: Request, ygs: Application, id: JobId | None) -> JobView | None:
    """The job that writes the sheet; None before the approval and once it was purged."""
    try:
        return await ygs.jobs.get(request.state.visit.actor, id) if id else None
    except NotFound:
        return None
