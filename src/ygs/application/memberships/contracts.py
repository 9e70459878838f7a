"""Memberships: staff make contracts, record what happens to them, and see what is due; members read their own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change
from ygs.application.members.review import masked
from ygs.application.memberships.ledger_views import LedgerView, MembershipLine, MembershipView
from ygs.application.memberships.open_ledgers import open_ledgers
from ygs.application.person_views import PersonView, people_of
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, InvalidFact, NotFound, WrongStatus
from ygs.domain.ids import IntroductionId, MembershipId, UserId, forecast_id, introduction_id, plan_id
from ygs.domain.matching.attribute import Language
from ygs.domain.memberships import FixedDate, Membership, Payment, ServiceGrant, require_first
from ygs.domain.promises import Ledger, MembershipRecord, ledger_on
from ygs.domain.read_budgets import ReadKind
from ygs.domain.refunds import MOST_MEETINGS, MOST_WON
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing

# Records read at once, while a list looks for those that it shows.
AT_ONCE = 500
Change = Callable[[MembershipRecord], Membership]


class MembershipFilter(StrEnum):
    """Which memberships a list shows."""

    DUE = "due"  # the coming week has to bring an introduction
    LATE = "late"  # more is owed than was delivered
    WARNED = "warned"  # nearly three months, or more, without a meeting


class MembershipRequest(BaseModel):
    """A contract to make with a member on a plan that is offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan_id: str = Field(max_length=60, description="The plan.")
    contracted_on: date = Field(description="The date of the contract, not after today: it chooses the refund rules.")
    starts_on: date | None = Field(default=None, description="Its first day; the date of the contract if left out.")
    rules: str = Field(default="", max_length=20, description="The refund rules that the contract names, such as 2021.")
    forecast_id: str | None = Field(
        default=None, max_length=60, description="A kept forecast that was shown before; it is kept with the contract."
    )


class PaymentRequest(BaseModel):
    """A payment to record; below zero for money that was paid back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: StrictInt = Field(ge=-MOST_WON, le=MOST_WON, description="In won.")
    on: date | None = Field(default=None, description="The day of the payment; today if left out.")


class GrantRequest(BaseModel):
    """What to give on top."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: StrictInt = Field(ge=1, le=MOST_MEETINGS, description="How many.")


class ClockPauseRequest(BaseModel):
    """When the clock of a contract is to stand still."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: date | None = Field(default=None, description="Its first day; today if left out.")
    until: date | None = Field(default=None, description="The day on which the clock goes on; left out if not known.")


class ClockResumeRequest(BaseModel):
    """When the clock of a contract goes on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date | None = Field(default=None, description="The day on which the clock goes on; today if left out.")


class FixedDateRequest(BaseModel):
    """The date of a meeting, which was fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    introduction_id: str = Field(max_length=60, description="The introduction after which the two meet.")
    meets_on: date = Field(description="The day of the meeting.")
    on: date | None = Field(default=None, description="The day on which it was fixed; today if left out.")


class EndRequest(BaseModel):
    """The end of a membership, and why; only staff read the reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)]
    on: date | None = Field(default=None, description="Its last day; today if left out.")


