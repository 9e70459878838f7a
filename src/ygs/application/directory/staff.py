"""The agency's own people: who works here, and in which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.domain.ids import UserId
from ygs.domain.users import Role, Status
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.directory import DirectoryLine, MemberFilter, MemberOrder
from ygs.ports.storage import Storage

STAFF_ROLES = frozenset(Role) - {Role.MEMBER}


class StaffLine(BaseModel):
    """Somebody who works for the agency."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str
    role: Role
    status: Status
    seen_at: datetime = Field(description="When they last signed in, or registered.")

    @classmethod
    def of(cls, line: DirectoryLine) -> "StaffLine":
        """Build the line of a user."""
        return cls(id=line.id, name=line.name, role=line.role, status=line.status, seen_at=line.seen_at)


@dataclass(frozen=True, slots=True)
class StaffList:
    """Lists staff to staff, with whole names: colleagues know each other, and members are assigned to them by name."""

    storage: Storage

    async def read(self, actor: Actor, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[StaffLine]:
        """List consultants and administrators by name; `NotFound` when the person to go on after has left since."""
        actor.require(Permission.READ_MEMBERS)
        wanted = MemberFilter(roles=STAFF_ROLES)
        async with self.storage.read(latest=True) as reading:
            lines = await reading.directory.page(wanted, MemberOrder.NAME, after=after, limit=min(limit, MOST_PAGE))
        return [StaffLine.of(line) for line in lines]
