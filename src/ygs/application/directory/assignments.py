"""Assignments: which consultant is in charge of which member."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.members.bulk_status import MemberIds, Verdicts, row_by_row
from ygs.domain.errors import N_, InvalidFact, WrongStatus
from ygs.domain.ids import ULID, UserId
from ygs.domain.users import Role
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing

ConsultantId = Annotated[
    str | None,
    Field(
        pattern=f"^usr_{ULID}$",
        description="The consultant or administrator in charge from now on; null for nobody.",
    ),
]


class Assignment(BaseModel):
    """Whom to assign a member to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    consultant_id: ConsultantId


class BulkAssignment(BaseModel):
    """Members to assign, and to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: MemberIds
    consultant_id: ConsultantId


@dataclass(frozen=True, slots=True)
class Assignments:
    """Assigns members to consultants. Where consultants see only their own members, this decides whom they see."""

    storage: Storage
    clock: Clock

    async def assign(self, actor: Actor, id: UserId, request: Assignment) -> None:
        """Assign a member to a consultant, or to nobody.

        `WrongStatus` for staff, who are nobody's members; `InvalidFact` when the consultant is none.
        """
        actor.require(Permission.ASSIGN_MEMBERS)
        await self._assign(actor, id, UserId(request.consultant_id) if request.consultant_id else None)

    async def assign_many(self, actor: Actor, request: BulkAssignment) -> Verdicts:
        """Assign members to a consultant, each by itself, with a verdict for each."""
        actor.require(Permission.ASSIGN_MEMBERS)
        consultant = UserId(request.consultant_id) if request.consultant_id else None

        async def assign(id: UserId) -> None:
            await self._assign(actor, id, consultant)

        return await row_by_row(request.ids, assign)

    async def _assign(self, actor: Actor, id: UserId, consultant: UserId | None) -> None:
        async with begin_change(self.storage, actor, Permission.ASSIGN_MEMBERS) as tx:
            await _require_staff(tx, consultant)
            if await tx.users.role(id) is not Role.MEMBER:
                raise WrongStatus(N_("only members are assigned, and this is staff"))
            line = await tx.directory.find(id)
            if line is None or line.consultant_id == consultant:
                return
            await tx.directory.assign([id], consultant)
            what = consultant or ""
            await tx.audit.add(audit_entry(actor, "member.assigned", at=self.clock.now(), subject=id, what=what))


async def _require_staff(tx: Writing, consultant: UserId | None) -> None:
    """Lock the consultant, so that nobody makes them a member meanwhile."""
    if consultant is None:
        return
    standing = (await tx.users.standings([consultant], shared=True)).get(consultant)
    if standing is None or standing.role is Role.MEMBER:
        raise InvalidFact("consultant_id", N_("names nobody of the staff"))
