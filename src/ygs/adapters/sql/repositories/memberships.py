"""Plans, memberships with what was delivered for them, and assessed refunds: rows to entities and back."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import case, delete, func, literal, select, update

from ygs.adapters.sql.repositories.directory import drop_contracts, note_contract
from ygs.adapters.sql.repositories.introductions import conditions_of
from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bounds import within
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.tables.column_types import Json
from ygs.adapters.sql.tables.memberships import membership_plans, memberships, refunds
from ygs.adapters.sql.tables.rounds import introductions, participants
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.ids import IntroductionId, MembershipId, PlanId, RefundId, UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.memberships import (
    ClockPause,
    ContractTerms,
    FixedDate,
    Membership,
    MembershipPlan,
    Payment,
    PromiseUnit,
    RefundAssessment,
    ServiceGrant,
)
from ygs.domain.promises import Delivery, MembershipRecord
from ygs.domain.refunds import Basis, Cancellation, RefundFault, RefundStage
from ygs.ports.repositories import MOST_PAGE

_TERMS = ("fee", "months", "promised", "service")
_AS_THEY_ARE = ("plan", "rules", "contracted_on", "starts_on", "ended_on", "created_at", "version")


def _terms_row(terms: ContractTerms) -> dict[str, Any]:
    named = {name: getattr(terms, name) for name in _TERMS}
    return {**named, "unit": terms.unit.value, "basis": terms.basis.value, "agreed": sorted(terms.agreed)}


def _to_terms(row: Found) -> ContractTerms:
    named = {name: getattr(row, name) for name in _TERMS}
    return ContractTerms(unit=PromiseUnit(row.unit), basis=Basis(row.basis), agreed=frozenset(row.agreed), **named)


def plan_row(plan: MembershipPlan) -> dict[str, Any]:
    """A plan as a row of `membership_plans`."""
    named = {name: getattr(plan, name) for name in ("id", "name", "offered", "created_at", "version")}
    return {**named, **_terms_row(plan.terms)}


def to_plan(row: Found) -> MembershipPlan:
    """The plan that `plan_row` wrote."""
    return MembershipPlan(
        id=PlanId(row.id),
        name=row.name,
        terms=_to_terms(row),
        offered=row.offered,
        created_at=row.created_at,
        version=row.version,
    )


def to_row(membership: Membership) -> dict[str, Any]:
    """A membership as a row of `memberships`."""
    return {
        "id": membership.id,
        "user_id": membership.user_id,
        **{name: getattr(membership, name) for name in _AS_THEY_ARE},
        **_terms_row(membership.terms),
        "payments": [[_iso(each.on), each.amount] for each in membership.payments],
        "grants": [[_iso(each.on), each.count] for each in membership.grants],
        "pauses": [[_iso(each.since), _iso(each.until)] for each in membership.pauses],
        "fixed_dates": [[_iso(each.on), _iso(each.meets_on), each.introduction_id] for each in membership.fixed_dates],
        "over_on": membership.over_on,
    }


def to_membership(row: Found) -> Membership:
    """The membership that `to_row` wrote."""
    day = date.fromisoformat
    return Membership(
        id=MembershipId(row.id),
        user_id=UserId(row.user_id),
        terms=_to_terms(row),
        payments=tuple(Payment(day(on), amount) for on, amount in row.payments),
        grants=tuple(ServiceGrant(day(on), count) for on, count in row.grants),
        pauses=tuple(ClockPause(day(since), day(until) if until else None) for since, until in row.pauses),
        fixed_dates=tuple(
            FixedDate(day(on), day(meets_on), IntroductionId(about)) for on, meets_on, about in row.fixed_dates
        ),
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )


def refund_row(refund: RefundAssessment, keyring: Keyring) -> dict[str, Any]:
    """An assessed refund as a row of `refunds`."""
    figures = refund.figures
    named = {name: getattr(figures, name) for name in ("fee", "total", "used", "rules", "paid")}
    codes = {name: getattr(figures, name).value for name in ("basis", "stage", "fault")}
    return {
        "id": refund.id,
        "membership_id": refund.membership_id,
        "cancelled_on": refund.cancelled_on,
        "figures": {**named, **codes, "contracted_on": _iso(figures.contracted_on)},
        "evidence": keyring.seal(refunds.c.evidence, refund.id, refund.evidence),
        "assessed_by": refund.assessed_by,
        "created_at": refund.created_at,
    }


def to_refund(row: Found, keyring: Keyring) -> RefundAssessment:
    """The assessed refund that `refund_row` wrote."""
    figures = row.figures
    return RefundAssessment(
        id=RefundId(row.id),
        membership_id=MembershipId(row.membership_id),
        cancelled_on=row.cancelled_on,
        figures=Cancellation(
            **{name: figures[name] for name in ("fee", "total", "used", "rules", "paid")},
            basis=Basis(figures["basis"]),
            stage=RefundStage(figures["stage"]),
            fault=RefundFault(figures["fault"]),
            contracted_on=date.fromisoformat(figures["contracted_on"]),
        ),
        evidence=keyring.open(refunds.c.evidence, row.id, row.evidence),
        assessed_by=UserId(row.assessed_by) if row.assessed_by else None,
        created_at=row.created_at,
    )


class SqlMembershipReader:
    """Plans, memberships and assessed refunds."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def plan(self, id: PlanId) -> MembershipPlan:
        row = await self.tx.row(self.tx.for_update(select(membership_plans).where(membership_plans.c.id == id)))
        if row is None:
            raise NotFound("membership plan", id)
        return to_plan(row)

    async def plans(self, *, after: PlanId | None = None, limit: int = MOST_PAGE) -> Sequence[MembershipPlan]:
        query = select(membership_plans).where(membership_plans.c.id > (after or ""))
        return [to_plan(row) for row in await self.tx.rows(query.order_by(membership_plans.c.id).limit(limit))]

    async def get(self, id: MembershipId) -> Membership:
        row = await self.tx.row(self.tx.for_update(select(memberships).where(memberships.c.id == id)))
        if row is None:
            raise NotFound("membership", id)
        return to_membership(row)

    async def of_user(self, id: UserId) -> Sequence[Membership]:
        query = select(memberships).where(memberships.c.user_id == id).order_by(memberships.c.id)
        return [to_membership(row) for row in await self.tx.rows(query)]

    async def record(self, id: MembershipId) -> MembershipRecord:
        found = await self._records(select(memberships).where(memberships.c.id == id))
        if not found:
            raise NotFound("membership", id)
        return found[0]

    async def records_of(self, id: UserId) -> Sequence[MembershipRecord]:
        return await self._records(select(memberships).where(memberships.c.user_id == id))

    async def open_records(
        self, *, after: MembershipId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[MembershipRecord]:
        page = select(memberships).where(memberships.c.ended_on.is_(None), memberships.c.id > (after or ""))
        await self.tx.long_timeout()
        return await self._records(page.order_by(memberships.c.id).limit(limit), only_agreed=True)

    async def records_between(
        self,
        since: date | None,
        until: date | None,
        *,
        after: MembershipId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[MembershipRecord]:
        page = select(memberships).where(memberships.c.id > (after or ""))
        page = page.where(*within(memberships.c.contracted_on, since, until))
        return await self._records(page.order_by(memberships.c.id).limit(limit), only_agreed=True)

    async def _records(self, page: Query, *, only_agreed: bool = False) -> Sequence[MembershipRecord]:
        rows = await self.tx.rows(_with_deliveries(page, only_agreed=only_agreed))
        return [_record(list(those)) for _, those in groupby(rows, key=lambda row: row.id)]

    async def refund(self, id: RefundId) -> RefundAssessment:
        row = await self.tx.row(select(refunds).where(refunds.c.id == id))
        if row is None:
            raise NotFound("refund", id)
        return to_refund(row, self.tx.keyring)

    async def refunds_of(self, ids: Collection[MembershipId]) -> Sequence[RefundAssessment]:
        query = select(refunds).where(among(refunds.c.membership_id, sorted(ids))).order_by(refunds.c.id)
        return [to_refund(row, self.tx.keyring) for row in await self.tx.rows(query)]


class SqlMembershipRepository(SqlMembershipReader):
    """Plans, memberships and assessed refunds, to be changed."""

    async def add_plan(self, plan: MembershipPlan) -> MembershipPlan:
        new = replace(plan, version=plan.version + 1)
        async with self.tx.savepoint():
            await insert_all(self.tx, membership_plans, [plan_row(new)])
        return new

    async def save_plan(self, plan: MembershipPlan) -> MembershipPlan:
        saved = replace(plan, version=plan.version + 1)
        known = update(membership_plans).where(membership_plans.c.id == plan.id)
        if not await self.tx.run(known.where(membership_plans.c.version == plan.version).values(plan_row(saved))):
            raise StaleWrite(STALE)
        return saved

    async def add(self, membership: Membership) -> Membership:
        new = replace(membership, version=membership.version + 1)
        async with self.tx.savepoint():
            await insert_all(self.tx, memberships, [to_row(new)])
            await note_contract(self.tx, new.user_id)
        return new

    async def save(self, membership: Membership) -> Membership:
        saved = replace(membership, version=membership.version + 1)
        known = update(memberships).where(memberships.c.id == membership.id)
        if not await self.tx.run(known.where(memberships.c.version == membership.version).values(to_row(saved))):
            raise StaleWrite(STALE)
        await note_contract(self.tx, saved.user_id)
        return saved

    async def add_refund(self, refund: RefundAssessment) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, refunds, [refund_row(refund, self.tx.keyring)])

    async def purge(self, before: date) -> int:
        deleted = await self.tx.run(delete(memberships).where(memberships.c.over_on < before))
        if deleted:
            await drop_contracts(self.tx)
        return deleted

    async def purge_refunds(self, before: datetime) -> int:
        return await self.tx.run(delete(refunds).where(refunds.c.created_at < before))


def _with_deliveries(page: Query, *, only_agreed: bool) -> Query:
    """A page of memberships, each row with one introduction of its member, or none: the whole ledger at once."""
    these = page.subquery()
    own = case((introductions.c.a == these.c.user_id, introductions.c.proof_of_a), else_=introductions.c.proof_of_b)
    proof = case((these.c.agreed == literal([], Json()), literal([], Json())), else_=own) if only_agreed else own
    query = select(
        these,
        introductions.c.id.label("introduction_id"),
        introductions.c.created_at.label("published_at"),
        introductions.c.state.label("introduction_state"),
        introductions.c.decided_at,
        introductions.c.met,
        func.coalesce(proof, literal([], Json()), type_=Json()).label("proof"),
    )
    joined = query.outerjoin(participants, participants.c.user_id == these.c.user_id)
    joined = joined.outerjoin(introductions, introductions.c.id == participants.c.introduction_id)
    return joined.order_by(these.c.id, introductions.c.id)


def _record(rows: Sequence[Found]) -> MembershipRecord:
    return MembershipRecord(to_membership(rows[0]), [_delivery(row) for row in rows if row.introduction_id])


def _delivery(row: Found) -> Delivery:
    return Delivery(
        introduction_id=IntroductionId(row.introduction_id),
        published_at=row.published_at,
        cancelled=row.introduction_state == IntroductionState.CANCELLED.value,
        met=bool(row.met),
        decided_at=row.decided_at,
        conditions=conditions_of(row.proof),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
