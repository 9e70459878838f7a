"""Staff: plans, memberships with their promise ledger, and refunds. Every read and change is audited."""

from datetime import date
from typing import Annotated, Any

from fastapi import Body, Path, Query, Response

from ygs.application.memberships.contracts import (
    ClockPauseRequest,
    ClockResumeRequest,
    EndRequest,
    FixedDateRequest,
    GrantRequest,
    MembershipFilter,
    MembershipRequest,
    PaymentRequest,
)
from ygs.application.memberships.ledger_views import LedgerView, MembershipLine
from ygs.application.memberships.plans import MembershipPlanView, PlanRequest
from ygs.application.memberships.refund_assessments import RefundDecision
from ygs.application.memberships.refund_calculator import RefundView
from ygs.application.memberships.refund_views import RefundAssessmentView
from ygs.domain.ids import ULID, MembershipId, PlanId, RefundId
from ygs.domain.matching.attribute import Language
from ygs.domain.refunds import RefundFault
from ygs.entrypoints.http.dependencies import (
    Idempotent,
    Page,
    PageLimit,
    SignedIn,
    UserInPath,
    Ygs,
    only_page,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin", tags=["staff: memberships"], responses=refuses(*UNAUTHORISED, 503))

_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
_AFTER = "The items after this one: `next` of the page before."
_MEMBERSHIP = {"pattern": f"^mb_{ULID}$", "examples": ["mb_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_PLAN = {"pattern": f"^mp_{ULID}$", "examples": ["mp_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
MembershipInPath = Annotated[MembershipId, Path(**_MEMBERSHIP)]
PlanInPath = Annotated[PlanId, Path(**_PLAN)]
RefundInPath = Annotated[RefundId, Path(pattern=f"^rf_{ULID}$", examples=["rf_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
AfterMembership = Annotated[MembershipId | None, Query(**_MEMBERSHIP, description=_AFTER)]
AfterPlan = Annotated[PlanId | None, Query(**_PLAN, description=_AFTER)]
_Only = Annotated[
    MembershipFilter | None,
    Query(description="Only those that are due in the coming week, late, or long without a meeting."),
]


@router.get("/membership-plans")
async def list_membership_plans(
    actor: SignedIn, ygs: Ygs, after: AfterPlan = None, limit: PageLimit = MOST_PAGE
) -> Page[MembershipPlanView]:
    """List plans, oldest first, those that are no longer offered too."""
    return page(await ygs.membership_plans.list(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.post("/membership-plans", status_code=201, response_model=MembershipPlanView)
async def offer_membership_plan(request: PlanRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Offer a plan."""
    return await idempotent.run(lambda: ygs.membership_plans.offer(actor, request), below="/admin/membership-plans")


@router.post("/membership-plans/{id}/withdraw", responses=refuses(404, 409))
async def withdraw_membership_plan(id: PlanInPath, actor: SignedIn, ygs: Ygs) -> MembershipPlanView:
    """Offer a plan no longer; contracts on it go on."""
    return await ygs.membership_plans.withdraw(actor, id)


@router.get("/memberships")
async def list_memberships(
    actor: SignedIn, ygs: Ygs, only: _Only = None, after: AfterMembership = None, limit: PageLimit = MOST_PAGE
) -> Page[MembershipLine]:
    """List memberships that have not ended: all, or who is due, late, or nearly three months without a meeting."""
    found = await ygs.memberships.list_open(actor, only=only, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@router.get("/members/{id}/memberships", responses=refuses(404))
async def list_memberships_of_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> Page[LedgerView]:
    """List the ledgers of one member, the earliest first."""
    return only_page(await ygs.memberships.list_of_member(actor, id))


@router.post("/members/{id}/memberships", status_code=201, response_model=LedgerView, responses=refuses(404, 409))
async def start_membership(
    id: UserInPath, request: MembershipRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Make a contract with a member on a plan that is offered."""
    return await idempotent.run(lambda: ygs.memberships.start(actor, id, request), below="/admin/memberships")


@router.get("/memberships/{id}", responses=refuses(404))
async def get_membership(id: MembershipInPath, actor: SignedIn, ygs: Ygs) -> LedgerView:
    """Return one ledger: owed, delivered, late, outside conditions, and each introduction with its proof."""
    return await ygs.memberships.get(actor, id)


@router.post("/memberships/{id}/payments", response_model=LedgerView, responses=refuses(404, 409))
async def record_payment(
    id: MembershipInPath, request: PaymentRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Record a payment, or below zero money that was paid back. Nothing is charged or transferred."""
    return await idempotent.run(lambda: ygs.memberships.pay(actor, id, request), status=200)


@router.post("/memberships/{id}/grants", response_model=LedgerView, responses=refuses(404, 409))
async def grant_service(
    id: MembershipInPath, request: GrantRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Give meetings or introductions on top; a refund counts them among those promised."""
    return await idempotent.run(lambda: ygs.memberships.grant(actor, id, request), status=200)


@router.post("/memberships/{id}/pause", responses=refuses(404, 409))
async def pause_membership(
    id: MembershipInPath,
    request: Annotated[ClockPauseRequest, Body(default_factory=ClockPauseRequest)],
    actor: SignedIn,
    ygs: Ygs,
) -> LedgerView:
    """Stop the clock of a contract: its days do not pass, and nothing falls due."""
    return await ygs.memberships.pause(actor, id, request)


@router.post("/memberships/{id}/resume", responses=refuses(404, 409))
async def resume_membership(
    id: MembershipInPath,
    request: Annotated[ClockResumeRequest, Body(default_factory=ClockResumeRequest)],
    actor: SignedIn,
    ygs: Ygs,
) -> LedgerView:
    """Let the clock of a contract go on."""
    return await ygs.memberships.resume(actor, id, request)


@router.post("/memberships/{id}/meeting-dates", responses=refuses(404, 409))
async def fix_meeting_date(id: MembershipInPath, request: FixedDateRequest, actor: SignedIn, ygs: Ygs) -> LedgerView:
    """Record that the date of a meeting was fixed; a later record about the same introduction replaces it."""
    return await ygs.memberships.fix_date(actor, id, request)


@router.post("/memberships/{id}/end", responses=refuses(404, 409))
async def end_membership(id: MembershipInPath, request: EndRequest, actor: SignedIn, ygs: Ygs) -> LedgerView:
    """End a membership: nothing is due any more."""
    return await ygs.memberships.end(actor, id, request)


@router.get("/memberships/{id}/refund", responses=refuses(404))
async def preview_refund(
    id: MembershipInPath,
    actor: SignedIn,
    ygs: Ygs,
    fault: Annotated[RefundFault, Query(description="For whose reason it ends.")],
    cancelled_on: Annotated[
        date | None, Query(description="The day for which it is computed; today if left out.")
    ] = None,
) -> RefundView:
    """Compute a refund from the ledger, every step shown, and store nothing. No legal advice."""
    return await ygs.refunds.preview(actor, id, fault, cancelled_on)


@router.get("/memberships/{id}/refunds", responses=refuses(404))
async def list_refunds(id: MembershipInPath, actor: SignedIn, ygs: Ygs) -> Page[RefundAssessmentView]:
    """List the refunds that were assessed for a membership, the earliest first."""
    return only_page(await ygs.refunds.list(actor, id))


@router.post(
    "/memberships/{id}/refunds", status_code=201, response_model=RefundAssessmentView, responses=refuses(404, 409)
)
async def assess_refund(
    id: MembershipInPath, decision: RefundDecision, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Compute a refund from the ledger and keep it with its evidence. The membership goes on until it is ended."""
    return await idempotent.run(lambda: ygs.refunds.assess(actor, id, decision), below="/admin/refunds")


@router.get("/refunds/{id}", responses=refuses(404))
async def get_refund(id: RefundInPath, actor: SignedIn, ygs: Ygs) -> RefundAssessmentView:
    """Return one refund that was assessed, with its evidence."""
    return await ygs.refunds.get(actor, id)


@router.get("/refunds/{id}/pdf", response_class=Response, responses=_PDF | refuses(404))
async def print_refund(
    id: RefundInPath,
    actor: SignedIn,
    ygs: Ygs,
    language: Annotated[Language, Query(description="The language of the page.")] = Language.KO,
) -> Response:
    """Download one refund that was assessed as PDF: a page that a mediator can check. No legal advice."""
    attachment = {"Content-Disposition": f'attachment; filename="{id}.pdf"'}
    return Response(await ygs.refunds.print(actor, id, language), media_type="application/pdf", headers=attachment)
