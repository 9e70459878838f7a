"""Memberships: who is due or late, and the ledger of each contract with its proof."""

from datetime import date
from typing import Annotated

from fastapi import Form, Path, Query, Request, Response

from ygs.application.memberships.contracts import GrantRequest, MembershipFilter, PaymentRequest
from ygs.application.person_views import people_of
from ygs.domain.ids import ULID, MembershipId
from ygs.domain.refunds import MOST_MEETINGS, MOST_WON
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import Ygs

router = staff_router()

MEMBERSHIPS_SHOWN = 50

_Membership = Annotated[MembershipId, Path(pattern=f"^mb_{ULID}$")]
_After = Annotated[MembershipId | None, Query(pattern=f"^mb_{ULID}$")]
_On = Annotated[date | None, Form()]


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
    ledger = await ygs.memberships.get(request.state.visit.actor, id)
    people = await people_of(ygs.storage, (ledger.user_id,), language_of(request))
    return render(request, "membership.html", ledger=ledger, member=people[ledger.user_id])


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
