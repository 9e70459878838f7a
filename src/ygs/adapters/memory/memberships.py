"""Plans, memberships and assessed refunds in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice

from ygs.adapters.memory.optimistic_locking import require_version
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.ids import MembershipId, PlanId, RefundId, UserId
from ygs.domain.memberships import Membership, MembershipPlan, RefundAssessment
from ygs.domain.promises import Delivery, MembershipRecord
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryMembershipReader:
    """Plans, memberships and assessed refunds."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def plan(self, id: PlanId) -> MembershipPlan:
        tables = await self._tx.step()
        if id not in tables.membership_plans:
            raise NotFound("membership plan", id)
        return tables.membership_plans[id]

    async def plans(self, *, after: PlanId | None = None, limit: int = MOST_PAGE) -> Sequence[MembershipPlan]:
        return (await self._tx.step()).membership_plans.after(after, limit)

    async def get(self, id: MembershipId) -> Membership:
        tables = await self._tx.step()
        if id not in tables.memberships:
            raise NotFound("membership", id)
        return tables.memberships[id]

    async def of_user(self, id: UserId) -> Sequence[Membership]:
        return _of_user(await self._tx.step(), id)

    async def record(self, id: MembershipId) -> MembershipRecord:
        membership = await self.get(id)
        return _record(await self._tx.step(), membership)

    async def records_of(self, id: UserId) -> Sequence[MembershipRecord]:
        tables = await self._tx.step()
        return [_record(tables, each) for each in _of_user(tables, id)]

    async def open_records(
        self, *, after: MembershipId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[MembershipRecord]:
        return _page(await self._tx.step(), lambda each: each.ended_on is None, after, limit)

    async def records_between(
        self,
        since: date | None,
        until: date | None,
        *,
        after: MembershipId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[MembershipRecord]:
        def then(each: Membership) -> bool:
            on = each.contracted_on
            return (since is None or since <= on) and (until is None or on < until)

        return _page(await self._tx.step(), then, after, limit)

    async def refund(self, id: RefundId) -> RefundAssessment:
        tables = await self._tx.step()
        if id not in tables.refunds:
            raise NotFound("refund", id)
        return tables.refunds[id]

    async def refunds_of(self, ids: Collection[MembershipId]) -> Sequence[RefundAssessment]:
        refunds = (await self._tx.step()).refunds.values()
        return sorted((each for each in refunds if each.membership_id in ids), key=lambda each: each.id)


class MemoryMembershipRepository(MemoryMembershipReader):
    """Plans, memberships and assessed refunds, to be changed."""

    async def add_plan(self, plan: MembershipPlan) -> MembershipPlan:
        tables = await self._tx.step()
        if plan.id in tables.membership_plans:
            raise Conflict(N_("a plan of that id is stored already: make a new id"))
        return _put_plan(tables, plan)

    async def save_plan(self, plan: MembershipPlan) -> MembershipPlan:
        tables = await self._tx.step()
        require_version(tables.membership_plans, plan.id, plan.version)
        return _put_plan(tables, plan)

    async def add(self, membership: Membership) -> Membership:
        tables = await self._tx.step()
        if membership.id in tables.memberships:
            raise Conflict(N_("a membership of that id is stored already: make a new id"))
        return _put(tables, membership)

    async def save(self, membership: Membership) -> Membership:
        tables = await self._tx.step()
        require_version(tables.memberships, membership.id, membership.version)
        return _put(tables, membership)

    async def add_refund(self, refund: RefundAssessment) -> None:
        tables = await self._tx.step()
        if refund.id in tables.refunds or refund.membership_id not in tables.memberships:
            raise Conflict(N_("a refund has an id of its own, and is assessed for a membership: store that first"))
        storable_text("evidence", refund.evidence)
        tables.refunds.put({refund.id: refund})

    async def purge(self, before: date) -> int:
        tables = await self._tx.step()
        old = {each.id for each in tables.memberships.values() if each.over_on < before}
        tables.memberships.drop(old)
        tables.refunds.drop([each.id for each in tables.refunds.values() if each.membership_id in old])
        tables.forecasts.drop([each.id for each in tables.forecasts.values() if each.membership_id in old])
        return len(old)

    async def purge_refunds(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [each.id for each in tables.refunds.values() if each.created_at < before]
        tables.refunds.drop(old)
        return len(old)


def _page(
    tables: SnapshotTables, wanted: Callable[[Membership], bool], after: MembershipId | None, limit: int
) -> Sequence[MembershipRecord]:
    those = filter(wanted, tables.memberships.after(after, len(tables.memberships)))
    records = [_record(tables, each) for each in islice(those, limit)]
    return [record if record.membership.terms.agreed else _without_conditions(record) for record in records]


def _of_user(tables: SnapshotTables, id: UserId) -> Sequence[Membership]:
    return sorted((each for each in tables.memberships.values() if each.user_id == id), key=lambda each: each.id)


def _record(tables: SnapshotTables, membership: Membership) -> MembershipRecord:
    own = (tables.introductions[each] for each in tables.of_user.get(membership.user_id, ()))
    return MembershipRecord(membership, [Delivery.of(each, membership.user_id) for each in own])


def _without_conditions(record: MembershipRecord) -> MembershipRecord:
    return MembershipRecord(record.membership, [replace(each, conditions=()) for each in record.deliveries])


def _put_plan(tables: SnapshotTables, plan: MembershipPlan) -> MembershipPlan:
    storable_text("name", plan.name)
    saved = replace(plan, version=plan.version + 1)
    tables.membership_plans.put({plan.id: saved})
    return saved


def _put(tables: SnapshotTables, membership: Membership) -> Membership:
    storable_text("plan", membership.plan)
    others = (each for each in _of_user(tables, membership.user_id) if each.id != membership.id)
    if membership.ended_on is None and any(each.ended_on is None for each in others):
        raise Conflict(N_("the member has a membership that has not ended: end it first"))
    saved = replace(membership, version=membership.version + 1)
    tables.memberships.put({membership.id: saved})
    return saved
