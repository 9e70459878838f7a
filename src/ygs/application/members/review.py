"""Member review by staff: the queue of submitted profiles, and approving, rejecting, suspending and restoring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.role_changes import lock_administrators
from ygs.application.accounts.sessions import end_sessions
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter, kind_of
from ygs.application.changes import require_current
from ygs.application.consultation_changes import end_consulting
from ygs.application.members.broad_wishes import BroadWishView, broad_wishes
from ygs.application.members.pauses import end_pauses
from ygs.application.members.profile import MyselfView
from ygs.application.members.withdrawal import cancel_waiting
from ygs.application.own_members import own_page
from ygs.application.versions import require_version
from ygs.domain.errors import N_, WrongStatus
from ygs.domain.events import member_decided
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import ReadKind
from ygs.domain.service_dates import date_at
from ygs.domain.sessions import Ending
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.users import MarkReason, Role, Status, User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing


class Decision(BaseModel):
    """The reason of a decision. The member reads that of a rejection; only staff read that of a suspension."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(max_length=LINE_LENGTH)


class ReviewMark(BaseModel):
    """Something to check before deciding. `left_suspended`: a user with a phone or an e-mail address that this person
    has, or had, withdrew at `at` while suspended. Phones change hands: it may be another person."""

    model_config = ConfigDict(frozen=True)

    reason: MarkReason
    at: datetime


class QueuedView(BaseModel):
    """A member who waits for review, with marks to check before deciding. The name is masked, as in every list."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str
    birth_year: int
    waiting_since: datetime
    marks: list[ReviewMark]

    @classmethod
    def of(cls, user: User, left_suspended: datetime | None) -> "QueuedView":
        """Build the view; `left_suspended`: when a user with such a contact withdrew while suspended, if one did."""
        marks = [ReviewMark(reason=MarkReason.LEFT_SUSPENDED, at=left_suspended)] if left_suspended else []
        return cls(
            id=user.id,
            name=masked(user.name),
            birth_year=user.birth_year,
            waiting_since=user.updated_at,
            marks=marks,
        )


class DecidedStatus(StrEnum):
    """The status that staff can give a member."""

    ACTIVE = "active"  # approved, or restored
    REJECTED = "rejected"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A decision about a member: `what` was done, for the audit log, and how the user changes at a moment."""

    what: str
    apply: Callable[[User, datetime], User]


APPROVING = StatusChange("approved", lambda user, at: user.approve(at=at))


def rejecting(reason: str) -> StatusChange:
    """The decision to reject a profile."""
    return StatusChange("rejected", lambda user, at: user.reject(at=at, reason=reason))


def suspending(reason: str) -> StatusChange:
    """The decision to suspend a member."""
    return StatusChange("suspended", lambda user, at: user.suspend(at=at, reason=reason))


def restoring(zone: ZoneInfo) -> StatusChange:
    """The decision to end a suspension. Whether a pause goes on depends on the day in the service's time zone."""
    return StatusChange("restored", lambda user, at: user.restore(at=at, today=date_at(at, zone)))


def masked(name: str) -> str:
    """Mask a name except its first character and, from three characters on, its last: 김○수."""
    return name[0] + "○" * max(len(name) - 2, 1) + (name[-1] if len(name) > 2 else "")


class MemberView(MyselfView):
    """A user's data as staff read it: with the role, the consultant in charge, and wishes that nearly everybody
    meets."""

    role: Role
    consultant_id: UserId | None = Field(description="The consultant in charge; null for nobody.")
    broad_wishes: list[BroadWishView] = Field(description="The wishes that nearly everybody meets.")

    @classmethod
    def with_consultant(cls, user: User, consultant: UserId | None, broad: Sequence[BroadWishView]) -> Self:
        """Build the view of a user."""
        return cls(**dict(MyselfView.of(user)), role=user.role, consultant_id=consultant, broad_wishes=list(broad))


