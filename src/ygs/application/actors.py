"""Who asks, and what each kind of actor may do: one table, checked in every use case.

The command line and embedders never pass through HTTP, so permissions live here and not in routes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, Forbidden, NotFound, SecondFactorNeeded, Suspended
from ygs.domain.ids import SessionId, UserId
from ygs.domain.users import Role, Status


class Permission(StrEnum):
    """What an actor may be allowed to do."""

    OWN_ACCOUNT = "own_account"
    OWN_PROFILE = "own_profile"
    ANSWER_INTRODUCTIONS = "answer_introductions"
    BOOK_CONSULTATIONS = "book_consultations"
    READ_MEMBERS = "read_members"
    EDIT_MEMBERS = "edit_members"
    REVIEW_MEMBERS = "review_members"
    READ_DOCUMENTS = "read_documents"
    MANAGE_REPORTS = "manage_reports"
    MANAGE_MEMBERSHIPS = "manage_memberships"
    MANAGE_MEETINGS = "manage_meetings"
    MANAGE_CONSULTATIONS = "manage_consultations"
    READ_WEEKS = "read_weeks"
    RUN_WEEKS = "run_weeks"
    SET_POLICY = "set_policy"
    IMPORT = "import"
    EXPORT = "export"
    CHANGE_ROLES = "change_roles"
    READ_AUDIT = "read_audit"
    RELEASE_INPUTS = "release_inputs"
    READ_DOCUMENTATION = "read_documentation"
    MANAGE_WEBHOOKS = "manage_webhooks"
    ASSIGN_MEMBERS = "assign_members"
    OPERATE = "operate"


_MEMBER = frozenset(
    {
        Permission.OWN_ACCOUNT,
        Permission.OWN_PROFILE,
        Permission.ANSWER_INTRODUCTIONS,
        Permission.BOOK_CONSULTATIONS,
    }
)
_CONSULTANT = frozenset(
    {
        Permission.OWN_ACCOUNT,
        Permission.READ_MEMBERS,
        Permission.EDIT_MEMBERS,
        Permission.REVIEW_MEMBERS,
        Permission.READ_DOCUMENTS,
        Permission.MANAGE_REPORTS,
        Permission.MANAGE_MEMBERSHIPS,
        Permission.MANAGE_MEETINGS,
        Permission.MANAGE_CONSULTATIONS,
        Permission.READ_WEEKS,
        Permission.RUN_WEEKS,
        Permission.READ_DOCUMENTATION,
    }
)
_ADMIN = _CONSULTANT | {
    Permission.IMPORT,
    Permission.EXPORT,
    Permission.CHANGE_ROLES,
    Permission.SET_POLICY,
    Permission.READ_AUDIT,
    Permission.RELEASE_INPUTS,
    Permission.MANAGE_WEBHOOKS,
    Permission.ASSIGN_MEMBERS,
    Permission.OPERATE,
}
ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.MEMBER: _MEMBER,
    Role.CONSULTANT: _CONSULTANT,
    Role.ADMIN: _ADMIN,
}


# What is left to staff who have not given their second factor, and to suspended members: their own account, so that
# they can enrol an authenticator, or take their data and leave.
_LIMITED = frozenset({Permission.OWN_ACCOUNT})

_SUSPENDED = N_("this account is suspended: you may still take your data, withdraw consents, and leave")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks for something: a signed-in user, or the operator at the machine itself (no id).

    `session`: by which they are signed in; `address`: where they ask from, as a keyed hash, for the audit log;
    `status` and `second_factor`: why they may do less than others of their role. `members`: the only members whom a
    consultant may see, where the operator says so; None for no such limit. `elsewhere`: a service that embeds this one
    knows them, and vouches for them.
    """

    id: UserId | None
    role: Role
    permissions: frozenset[Permission]
    session: SessionId | None = None
    address: str = ""
    status: Status = Status.ACTIVE
    second_factor: bool = True
    members: frozenset[UserId] | None = field(default=None, repr=False)
    elsewhere: bool = False

    @classmethod
    def signed_in(
        cls,
        id: UserId,
        role: Role,
        *,
        status: Status = Status.ACTIVE,
        second_factor: bool = True,
        session: SessionId | None = None,
        address: str = "",
        members: frozenset[UserId] | None = None,
    ) -> Self:
        """A user who proved who they are. Staff without a second factor and the suspended may do next to nothing."""
        limited = status is Status.SUSPENDED or (role is not Role.MEMBER and not second_factor)
        permissions = _LIMITED if limited else ALLOWED[role]
        return cls(id, role, permissions, session, address, status, second_factor, members)

    @classmethod
    def known_elsewhere(cls, id: UserId, role: Role, *, members: frozenset[UserId] | None = None) -> Self:
        """Staff of a service that embeds this one, which knows them itself: they need no account here.

        Any other actor with an id changes nothing without one. Where there is an account of that id, it decides.
        """
        return cls(id, role, ALLOWED[role], members=members, elsewhere=True)

    def with_standing(self, role: Role, status: Status) -> Self:
        """This signed-in user, with the role and the status that their account has by now."""
        return self.signed_in(
            self.require_id(),
            role,
            status=status,
            second_factor=self.second_factor,
            session=self.session,
            address=self.address,
            members=self.members,
        )

    @classmethod
    def operator(cls) -> Self:
        """Whoever holds the machine and its database: the command line, an embedding service."""
        return cls(None, Role.ADMIN, frozenset(Permission))

    def require(self, permission: Permission) -> None:
        """`Forbidden` unless this actor has the permission; `Suspended` or `SecondFactorNeeded` where that is why."""
        if permission in self.permissions:
            return
        if permission in ALLOWED[self.role] and self.status is Status.SUSPENDED:
            raise Suspended(_SUSPENDED)
        if permission in ALLOWED[self.role] and not self.second_factor:
            raise SecondFactorNeeded(N_("enrol an authenticator first, or sign in again with it"))
        raise Forbidden(N_("this account may not do that"))

    def require_id(self) -> UserId:
        """The signed-in user's id; `Forbidden` for the operator, who is nobody in particular."""
        if self.id is None:
            raise Forbidden(N_("only a signed-in user can do that"))
        return self.id

    def sees(self, subject: str) -> bool:
        """Whether this actor may see a user's data at all: a consultant may be limited to their own members."""
        return self.members is None or subject == self.id or subject in self.members

    def require_own(self, *subjects: str) -> None:
        """`NotFound`, as for a stranger, for a user whom this actor may not see."""
        for each in subjects:
            if not self.sees(each):
                raise NotFound("user", each)

    def require_another(self, *subjects: UserId) -> None:
        """`Forbidden` when it is about the actor: nobody reads or decides what was told or noted about themselves."""
        self.require_own(*subjects)
        if self.id in subjects:
            raise Forbidden(N_("this is about you: somebody else must look at it"))
