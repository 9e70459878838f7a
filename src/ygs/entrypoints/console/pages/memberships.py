"""Memberships: who is due or late, and the ledger of each contract with its proof."""

from datetime import date
from typing import Annotated

from fastapi import Form, Path, Query, Request, Response

from ygs.application.memberships.contracts import (
    ClockPauseRequest,
    ClockResumeRequest,
    EndRequest,
    GrantRequest,
    MembershipFilter,
    MembershipRequest,
    PaymentRequest,
)
from ygs.application.memberships.refund_assessments import RefundDecision
from ygs.domain.ids import ULID, MembershipId, PlanId, RefundId
from ygs.domain.refunds import MOST_MEETINGS, MOST_WON, RefundFault
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH, NOTE_LENGTH
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import UserInPath, Ygs

router = staff_router()

MEMBERSHIPS_SHOWN = 50

_Membership = Annotated[MembershipId, Path(pattern=f"^mb_{ULID}$")]
_After = Annotated[MembershipId | None, Query(pattern=f"^mb_{ULID}$")]
_On = Annotated[date | None, Form()]
_Refund = Annotated[RefundId, Path(pattern=f"^rf_{ULID}$")]
_OnDay = Annotated[date | None, Query()]
_Fault = Annotated[RefundFault, Query()]
_Plan = Annotated[PlanId, Form(pattern=f"^mp_{ULID}$")]


@router.get("/memberships")
async def list_memberships(
    request: Request, ygs: Ygs, only: Annotated[MembershipFilter | None, Query()] = None, after: _After = None
) -> Response:
    """Memberships that have not ended: all, or who is due, late, or nearly three months without a meeting."""
    found = await ygs.memberships.list_open(request.state.visit.actor, only=only, after=after, limit=MEMBERSHIPS_SHOWN)
    further = found[-1].id if len(found) == MEMBERSHIPS_SHOWN else ""
    return render(request, "memberships.html", memberships=found, only=only, further=further)


@router.get("/memberships/{id}")
async def show_membership(request: Request, id: _Membership, ygs: Ygs) -> Response:
    """A contract: what was promised, and each introduction with its proof."""
    ledger, member = await ygs.memberships.get_with_member(request.state.visit.actor, id, language_of(request))
    return render(request, "membership.html", ledger=ledger, member=member)


@router.post("/members/{id}/memberships")
async def start_membership(
    request: Request, id: UserInPath, ygs: Ygs, plan: _Plan, contracted_on: Annotated[date, Form()]
) -> Response:
    """Make a contract with a member on a plan that is offered."""
    wanted = filled_in(MembershipRequest, plan_id=plan, contracted_on=contracted_on)
    started = await ygs.memberships.start(request.state.visit.actor, id, wanted)
    return go(request, f"{root(request)}/memberships/{started.id}", "membership_started")


@router.get("/memberships/{id}/refund")
async def show_refund(
    request: Request, id: _Membership, ygs: Ygs, fault: _Fault = RefundFault.MEMBER, on: _OnDay = None
) -> Response:
    """What would be paid back, step by step, and the refunds that were assessed. Nothing is stored by looking."""
    actor = request.state.visit.actor
    ledger, member = await ygs.memberships.get_with_member(actor, id, language_of(request))
    return render(
        request,
        "refund.html",
        ledger=ledger,
        member=member,
        found=await ygs.refunds.preview(actor, id, fault, on),
        assessed=await ygs.refunds.list(actor, id),
        faults=list(RefundFault),
        fault=fault,
        on=on or date_at(ygs.clock.now(), ygs.settings.time_zone),
    )


@router.post("/memberships/{id}/refund")
async def assess_refund(
    request: Request,
    id: _Membership,
    ygs: Ygs,
    fault: Annotated[RefundFault, Form()],
    on: Annotated[date, Form()],
    evidence: Annotated[str, Form(max_length=NOTE_LENGTH)],
) -> Response:
    """Keep the calculation with its evidence."""
    decision = filled_in(RefundDecision, fault=fault, evidence=evidence, cancelled_on=on)
    await ygs.refunds.assess(request.state.visit.actor, id, decision)
    return go(request, f"{root(request)}/memberships/{id}/refund", "refund_assessed")


@router.get("/refunds/{id}/pdf")
async def print_refund(request: Request, id: _Refund, ygs: Ygs) -> Response:
    """An assessed refund on one page, to be handed on."""
    page = await ygs.refunds.print(request.state.visit.actor, id, language_of(request))
    headers = {"Content-Disposition": f'attachment; filename="{id}.pdf"', "Cache-Control": "no-store"}
    return Response(page, 200, headers, "application/pdf")


@router.post("/memberships/{id}/end")
async def end_membership(
    request: Request, id: _Membership, ygs: Ygs, reason: Annotated[str, Form(max_length=LINE_LENGTH)]
) -> Response:
    """End a contract today."""
    await ygs.memberships.end(request.state.visit.actor, id, filled_in(EndRequest, reason=reason))
    return go(request, f"{root(request)}/memberships/{id}", "membership_ended")


@router.post("/memberships/{id}/pay")
async def record_payment(
    request: Request,
    id: _Membership,
    ygs: Ygs,
    amount: Annotated[int, Form(ge=-MOST_WON, le=MOST_WON)],
    on: _On = None,
) -> Response:
    """Record a payment, below zero for money that was paid back."""
    await ygs.memberships.pay(request.state.visit.actor, id, filled_in(PaymentRequest, amount=amount, on=on))
    return go(request, f"{root(request)}/memberships/{id}", "paid")


@router.post("/memberships/{id}/grant")
async def grant_service(
    request: Request, id: _Membership, ygs: Ygs, count: Annotated[int, Form(ge=1, le=MOST_MEETINGS)]
) -> Response:
    """Give introductions on top."""
    await ygs.memberships.grant(request.state.visit.actor, id, filled_in(GrantRequest, count=count))
    return go(request, f"{root(request)}/memberships/{id}", "granted")


@router.post("/memberships/{id}/pause")
async def pause_membership(
    request: Request, id: _Membership, ygs: Ygs, since: _On = None, until: _On = None
) -> Response:
    """Stop the clock of a contract."""
    await ygs.memberships.pause(request.state.visit.actor, id, ClockPauseRequest(since=since, until=until))
    return go(request, f"{root(request)}/memberships/{id}", "membership_paused")


@router.post("/memberships/{id}/resume")
async def resume_membership(request: Request, id: _Membership, ygs: Ygs, on: _On = None) -> Response:
    """Let the clock of a contract go on."""
    await ygs.memberships.resume(request.state.visit.actor, id, ClockResumeRequest(on=on))
    return go(request, f"{root(request)}/memberships/{id}", "membership_resumed")
