"""Staff: who takes part."""

from typing import Annotated

from fastapi import Query, Response

from ygs.application.accounts.role_changes import RoleChange
from ygs.application.directory.assignments import Assignment, BulkAssignment
from ygs.application.directory.members import MemberPage
from ygs.application.directory.search import DirectoryRequest
from ygs.application.directory.timeline import CURSOR, TimelinePage
from ygs.application.explanations.views import CandidateView, ExplainedPair, ExplainedPerson
from ygs.application.members.bulk_status import BulkStatusChange, Verdicts
from ygs.application.members.personal_data import Correction
from ygs.application.members.profile import MyselfView
from ygs.application.members.review import Decision, MemberView, QueuedView
from ygs.domain.ids import WeekId
from ygs.entrypoints.http.dependencies import (
    WEEK,
    Accounts,
    AfterUser,
    Idempotent,
    IfMatch,
    Page,
    PageLimit,
    SignedIn,
    UserInPath,
    Ygs,
    only_page,
    page,
)
from ygs.entrypoints.http.field_errors import also_checks
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import HotRoute, PrefixRouter
from ygs.entrypoints.http.routes.me import with_etag
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin", tags=["staff: members"], responses=refuses(*UNAUTHORISED, 503))


@router.get("/queue")
async def list_review_queue(
    actor: SignedIn, ygs: Ygs, after: AfterUser = None, limit: PageLimit = MOST_PAGE
) -> Page[QueuedView]:
    """List members who wait for review, earliest joined first. Names are masked."""
    return page(await ygs.member_review.list_queue(actor, after=after, limit=limit), limit, lambda each: each.id)


async def list_members(actor: SignedIn, ygs: Ygs, request: Annotated[DirectoryRequest, Query()]) -> MemberPage:
    """Search members and staff, filter and sort them. Names are masked."""
    return await ygs.directory.list_members(actor, request)


router.add_api_route("/members", list_members, responses=refuses(404), route_class_override=HotRoute)


@router.get("/members/{id}", responses=refuses(404))
async def get_member(id: UserInPath, actor: SignedIn, ygs: Ygs, response: Response) -> MemberView:
    """Return the whole profile of one member; audited."""
    return with_etag(response, await ygs.member_review.get_member(actor, id))


@router.get("/members/{id}/timeline", responses=refuses(404))
async def get_timeline(
    id: UserInPath,
    actor: SignedIn,
    ygs: Ygs,
    before: Annotated[
        str | None, Query(pattern=CURSOR, max_length=500, description="Those before: `next` of the page before.")
    ] = None,
    limit: PageLimit = MOST_PAGE,
) -> TimelinePage:
    """List what happened to a member, latest first; audited. No answer is in it, and of an introduction only how it was
    decided. Forbidden about yourself and members you were introduced to."""
    return await ygs.timelines.read(actor, id, before=before, limit=limit)


@router.patch("/members/{id}/basic", responses=refuses(404, 409))
@also_checks(lambda ygs, body: ygs.personal_data.errors_in(body))
async def correct_member(
    id: UserInPath, correction: Correction, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Correct a member's name, gender, whom they seek or birth year, or change status or role, all in one.

    What is left out stays. Another name or birth year ends the verification of the identity document; another role
    needs a sign-in of the last 15 minutes."""
    return with_etag(response, await ygs.personal_data.correct(actor, id, correction, version))


@router.post("/members/{id}/approve", responses=refuses(404, 409))
async def approve_member(id: UserInPath, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response) -> MyselfView:
    """Approve a member's profile: the member takes part in rounds."""
    return with_etag(response, await ygs.member_review.approve(actor, id, version))


@router.post("/members/{id}/reject", responses=refuses(404, 409))
async def reject_member(
    id: UserInPath, decision: Decision, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Reject a member's profile; the member reads the reason."""
    return with_etag(response, await ygs.member_review.reject(actor, id, decision, version))


@router.post("/members/{id}/suspend", responses=refuses(404, 409))
async def suspend_member(
    id: UserInPath, decision: Decision, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Suspend a member: sessions end now, and waiting introductions are cancelled."""
    return with_etag(response, await ygs.member_review.suspend(actor, id, decision, version))


@router.post("/members/{id}/restore", responses=refuses(404, 409))
async def restore_member(id: UserInPath, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response) -> MyselfView:
    """Restore a suspended member: the member takes part again."""
    return with_etag(response, await ygs.member_review.restore(actor, id, version))


@router.post("/members/status", response_model=Verdicts, responses=refuses(409))
async def change_status_of_members(
    request: BulkStatusChange, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Change the status of up to 100 members, with a verdict for each: one who is refused does not stop the others."""
    return await idempotent.run(lambda: ygs.bulk_status.change(actor, request), status=200)


@router.put("/members/{id}/consultant", status_code=204, responses=refuses(404, 409))
async def assign_member(id: UserInPath, assignment: Assignment, actor: SignedIn, ygs: Ygs) -> None:
    """Assign a member to a consultant, or to nobody."""
    await ygs.assignments.assign(actor, id, assignment)


@router.post("/members/assignments", response_model=Verdicts, responses=refuses(409))
async def assign_members(request: BulkAssignment, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Assign up to 100 members to a consultant, or to nobody, with a verdict for each."""
    return await idempotent.run(lambda: ygs.assignments.assign_many(actor, request), status=200)


@router.put("/members/{id}/role", status_code=204, responses=refuses(404, 409))
async def change_role(id: UserInPath, change: RoleChange, actor: SignedIn, accounts: Accounts) -> None:
    """Change a user's role; all their sessions end."""
    await accounts.roles.change(actor, id, change)


@router.post("/members/{id}/authenticator/remove", status_code=204, responses=refuses(404, 409))
async def remove_authenticator(id: UserInPath, decision: Decision, actor: SignedIn, accounts: Accounts) -> None:
    """Remove the authenticator of a user who lost it: they sign in by password and enrol again."""
    await accounts.second_factor.remove(actor, id, decision.reason)


@router.get("/members/{id}/why-no-match", responses=refuses(404, 409))
async def explain_member(
    id: UserInPath,
    actor: SignedIn,
    ygs: Ygs,
    week: Annotated[
        WeekId,
        Query(**WEEK, description="Which week's plan."),
    ],
) -> ExplainedPerson:
    """Explain a member's result in a week's plan: the partners and why, or why there is none and what would help."""
    return await ygs.explanations.person(actor, id, week)


@router.get("/members/{id}/with/{other}", responses=refuses(404))
async def explain_pair(
    id: UserInPath,
    other: UserInPath,
    actor: SignedIn,
    ygs: Ygs,
    week: Annotated[
        WeekId | None, Query(**WEEK, description="As this locked week knew them, under its policy; today without it.")
    ] = None,
) -> ExplainedPair:
    """Explain what speaks for and against introducing two members, today or in a week."""
    return await ygs.explanations.pair(actor, id, other, week)


@router.get("/members/{id}/candidates", responses=refuses(404))
async def list_candidates(id: UserInPath, actor: SignedIn, ygs: Ygs, limit: PageLimit = 10) -> Page[CandidateView]:
    """List the members that one could be introduced to today, best first, and why."""
    return only_page(await ygs.explanations.candidates(actor, id, limit=limit))
