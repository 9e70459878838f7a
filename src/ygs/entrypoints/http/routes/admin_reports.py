"""Staff: reports of a member by a member, and notes on members. Every look is on record."""

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
    """Reports nobody has decided on, those that came first first; without what was written."""
    return page(await ygs.reports.list_open(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.get("/reports/{id}", responses=refuses(404))
async def read_report(id: ReportInPath, actor: SignedIn, ygs: Ygs) -> ReportView:
    """One report with all that was written."""
    return await ygs.reports.read(actor, id)


@router.post("/reports/{id}/resolve", responses=refuses(404, 409))
async def resolve_report(id: ReportInPath, resolution: ReportResolution, actor: SignedIn, ygs: Ygs) -> ReportView:
    """Say, once, what was made of a report. Suspend the member first where that is the answer."""
    return await ygs.reports.resolve(actor, id, resolution)


@router.get("/members/{id}/reports", responses=refuses(404))
async def list_reports_about_member(
    id: UserInPath, actor: SignedIn, ygs: Ygs, after: AfterReport = None, limit: PageLimit = MOST_PAGE
) -> Page[ReportLine]:
    """Reports about one member, open or resolved, those that came first first; without what was written."""
    return page(await ygs.reports.list_about(actor, id, after=after, limit=limit), limit, lambda each: each.id)


@router.get("/members/{id}/notes", responses=refuses(404))
async def list_notes_about_member(
    id: UserInPath, actor: SignedIn, ygs: Ygs, after: AfterNote = None, limit: PageLimit = MOST_PAGE
) -> Page[NoteView]:
    """What staff noted about one member, the first first."""
    return page(await ygs.notes.list_about(actor, id, after=after, limit=limit), limit, lambda each: each.id)


@router.post("/members/{id}/notes", status_code=201, response_model=NoteView, responses=refuses(404, 409))
async def write_note(
    id: UserInPath, request: NoteRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Note something about a member, who never reads it."""
    return await idempotent.run(lambda: ygs.notes.write(actor, id, request))


@router.put("/notes/{id}", responses=refuses(404, 409))
async def correct_note(
    id: NoteInPath, request: NoteRequest, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> NoteView:
    """Let a note say something else; its author and administrators may. Its ETag is its `version`, in quotes."""
    corrected = await ygs.notes.correct(actor, id, request, version)
    set_etag(response, corrected.version)
    return corrected


@router.delete("/notes/{id}", status_code=204, responses=refuses(404, 409))
async def remove_note(id: NoteInPath, actor: SignedIn, version: IfMatch, ygs: Ygs) -> None:
    """Take a note back, for good; its author and administrators may."""
    await ygs.notes.remove(actor, id, version)
