"""The contract of plans, memberships and assessed refunds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import Conflict, NotFound, StaleWrite
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import IntroductionState
from ygs.domain.memberships import ClockPause, ContractTerms, FixedDate, Payment, PromiseUnit, ServiceGrant
from ygs.domain.promises import Delivery, MembershipRecord
from ygs.domain.refunds import Basis
from ygs.entrypoints.testing.builders import (
    TERMS,
    a_membership,
    a_plan,
    a_refund,
    a_user,
    a_week,
    an_introduction,
)
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.storage import Storage

TODAY = NOON.date()
DAY = timedelta(days=1)


class MembershipContract:
    """Plans, memberships with what was delivered for them, and assessed refunds."""

    async def test_a_plan_comes_back_and_is_saved_under_its_version(self, storage: Storage) -> None:
        days = ContractTerms(
            fee=1, months=6, basis=Basis.DAYS, unit=PromiseUnit.INTRODUCTIONS, agreed=frozenset({"religion"})
        )
        async with storage.write() as tx:
            first = await tx.memberships.add_plan(a_plan(1))
            await tx.memberships.add_plan(a_plan(2, terms=days))
            with pytest.raises(Conflict):
                await tx.memberships.add_plan(a_plan(2))
        assert first == a_plan(1, version=1)
        async with storage.write() as tx:
            stored = await tx.memberships.plan(first.id)
            assert await tx.memberships.save_plan(stored.withdrawn()) == a_plan(1, offered=False, version=2)
            with pytest.raises(StaleWrite):
                await tx.memberships.save_plan(stored)
        async with storage.read() as reading:
            plans = [a_plan(1, offered=False, version=2), a_plan(2, terms=days, version=1)]
            assert await reading.memberships.plans() == plans
            assert await reading.memberships.plans(after=plans[0].id, limit=1) == plans[1:]
            with pytest.raises(NotFound):
                await reading.memberships.plan(a_plan(3).id)

    async def test_a_membership_comes_back_with_every_entry(self, storage: Storage) -> None:
        full = a_membership(
            1,
            terms=replace(TERMS, agreed=frozenset({"birth_year", "religion"})),
            rules="2015",
            payments=(Payment(TODAY, 1_000_000), Payment(TODAY + DAY, -400_000)),
            grants=(ServiceGrant(TODAY, 2),),
            pauses=(ClockPause(TODAY, TODAY + 9 * DAY), ClockPause(TODAY + 20 * DAY)),
            fixed_dates=(FixedDate(TODAY, TODAY + 3 * DAY, IntroductionId("mh_1")),),
        )
        async with storage.write() as tx:
            stored = await tx.memberships.add(full)
        assert stored == replace(full, version=1)
        async with storage.write() as tx:
            assert await tx.memberships.get(full.id) == stored
            ended = await tx.memberships.save(stored.ended(TODAY + 30 * DAY))
            with pytest.raises(StaleWrite):
                await tx.memberships.save(stored)
        async with storage.read() as reading:
            assert await reading.memberships.of_user(full.user_id) == [ended]
            assert ended.ended_on == TODAY + 30 * DAY
            with pytest.raises(NotFound):
                await reading.memberships.get(a_membership(9).id)
            with pytest.raises(NotFound):
                await reading.memberships.record(a_membership(9).id)

    async def test_one_membership_of_a_member_is_open_at_a_time(self, storage: Storage) -> None:
        async with storage.write() as tx:
            first = await tx.memberships.add(a_membership(1))
            for wrong in (a_membership(2), a_membership(1, user=2)):
                with pytest.raises(Conflict):
                    await tx.memberships.add(wrong)
            await tx.memberships.add(a_membership(3, user=2))
            await tx.memberships.save(first.ended(TODAY))
            await tx.memberships.add(a_membership(4))
        async with storage.read() as reading:
            assert [each.id for each in await reading.memberships.of_user(first.user_id)] == [
                first.id,
                a_membership(4).id,
            ]

    async def test_a_record_holds_every_introduction_of_its_member_and_nobody_elses(self, storage: Storage) -> None:
        agreed = replace(TERMS, agreed=frozenset({"birth_year"}))
        people = [a_user(number) for number in range(1, 6)]
        met = an_introduction(people[0], people[1], a_week(1), 1, met=True, decided_at=NOON)
        met = replace(met, state=IntroductionState.MUTUAL)
        cancelled = replace(an_introduction(people[2], people[0], a_week(2), 2), state=IntroductionState.CANCELLED)
        others = an_introduction(people[1], people[2], a_week(2), 3)
        async with storage.write() as tx:
            await tx.users.add_all(people)
            for week in (a_week(1), a_week(2)):
                await tx.weeks.add(week)
            await tx.introductions.add_all([met, cancelled, others], dict.fromkeys((each.id for each in people), 2))
            await tx.memberships.add(a_membership(1, user=1, terms=agreed))
            await tx.memberships.add(a_membership(2, user=2))
            await tx.memberships.add(a_membership(3, user=4))
            await tx.memberships.add(a_membership(4, user=5).ended(TODAY))
        async with storage.read() as reading:
            first = await reading.memberships.record(a_membership(1).id)
            assert first.deliveries == [Delivery.of(met, people[0].id), Delivery.of(cancelled, people[0].id)]
            assert [each.met for each in first.deliveries] == [True, False]
            assert first.deliveries[0].conditions == met.proof_of_a
            assert await reading.memberships.records_of(people[0].id) == [first]
            opened = await reading.memberships.open_records()
            second = await reading.memberships.record(a_membership(2).id)
            assert second.deliveries == [Delivery.of(met, people[1].id), Delivery.of(others, people[1].id)]
            # Nothing was agreed, so no page of all reads conditions.
            bare = [replace(each, conditions=()) for each in second.deliveries]
            nothing = MembershipRecord(a_membership(3, user=4, version=1), [])
            assert opened == [first, MembershipRecord(second.membership, bare), nothing]
            after = await reading.memberships.open_records(after=a_membership(1).id, limit=1)
            assert [each.membership.id for each in after] == [a_membership(2).id]

    async def test_records_of_a_period_come_in_pages_ended_or_not(self, storage: Storage) -> None:
        day = a_membership().contracted_on
        dated = [
            a_membership(
                number, user=number, contracted_on=day + timedelta(days=number), starts_on=day + timedelta(days=9)
            )
            for number in range(1, 5)
        ]
        dated[1] = replace(dated[1], ended_on=day + timedelta(days=20))
        async with storage.write() as tx:
            stored = [await tx.memberships.add(each) for each in dated]
        since, until = dated[1].contracted_on, dated[3].contracted_on
        async with storage.read() as reading:
            found = await reading.memberships.records_between(since, until)
            assert [each.membership for each in found] == stored[1:3]
            [first] = await reading.memberships.records_between(None, None, limit=1)
            rest = await reading.memberships.records_between(None, None, after=first.membership.id)
        assert [first.membership, *(each.membership for each in rest)] == stored

    async def test_a_refund_comes_back_with_its_membership(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.memberships.add(a_membership(1))
            for refund in (a_refund(1), a_refund(2, assessed_by=None)):
                await tx.memberships.add_refund(refund)
            for wrong in (a_refund(1), a_refund(3, membership=9)):
                with pytest.raises(Conflict):
                    await tx.memberships.add_refund(wrong)
        async with storage.read() as reading:
            refunds = await reading.memberships.refunds_of([a_membership(1).id])
            assert refunds == [a_refund(1), a_refund(2, assessed_by=None)]
            assert await reading.memberships.refunds_of([a_membership(2).id]) == []
            assert await reading.memberships.refund(a_refund(1).id) == a_refund(1)
            with pytest.raises(NotFound):
                await reading.memberships.refund(a_refund(3).id)

    async def test_contracts_and_refunds_are_kept_for_their_own_time(self, storage: Storage) -> None:
        async with storage.write() as tx:
            ended = a_membership(1, starts_on=TODAY - 400 * DAY, contracted_on=TODAY - 400 * DAY).ended(TODAY)
            await tx.memberships.add(ended)
            over = await tx.memberships.add(a_membership(2, user=2))
            await tx.memberships.add_refund(a_refund(1))
            await tx.memberships.add_refund(a_refund(2, membership=2, created_at=NOON + DAY))
            assert over.over_on == over.starts_on + over.days * DAY
            assert await tx.memberships.purge(TODAY) == 0
            assert await tx.memberships.purge_refunds(NOON) == 0
        async with storage.write() as tx:
            assert await tx.memberships.purge(TODAY + DAY) == 1
            assert await tx.memberships.refunds_of([ended.id]) == []
            assert await tx.memberships.purge(over.over_on) == 0
            assert await tx.memberships.purge_refunds(NOON + 2 * DAY) == 1
            assert await tx.memberships.purge(over.over_on + DAY) == 1
