"""Role changes: making members staff, and staff members."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from ygs.application.accounts.sessions import end_sessions, require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import require_current
from ygs.application.consultation_changes import end_consulting
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.sessions import Ending
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.users import Role, User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


class RoleChange(BaseModel):
    """A user's new role, and the reason for the audit log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)]


async def lock_administrators(tx: Writing, actor: Actor | None) -> None:
    """Lock the set of administrators until commit; `Forbidden` if the actor is none of them any more.

    Without the lock two administrators could demote each other concurrently and leave none. Call it first in the
    transaction, so that no two transactions deadlock.
    """
    await tx.users.lock_administrators()
    if actor is not None:
        await require_current(tx, actor, Permission.CHANGE_ROLES)


@dataclass(frozen=True, slots=True)
class Roles:
    """Changes users' roles."""

    storage: Storage
    clock: Clock

    async def change(self, actor: Actor, id: UserId, request: RoleChange) -> None:
        """Give a user another role, and end all their sessions.

        `Forbidden` unless the actor signed in within the last 15 minutes. Nobody changes their own role
        (`WrongStatus`), so one administrator is always left: if two demote each other, the second is refused
        (`Forbidden`).
        """
        actor.require(Permission.CHANGE_ROLES)
        reason = required_text("reason", request.reason, at_most=LINE_LENGTH)
        now = self.clock.now()
        async with self.storage.write() as tx:
            await require_role_changer(tx, actor, id, at=now)
            await change_role(tx, actor, await tx.users.get(id), request.role, at=now, reason=reason)


async def change_role(tx: Writing, actor: Actor, user: User, role: Role, *, at: datetime, reason: str) -> User:
    """Give a user another role, end all their sessions, and audit it. The caller has checked that the actor may."""
    if user.role is role:
        return user
    saved = await tx.users.save(user.edited(at=at, role=role))
    if Role.MEMBER in (user.role, role):
        await end_consulting(tx, user.id, at)
    await end_sessions(tx, user.id, Ending.ROLE_CHANGED, at=at)
    if role is Role.MEMBER:
        await tx.directory.release(user.id)
    what = f"{user.role.value} -> {role.value}"
    await tx.audit.add(audit_entry(actor, "account.role_changed", at=at, subject=user.id, what=what, reason=reason))
    return saved


async def require_role_changer(tx: Writing, actor: Actor, id: UserId, *, at: datetime) -> None:
    """`Forbidden` unless the actor may change roles and signed in within the last 15 minutes; `WrongStatus` for their
    own role. Call it first in the transaction: it locks the set of administrators."""
    actor.require(Permission.CHANGE_ROLES)
    if actor.id == id:
        raise WrongStatus(N_("another administrator must do that for you"))
    await lock_administrators(tx, actor)
    await require_fresh(tx, actor, at=at)
