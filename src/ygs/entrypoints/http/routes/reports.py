"""Reporting somebody one was introduced to."""

from fastapi import Response

from ygs.application.moderation.reports import ReportedView, ReportRequest
from ygs.entrypoints.http.dependencies import Idempotent, SignedIn, UserInPath, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(tags=["match"], responses=refuses(*UNAUTHORISED, 503))


@router.post("/users/{id}/report", status_code=201, response_model=ReportedView, responses=refuses(404, 409))
async def report_member(
    id: UserInPath, request: ReportRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Report a member I was introduced to. Staff review every report; the member never learns of it.

    No Location: only staff can read a report afterwards.
    """
    return await idempotent.run(lambda: ygs.reports.report(actor, id, request))
