"""Who is staff."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.auditing import entry
from ygs.application.sessions import end_sessions, require_fresh
from ygs.domain.errors import WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.sessions import Ending
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.users import Role
from ygs.ports.storage import Storage
from ygs.ports.system import Clock


class RoleChange(BaseModel):
    """What somebody is to be from now on, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    reason: str = Field(max_length=LINE_LENGTH)


@dataclass(frozen=True, slots=True)
class Roles:
    """Changing roles, apart from every other edit."""

    storage: Storage
    clock: Clock

    async def change(self, actor: Actor, id: UserId, request: RoleChange) -> None:
        """Give a user another role; all their sessions end. The actor must have signed in lately (`Forbidden`), and
        nobody changes their own, so one administrator is always left."""
        actor.require(Permission.CHANGE_ROLES)
        if actor.id == id:
            raise WrongStatus("another administrator must do that for you")
        reason = required_text("reason", request.reason, at_most=LINE_LENGTH)
        now = self.clock.now()
        async with self.storage.write() as tx:
            await require_fresh(tx, actor, at=now)
            user = await tx.users.get(id)
            if user.role is request.role:
                return
            await tx.users.save(user.edited(at=now, role=request.role))
            await end_sessions(tx, id, Ending.ROLE_CHANGED, at=now)
            what = f"{user.role.value} -> {request.role.value}"
            await tx.audit.add(entry(actor, "account.role_changed", at=now, subject=id, what=what, reason=reason))