@dataclass(frozen=True, slots=True)
class Memberships:
    """Use cases of memberships. `Forbidden` for staff about their own."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    audit_writer: AuditWriter

    async def start(self, actor: Actor, user: UserId, request: MembershipRequest) -> LedgerView:
        """Make a contract with a live user. `WrongStatus` while an earlier one has not ended before it begins, or when
        the plan is not offered any more. `NotFound` for a forecast that is not kept, or is kept with another contract.
        """
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        actor.require_another(user)
        async with begin_change(self.storage, actor, Permission.MANAGE_MEMBERSHIPS) as tx:
            await tx.users.get(user)
            membership = await self._made(tx, user, request)
            require_first(await tx.memberships.of_user(user), membership.starts_on)
            await tx.memberships.add(membership)
            if request.forecast_id is not None:
                await tx.forecasts.attach(forecast_id(request.forecast_id), membership.id)
            record = await tx.memberships.record(membership.id)
            await self._audit(tx, actor, "membership.started", record)
        return self._view(record)

    async def _made(self, tx: Writing, user: UserId, request: MembershipRequest) -> Membership:
        plan = await tx.memberships.plan(plan_id(request.plan_id))
        if not plan.offered:
            raise WrongStatus(N_("this plan is not offered any more"))
        return Membership(
            id=MembershipId(self.ids.make("mb")),
            user_id=user,
            plan=plan.name,
            terms=plan.terms,
            contracted_on=self._past(request.contracted_on, "contracted_on"),
            starts_on=request.starts_on or request.contracted_on,
            rules=request.rules,
            created_at=self.clock.now(),
        )

    async def pay(self, actor: Actor, id: MembershipId, request: PaymentRequest) -> LedgerView:
        """Record a payment, or money paid back, also after the end."""
        payment = Payment(self._past(request.on), request.amount)
        return await self._change(actor, id, "membership.paid", lambda it: it.membership.with_payment(payment))

    async def grant(self, actor: Actor, id: MembershipId, request: GrantRequest) -> LedgerView:
        """Give more on top."""
        grant = ServiceGrant(self._today(), request.count)
        return await self._change(actor, id, "membership.granted", lambda it: it.membership.with_grant(grant))

    async def pause(self, actor: Actor, id: MembershipId, request: ClockPauseRequest) -> LedgerView:
        """Stop the clock of a contract. The member's own pause of introductions is another thing."""
        since = request.since or self._today()
        return await self._change(actor, id, "membership.paused", lambda it: it.membership.paused(since, request.until))

    async def resume(self, actor: Actor, id: MembershipId, request: ClockResumeRequest) -> LedgerView:
        """Let the clock go on."""
        on = request.on or self._today()
        return await self._change(actor, id, "membership.resumed", lambda it: it.membership.resumed(on))

    async def fix_date(self, actor: Actor, id: MembershipId, request: FixedDateRequest) -> LedgerView:
        """Record that the date of a meeting was fixed; a later record about the same introduction replaces it.
        `NotFound` for an introduction that is not the member's."""
        fixed = FixedDate(self._past(request.on), request.meets_on, introduction_id(request.introduction_id))
        return await self._change(actor, id, "membership.date_fixed", lambda it: _with_date(it, fixed))

    async def end(self, actor: Actor, id: MembershipId, request: EndRequest) -> LedgerView:
        """End a membership: nothing is due any more."""
        on = request.on or self._today()
        return await self._change(actor, id, "membership.ended", lambda it: it.membership.ended(on), request.reason)

    async def get(self, actor: Actor, id: MembershipId) -> LedgerView:
        """Read a ledger; audited."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        async with self.storage.read(latest=True) as reading:
            record = await reading.memberships.record(id)
        about = record.membership
        actor.require_another(about.user_id)
        await self.audit_writer.shown(actor, "membership.read", [about.user_id], at=self.clock.now(), what=about.id)
        return self._view(record)

    async def get_with_member(
        self, actor: Actor, id: MembershipId, language: Language
    ) -> tuple[LedgerView, PersonView]:
        """Read a ledger, and whose it is; audited as by `get`."""
        ledger = await self.get(actor, id)
        people = await people_of(self.storage, (ledger.user_id,), language)
        return ledger, people[ledger.user_id]

    async def list_of_member(self, actor: Actor, user: UserId) -> list[LedgerView]:
        """Read all ledgers of one user, the earliest first, also when the account is gone; audited."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        actor.require_another(user)
        async with self.storage.read(latest=True) as reading:
            records = await reading.memberships.records_of(user)
        await self.audit_writer.shown(actor, "membership.read", [user], at=self.clock.now())
        return [self._view(record) for record in records]

    async def list_open(
        self,
        actor: Actor,
        *,
        only: MembershipFilter | None = None,
        after: MembershipId | None = None,
        limit: int = MOST_PAGE,
    ) -> list[MembershipLine]:
        """List memberships that have not ended, by id: all, or who is due, late, or nearly three months without a
        meeting. Audited for each member shown."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        found = await self._open(actor, only, after, min(limit, MOST_PAGE))
        people = sorted(each.membership.user_id for each in found)
        async with self.storage.read() as reading:
            names = {user.id: masked(user.name) for user in await reading.users.by_ids(people)}
        await self.audit_writer.shown(actor, "memberships.listed", people, at=self.clock.now(), kind=ReadKind.MASKED)
        return [MembershipLine.of(each, names) for each in found]

    async def list_mine(self, actor: Actor) -> list[MembershipView]:
        """Read one's own memberships, the earliest first."""
        actor.require(Permission.OWN_ACCOUNT)
        async with self.storage.read() as reading:
            records = await reading.memberships.records_of(actor.require_id())
        return [MembershipView.of(ledger_on(each, self._today(), self.zone)) for each in records]

    async def _open(
        self, actor: Actor, only: MembershipFilter | None, after: MembershipId | None, limit: int
    ) -> Sequence[Ledger]:
        found: list[Ledger] = []
        async with self.storage.read() as reading:
            ledgers = open_ledgers(reading, self._today(), self.zone, at_once=AT_ONCE, after=after)
            async with aclosing(ledgers):
                async for each in ledgers:
                    member = each.membership.user_id
                    if _shown(each, only) and member != actor.id and actor.sees(member):
                        found.append(each)
                    if len(found) == limit:
                        break
        return found

    async def _change(
        self, actor: Actor, id: MembershipId, action: str, change: Change, reason: str = ""
    ) -> LedgerView:
        async with begin_change(self.storage, actor, Permission.MANAGE_MEMBERSHIPS) as tx:
            # Locks the membership, so that its record cannot change before it is saved.
            membership = await tx.memberships.get(id)
            actor.require_another(membership.user_id)
            record = await tx.memberships.record(id)
            saved = MembershipRecord(await tx.memberships.save(change(record)), record.deliveries)
            await self._audit(tx, actor, action, saved, reason)
        return self._view(saved)

    async def _audit(self, tx: Writing, actor: Actor, action: str, record: MembershipRecord, reason: str = "") -> None:
        about = record.membership
        entry = audit_entry(actor, action, at=self.clock.now(), subject=about.user_id, what=about.id, reason=reason)
        await tx.audit.add(entry)

    def _view(self, record: MembershipRecord) -> LedgerView:
        return LedgerView.of(ledger_on(record, self._today(), self.zone))

    def _today(self) -> date:
        return date_at(self.clock.now(), self.zone)

    def _past(self, day: date | None, field: str = "on") -> date:
        """The day, or today; `InvalidFact` for one to come."""
        today = self._today()
        if day is not None and day > today:
            raise InvalidFact(field, N_("must not be in the future"))
        return day or today


def _with_date(record: MembershipRecord, fixed: FixedDate) -> Membership:
    if fixed.introduction_id not in set(_introductions(record)):
        raise NotFound("introduction")
    return record.membership.with_fixed_date(fixed)


def _introductions(record: MembershipRecord) -> Iterator[IntroductionId]:
    return (delivery.introduction_id for delivery in record.deliveries)


def _shown(ledger: Ledger, only: MembershipFilter | None) -> bool:
    return {
        None: True,
        MembershipFilter.DUE: ledger.due,
        MembershipFilter.LATE: ledger.late > 0,
        MembershipFilter.WARNED: ledger.warned,
    }[only]
