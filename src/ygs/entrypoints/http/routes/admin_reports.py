"""Staff: reports of a member by a member, and notes on members. Every read is audited."""

from fastapi import Response

from ygs.application.moderation.notes import NoteRequest, NoteView
from ygs.application.moderation.reports import ReportLine, ReportResolution, ReportView
from ygs.entrypoints.http.dependencies import (
    AfterNote,
    AfterReport,
    Idempotent,
    IfMatch,
    NoteInPath,
    Page,
    PageLimit,
    ReportInPath,
    SignedIn,
    UserInPath,
    Ygs,
    page,
    set_etag,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin", tags=["staff: reports"], responses=refuses(*UNAUTHORISED, 503))


@router.get("/reports")
async def list_open_reports(
    actor: SignedIn, ygs: Ygs, after: AfterReport = None, limit: PageLimit = MOST_PAGE
) -> Page[ReportLine]:
    """List open reports, oldest first, without their texts."""
    return page(await ygs.reports.list_open(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.get("/reports/{id}", responses=refuses(404))
async def read_report(id: ReportInPath, actor: SignedIn, ygs: Ygs) -> ReportView:
    """Return one report with its texts; audited."""
    return await ygs.reports.read(actor, id)


@router.post("/reports/{id}/resolve", responses=refuses(404, 409))
async def resolve_report(id: ReportInPath, resolution: ReportResolution, actor: SignedIn, ygs: Ygs) -> ReportView:
    """Resolve a report, once. To resolve it as suspended, suspend the member first."""
    return await ygs.reports.resolve(actor, id, resolution)


@router.get("/members/{id}/reports", responses=refuses(404))
async def list_reports_about_member(
    id: UserInPath, actor: SignedIn, ygs: Ygs, after: AfterReport = None, limit: PageLimit = MOST_PAGE
) -> Page[ReportLine]:
    """List reports about one member, open and resolved, oldest first, without their texts."""
    return page(await ygs.reports.list_about(actor, id, after=after, limit=limit), limit, lambda each: each.id)


@router.get("/members/{id}/notes", responses=refuses(404))
async def list_notes_about_member(
    id: UserInPath, actor: SignedIn, ygs: Ygs, after: AfterNote = None, limit: PageLimit = MOST_PAGE
) -> Page[NoteView]:
    """List staff's notes on one member, oldest first."""
    return page(await ygs.notes.list_about(actor, id, after=after, limit=limit), limit, lambda each: each.id)


@router.post("/members/{id}/notes", status_code=201, response_model=NoteView, responses=refuses(404, 409))
async def write_note(
    id: UserInPath, request: NoteRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Write a note on a member, who never reads it."""
    return await idempotent.run(lambda: ygs.notes.write(actor, id, request), below="/admin/notes")


@router.put("/notes/{id}", responses=refuses(404, 409))
async def correct_note(
    id: NoteInPath, request: NoteRequest, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> NoteView:
    """Replace the text of a note; its author and administrators may. Its ETag is its `version`, in quotes."""
    corrected = await ygs.notes.correct(actor, id, request, version)
    set_etag(response, corrected.version)
    return corrected


@router.delete("/notes/{id}", status_code=204, responses=refuses(404, 409))
async def remove_note(id: NoteInPath, actor: SignedIn, version: IfMatch, ygs: Ygs) -> None:
    """Delete a note for good; its author and administrators may."""
    await ygs.notes.remove(actor, id, version)
