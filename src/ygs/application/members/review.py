"""Member review by staff: the queue of submitted profiles, and approving, rejecting, suspending and restoring."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.role_changes import lock_administrators
from ygs.application.accounts.sessions import end_sessions
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import AuditWriter, audit_entry
from ygs.application.audit.reading import kind_of
from ygs.application.members.pauses import end_pauses
from ygs.application.members.profile import MyselfView, cancel_waiting
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


def masked(name: str) -> str:
    """Mask a name except its first character and, from three characters on, its last: 김○수."""
    return name[0] + "○" * max(len(name) - 2, 1) + (name[-1] if len(name) > 2 else "")


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
            users = await reading.users.with_status(Status.PENDING, after=after, limit=min(limit, MOST_PAGE))
            left_suspended = await reading.suspensions.of([user.id for user in users])
        await self.audit_writer.shown(
            actor, "queue.read", (user.id for user in users), at=self.clock.now(), kind=ReadKind.MASKED
        )
        return [QueuedView.of(user, left_suspended.get(user.id)) for user in users]

    async def get_member(self, actor: Actor, id: UserId) -> MyselfView:
        """Return a user's data, and audit the reading."""
        actor.require(Permission.READ_MEMBERS)
        async with self.storage.read(latest=True) as reading:
            user = await reading.users.get(id)
        await self.audit_writer.shown(actor, "member.read", [id], at=self.clock.now(), kind=kind_of(user))
        return MyselfView.of(user)

    async def approve(self, actor: Actor, id: UserId, version: int | None = None) -> MyselfView:
        """Let a reviewed member take part in match weeks."""
        return await self._decide(actor, id, "approved", "", lambda user, at: user.approve(at=at), version)

    async def reject(self, actor: Actor, id: UserId, decision: Decision, version: int | None = None) -> MyselfView:
        """Reject a profile, with a reason that the member reads. The member can edit and submit it again."""
        reason = required_text("reason", decision.reason, at_most=LINE_LENGTH)
        return await self._decide(
            actor, id, "rejected", reason, lambda user, at: user.reject(at=at, reason=reason), version
        )

    async def suspend(self, actor: Actor, id: UserId, decision: Decision, version: int | None = None) -> MyselfView:
        """Suspend a member until restored: end their sessions, and cancel their waiting introductions.

        Suspending staff needs the permission to change roles. Nobody suspends themselves (`WrongStatus`), so one
        administrator is always left.
        """
        reason = required_text("reason", decision.reason, at_most=LINE_LENGTH)
        return await self._decide(
            actor, id, "suspended", reason, lambda user, at: user.suspend(at=at, reason=reason), version
        )

    async def restore(self, actor: Actor, id: UserId, version: int | None = None) -> MyselfView:
        """End a suspension: the member takes part again, or their pause goes on if it has not ended meanwhile."""

        def change(user: User, at: datetime) -> User:
            return user.restore(at=at, today=date_at(at, self.zone))

        return await self._decide(actor, id, "restored", "", change, version)

    async def end_pauses(self, actor: Actor) -> int:
        """Resume members whose pause lasts until today or earlier; return how many. Locking a week does it too."""
        actor.require(Permission.OPERATE)
        return await end_pauses(self.storage, actor, self.clock.now(), self.zone)

    async def _decide(
        self,
        actor: Actor,
        id: UserId,
        what: str,
        reason: str,
        change: Callable[[User, datetime], User],
        version: int | None,
    ) -> MyselfView:
        actor.require(Permission.REVIEW_MEMBERS)
        if actor.id == id:
            raise WrongStatus(N_("somebody else must decide about you"))
        now = self.clock.now()
        async with self.storage.write() as tx:
            if Permission.CHANGE_ROLES in actor.permissions:
                await lock_administrators(tx, actor)
            user = await tx.users.get(id)
            require_version(user, version)
            if user.role is not Role.MEMBER:
                actor.require(Permission.CHANGE_ROLES)
            await self.audit_writer.require_budget(tx, actor, [id], at=now, kind=kind_of(user))
            saved = await tx.users.save(change(user, now))
            if saved.status is Status.SUSPENDED:
                await self._end_participation(tx, id, now)
            await tx.outbox.add([member_decided(saved, restored=what == "restored", at=now)])
            await tx.audit.add(audit_entry(actor, f"member.{what}", at=now, subject=id, reason=reason))
        return MyselfView.of(saved)

    async def _end_participation(self, tx: Writing, id: UserId, at: datetime) -> None:
        await cancel_waiting(tx, id, at)
        await end_sessions(tx, id, Ending.SUSPENDED, at=at)
