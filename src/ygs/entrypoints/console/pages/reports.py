"""Reports of a member by a member, and their resolution."""

from typing import Annotated

from fastapi import Form, Request, Response

from ygs.application.moderation.reports import ReportResolution
from ygs.domain.reports import Resolution
from ygs.domain.text import NOTE_LENGTH
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import AfterReport, ReportInPath, Ygs

router = staff_router()

REPORTS_SHOWN = 30


@router.get("/reports")
async def list_reports(request: Request, ygs: Ygs, after: AfterReport = None) -> Response:
    """Open reports, oldest first."""
    reports = await ygs.reports.list_open(request.state.visit.actor, after=after, limit=REPORTS_SHOWN)
    return render(
        request, "reports.html", reports=reports, further=reports[-1].id if len(reports) == REPORTS_SHOWN else ""
    )


@router.get("/reports/{id}")
async def show_report(request: Request, id: ReportInPath, ygs: Ygs) -> Response:
    """A whole report, and the form to resolve it."""
    report = await ygs.reports.read(request.state.visit.actor, id)
    return render(request, "report.html", report=report, resolutions=list(Resolution))


@router.post("/reports/{id}/resolve")
async def resolve_report(
    request: Request,
    id: ReportInPath,
    ygs: Ygs,
    resolution: Annotated[Resolution, Form()],
    words: Annotated[str, Form(max_length=NOTE_LENGTH)],
) -> Response:
    """Resolve a report, once."""
    await ygs.reports.resolve(
        request.state.visit.actor, id, filled_in(ReportResolution, resolution=resolution, words=words)
    )
    return go(request, f"{root(request)}/reports", "resolved")
