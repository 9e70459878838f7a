"""Staff accounts: who works here, their roles and authenticators, and whose members are whose."""

from typing import Annotated

from fastapi import Form, Request, Response

from ygs.application.accounts.role_changes import RoleChange
from ygs.application.directory.assignments import Assignment
from ygs.application.members.review import Decision
from ygs.domain.text import LINE_LENGTH
from ygs.domain.users import Role
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import Accounts, AfterUser, UserInPath, Ygs

router = staff_router()

STAFF_SHOWN = 50

_Reason = Annotated[str, Form(max_length=LINE_LENGTH)]


@router.get("/staff")
async def list_staff(request: Request, ygs: Ygs, after: AfterUser = None) -> Response:
    """Consultants and administrators, by name."""
    staff = await ygs.staff_list.read(request.state.visit.actor, after=after, limit=STAFF_SHOWN)
    return render(request, "staff.html", staff=staff, further=staff[-1].id if len(staff) == STAFF_SHOWN else "")


@router.post("/members/{id}/role")
async def change_role(
    request: Request, id: UserInPath, accounts: Accounts, role: Annotated[Role, Form()], reason: _Reason
) -> Response:
    """Give somebody another role; their sessions end."""
    await accounts.roles.change(request.state.visit.actor, id, filled_in(RoleChange, role=role, reason=reason))
    return go(request, f"{root(request)}/members/{id}", "role_changed")


@router.post("/members/{id}/authenticator/remove")
async def remove_authenticator(request: Request, id: UserInPath, accounts: Accounts, reason: _Reason) -> Response:
    """Take away an authenticator that was lost; they enrol another one at the next sign-in."""
    decision = filled_in(Decision, reason=reason)
    await accounts.second_factor.remove(request.state.visit.actor, id, decision.reason)
    return go(request, f"{root(request)}/members/{id}", "authenticator_removed")


@router.post("/members/{id}/consultant")
async def assign_member(
    request: Request, id: UserInPath, ygs: Ygs, consultant: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Assign a member to a consultant, or to nobody."""
    await ygs.assignments.assign(request.state.visit.actor, id, filled_in(Assignment, consultant_id=consultant or None))
    return go(request, f"{root(request)}/members/{id}", "assigned")