@dataclass(frozen=True, slots=True)
class MemberReview:
    """Decisions of staff on submitted profiles, and on members who must not take part."""

    storage: Storage
    clock: Clock
    audit_writer: AuditWriter
    zone: ZoneInfo

    async def list_queue(
        self, actor: Actor, *, after: UserId | None = None, limit: int = MOST_PAGE
    ) -> list[QueuedView]:
        """List the members who wait for review, ascending by id: those after `after`, at most `limit`."""
        actor.require(Permission.REVIEW_MEMBERS)
        async with self.storage.read() as reading:

            async def waiting(after: UserId | None, limit: int) -> Sequence[User]:
                return await reading.users.with_status(Status.PENDING, after=after, limit=limit)

            users = await own_page(
                actor,
                waiting,
                key=lambda user: user.id,
                people=lambda user: [user.id],
                after=after,
                limit=min(limit, MOST_PAGE),
            )
            left_suspended = await reading.suspensions.of([user.id for user in users])
        await self.audit_writer.shown(
            actor, "queue.read", (user.id for user in users), at=self.clock.now(), kind=ReadKind.MASKED
        )
        return [QueuedView.of(user, left_suspended.get(user.id)) for user in users]

    async def get_member(self, actor: Actor, id: UserId) -> MemberView:
        """Return a user's data, and audit the reading."""
        actor.require(Permission.READ_MEMBERS)
        actor.require_own(id)
        async with self.storage.read(latest=True) as reading:
            user = await reading.users.get(id)
            line = await reading.directory.find(id)
            broad = await broad_wishes(reading, user)
        await self.audit_writer.shown(actor, "member.read", [id], at=self.clock.now(), kind=kind_of(user))
        return MemberView.with_consultant(user, line.consultant_id if line else None, broad)

    async def approve(self, actor: Actor, id: UserId, version: int | None = None) -> MyselfView:
        """Let a reviewed member take part in match weeks."""
        return await self._decide(actor, id, APPROVING, version)

    async def reject(self, actor: Actor, id: UserId, decision: Decision, version: int | None = None) -> MyselfView:
        """Reject a profile, with a reason that the member reads. The member can edit and submit it again."""
        reason = required_text("reason", decision.reason, at_most=LINE_LENGTH)
        return await self._decide(actor, id, rejecting(reason), version, reason)

    async def suspend(self, actor: Actor, id: UserId, decision: Decision, version: int | None = None) -> MyselfView:
        """Suspend a member until restored: end their sessions, and cancel their waiting introductions.

        Suspending staff, from whatever status, needs the permission to change roles. Nobody suspends themselves
        (`WrongStatus`), so one administrator is always left.
        """
        reason = required_text("reason", decision.reason, at_most=LINE_LENGTH)
        return await self._decide(actor, id, suspending(reason), version, reason)

    async def restore(self, actor: Actor, id: UserId, version: int | None = None) -> MyselfView:
        """End a suspension: the member takes part again, or their pause goes on if it has not ended meanwhile.

        Staff who were never approved as members are not by that.
        """
        return await self._decide(actor, id, restoring(self.zone), version)

    async def end_pauses(self, actor: Actor) -> int:
        """Resume members whose pause lasts until today or earlier; return how many. Locking a week does it too."""
        actor.require(Permission.OPERATE)
        return await end_pauses(self.storage, actor, Permission.OPERATE, self.clock.now(), self.zone)

    async def change_status(self, actor: Actor, id: UserId, status: DecidedStatus, reason: str = "") -> None:
        """Give a member another status by the decision that leads to it: approve, restore, reject or suspend."""
        actor.require(Permission.REVIEW_MEMBERS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            await lock_for_decision(tx, actor, id)
            user = await decided_about(tx, actor, id)
            await decide(tx, actor, user, status, reason, at=now, zone=self.zone)

    async def _decide(
        self, actor: Actor, id: UserId, change: StatusChange, version: int | None, reason: str = ""
    ) -> MyselfView:
        actor.require(Permission.REVIEW_MEMBERS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            await lock_for_decision(tx, actor, id)
            user = await decided_about(tx, actor, id, version)
            await self.audit_writer.require_budget(tx, actor, [id], at=now, kind=kind_of(user))
            return MyselfView.of(await _changed(tx, actor, user, change, reason, now))


async def lock_for_decision(tx: Writing, actor: Actor, id: UserId) -> None:
    """Lock the actor, and before them the set of administrators where the actor is one: a decision may suspend another.

    Call it before the user is locked. `WrongStatus` when the actor would decide about themselves; `Forbidden` if they
    may not decide any more.
    """
    actor.require_own(id)
    if actor.id == id:
        raise WrongStatus(N_("somebody else must decide about you"))
    if Permission.CHANGE_ROLES in actor.permissions:
        await lock_administrators(tx, actor)
    else:
        await require_current(tx, actor, Permission.REVIEW_MEMBERS)


async def decided_about(tx: Writing, actor: Actor, id: UserId, version: int | None = None) -> User:
    """Lock and return the user whom the actor decides about. `Forbidden` about staff unless the actor may change
    roles; `StaleWrite` if the user was edited since that version."""
    user = await tx.users.get(id)
    require_version(user, version)
    if user.role is not Role.MEMBER:
        actor.require(Permission.CHANGE_ROLES)
    return user


async def decide(
    tx: Writing, actor: Actor, user: User, status: DecidedStatus, reason: str, *, at: datetime, zone: ZoneInfo
) -> User:
    """Take the decision that gives a locked user this status, with all that follows from it."""
    if status is DecidedStatus.ACTIVE:
        change = restoring(zone) if user.status is Status.SUSPENDED else APPROVING
    else:
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        change = rejecting(reason) if status is DecidedStatus.REJECTED else suspending(reason)
    return await _changed(tx, actor, user, change, reason, at)


async def _changed(tx: Writing, actor: Actor, user: User, change: StatusChange, reason: str, at: datetime) -> User:
    saved = await tx.users.save(change.apply(user, at))
    if saved.status is Status.SUSPENDED:
        await cancel_waiting(tx, user.id, at)
        if saved.role is not Role.MEMBER:
            await end_consulting(tx, user.id, at)
        await end_sessions(tx, user.id, Ending.SUSPENDED, at=at)
    await tx.outbox.add([member_decided(saved, restored=change.what == "restored", at=at)])
    await tx.audit.add(audit_entry(actor, f"member.{change.what}", at=at, subject=user.id, reason=reason))
    return saved
