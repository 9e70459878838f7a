"""Memberships as staff keep them and members read them, and promises that are due as the round's first objective."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.support.audit import audited
from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.adapters.pages.fpdf_pages import FpdfPages
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.application.actors import Actor
from ygs.application.memberships.contracts import (
    ClockPauseRequest,
    ClockResumeRequest,
    EndRequest,
    FixedDateRequest,
    GrantRequest,
    MembershipFilter,
    MembershipRequest,
    Memberships,
    PaymentRequest,
)
from ygs.application.memberships.due_promises import mark_due
from ygs.application.memberships.due_warnings import MembershipWarnings, WarnedMemberships
from ygs.application.memberships.ledger_views import LedgerView
from ygs.application.memberships.plans import MembershipPlans, MembershipPlanView, PlanRequest
from ygs.application.memberships.refund_assessments import RefundAssessments, RefundDecision
from ygs.application.rounds.commitments import CodeVersion
from ygs.application.rounds.weeks import CreateWeek, MatchWeeks
from ygs.domain.errors import Forbidden, InvalidFact, NotFound, SecondFactorNeeded, WrongStatus
from ygs.domain.ids import WeekId
from ygs.domain.introductions import Answer, Choice, Introduction
from ygs.domain.matching.market import Market
from ygs.domain.refunds import RefundFault
from ygs.domain.service_dates import date_at
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_membership, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import CountingIds

TODAY = NOON.date()
DAY = timedelta(days=1)
PLAN = PlanRequest(name="정회원 12회", fee=3_600_000, months=12, promised=12, service=1)
ONE, OTHER = a_user(1), a_user(2)


@dataclass(frozen=True)
class Agency:
    """A club whose members have contracts."""

    club: Club
    plans: MembershipPlans
    memberships: Memberships
    refunds: RefundAssessments

    async def contract(self, user: User = ONE, began: date = TODAY - 90 * DAY, **plan: Any) -> LedgerView:
        """A membership of a user that began on that day."""
        offered = await self.plans.offer(CONSULTANT, PLAN.model_copy(update=plan))
        request = MembershipRequest(plan_id=offered.id, contracted_on=began)
        return await self.memberships.start(CONSULTANT, user.id, request)

    async def meeting(self, one: User, other: User, number: int, on: date) -> Introduction:
        """An introduction that was published at noon of a day, after which the two met."""
        week = a_week(number)
        at = NOON + (on - TODAY)
        async with self.club.storage.write() as tx:
            await tx.weeks.add(week)
            yes = Answer(choice=Choice.ACCEPT, at=at)
            made = introduced(one, other, number, at)
            await tx.introductions.add_all([made], {})
            stored = await tx.introductions.get(made.id)
            met = stored.answered(stored.a, yes).answered(stored.b, yes).reported(met=True)
            return await tx.introductions.save(met)


def introduced(one: User, other: User, number: int, at: datetime) -> Introduction:
    """An introduction of that moment."""
    return an_introduction(one, other, a_week(number), number, created_at=at, deadline=at + 5 * DAY)


@asynccontextmanager
async def an_agency(*more: User) -> AsyncIterator[Agency]:
    club = Club()
    await club.add(ONE, OTHER, *more)
    parts = club.storage, club.clock, CountingIds()
    audit = an_audit_writer(club.storage)
    refunds = RefundAssessments(*parts, SEOUL, FpdfPages(), audit)
    yield Agency(club, MembershipPlans(*parts), Memberships(*parts, SEOUL, audit), refunds)


@pytest.fixture
async def agency() -> AsyncIterator[Agency]:
    async with an_agency() as made:
        yield made


async def test_a_contract_keeps_its_terms_when_the_plan_goes(agency: Agency) -> None:
    made = await agency.contract()
    (plan,) = await agency.plans.list(CONSULTANT)
    withdrawn = await agency.plans.withdraw(CONSULTANT, plan.id)
    assert isinstance(withdrawn, MembershipPlanView)
    assert not withdrawn.offered
    with pytest.raises(WrongStatus):
        await agency.plans.withdraw(CONSULTANT, plan.id)
    request = MembershipRequest(plan_id=plan.id, contracted_on=TODAY)
    with pytest.raises(WrongStatus, match="not offered"):
        await agency.memberships.start(CONSULTANT, OTHER.id, request)
    assert (await agency.memberships.get(CONSULTANT, made.id)).terms.fee == 3_600_000


async def test_what_happens_to_a_contract_is_in_its_ledger_and_on_record(agency: Agency) -> None:
    made = await agency.contract()
    keep = agency.memberships
    await keep.pay(CONSULTANT, made.id, PaymentRequest(amount=3_600_000, on=TODAY - 90 * DAY))
    await keep.pay(CONSULTANT, made.id, PaymentRequest(amount=-600_000))
    await keep.grant(CONSULTANT, made.id, GrantRequest(count=2))
    await keep.pause(CONSULTANT, made.id, ClockPauseRequest(since=TODAY - 20 * DAY))
    await keep.resume(CONSULTANT, made.id, ClockResumeRequest(on=TODAY - 10 * DAY))
    met = await agency.meeting(ONE, OTHER, 1, TODAY - 60 * DAY)
    await keep.fix_date(
        CONSULTANT, made.id, FixedDateRequest(introduction_id=met.id, meets_on=TODAY - 50 * DAY, on=TODAY - 55 * DAY)
    )
    found = await keep.get(ADMIN, made.id)
    # 80 days passed of 365, and 15 are promised.
    assert (found.total, found.owed, found.delivered, found.late, found.due) == (15, 3, 1, 2, True)
    assert (found.paid, found.ends_on) == (3_000_000, found.starts_on + 375 * DAY)
    assert [(each.met_on, each.counts) for each in found.introductions] == [(TODAY - 50 * DAY, True)]
    proof = found.introductions[0].conditions[0]
    assert (proof.attribute, proof.told.ko, proof.agreed) == ("birth_year", ["1986년생"], False)
    ended = await keep.end(CONSULTANT, made.id, EndRequest(reason="이사로 활동이 어려움"))
    assert (ended.ended_on, ended.due) == (TODAY, False)
    log = [entry for entry in await agency.club.log() if entry.subject == ONE.id]
    assert [entry.action for entry in log] == [
        "membership.started",
        "membership.paid",
        "membership.paid",
        "membership.granted",
        "membership.paused",
        "membership.resumed",
        "membership.date_fixed",
        "membership.read",
        "membership.ended",
    ]
    assert {entry.what for entry in log} == {made.id}
    assert log[-1].reason == "이사로 활동이 어려움"


async def test_a_member_reads_their_own_without_what_tells_of_the_other(agency: Agency) -> None:
    await agency.contract(agreed=frozenset({"birth_year"}))
    await agency.meeting(ONE, OTHER, 1, TODAY - 60 * DAY)
    (mine,) = await agency.memberships.list_mine(signed_in(ONE))
    assert (mine.total, mine.delivered) == (13, 1)
    assert set(type(mine.introductions[0]).model_fields) == {"introduction_id", "published_on", "met_on", "counts"}
    assert not {"user_id", "due", "outside", "meeting_by"} & set(type(mine).model_fields)
    assert await agency.memberships.list_mine(signed_in(OTHER)) == []


async def test_only_staff_with_a_second_factor_keep_memberships_and_never_their_own() -> None:
    staff = a_user(90, role=Role.CONSULTANT, status=Status.DRAFT)
    async with an_agency(staff) as agency:
        made = await agency.contract()
        own = a_membership(50, user=90)
        async with agency.club.storage.write() as tx:
            await tx.memberships.add(own)
        for who, why in ((signed_in(ONE), Forbidden), (WITHOUT_SECOND_FACTOR, SecondFactorNeeded)):
            for refused in (
                agency.memberships.get(who, made.id),
                agency.memberships.list_open(who),
                agency.memberships.list_of_member(who, ONE.id),
                agency.plans.list(who),
                agency.refunds.list(who, made.id),
            ):
                with pytest.raises(why):
                    await refused
        for about_oneself in (
            agency.memberships.get(CONSULTANT, own.id),
            agency.memberships.pay(CONSULTANT, own.id, PaymentRequest(amount=1)),
            agency.memberships.list_of_member(CONSULTANT, staff.id),
            agency.refunds.preview(CONSULTANT, own.id, RefundFault.OPERATOR),
        ):
            with pytest.raises(Forbidden):
                await about_oneself
        assert [line.id for line in await agency.memberships.list_open(CONSULTANT)] == [made.id]
        assert len(await agency.memberships.list_open(ADMIN)) == 2


async def test_a_second_membership_begins_only_after_the_first_has_ended(agency: Agency) -> None:
    first = await agency.contract()
    with pytest.raises(WrongStatus, match="end it first"):
        await agency.contract(began=TODAY)
    await agency.memberships.end(CONSULTANT, first.id, EndRequest(reason="갱신", on=TODAY - DAY))
    second = await agency.contract(began=TODAY)
    found = await agency.memberships.list_of_member(CONSULTANT, ONE.id)
    assert [each.id for each in found] == [first.id, second.id]


async def test_a_mistyped_year_keeps_nobody_from_a_contract(agency: Agency) -> None:
    plan = await agency.plans.offer(CONSULTANT, PLAN)
    tomorrow = MembershipRequest(plan_id=plan.id, contracted_on=TODAY + DAY)
    with pytest.raises(InvalidFact, match="future") as refused:
        await agency.memberships.start(CONSULTANT, ONE.id, tomorrow)
    assert refused.value.attribute == "contracted_on"
    late = MembershipRequest(plan_id=plan.id, contracted_on=TODAY, starts_on=TODAY + 3650 * DAY)
    made = await agency.memberships.start(CONSULTANT, ONE.id, late)
    await agency.memberships.end(CONSULTANT, made.id, EndRequest(reason="연도를 잘못 적음"))
    await agency.contract(began=TODAY)


async def test_lists_show_who_is_due_late_or_long_without_a_meeting() -> None:
    people = [a_user(number) for number in range(3, 7)]
    async with an_agency(*people) as agency:
        fresh = await agency.contract(ONE, TODAY)
        due = await agency.contract(people[0], TODAY - 25 * DAY)
        late = await agency.contract(people[1], TODAY - 60 * DAY)
        warned = await agency.contract(people[2], TODAY - 70 * DAY, promised=1, service=0)
        ended = await agency.contract(people[3], TODAY - 300 * DAY)
        await agency.memberships.end(CONSULTANT, ended.id, EndRequest(reason="만료"))
        lists = {
            only: [line.id for line in await agency.memberships.list_open(CONSULTANT, only=only)]
            for only in (None, *MembershipFilter)
        }
        assert lists == {
            None: [fresh.id, due.id, late.id, warned.id],
            MembershipFilter.DUE: [due.id, late.id],
            MembershipFilter.LATE: [late.id],
            MembershipFilter.WARNED: [warned.id],
        }
        page = await agency.memberships.list_open(CONSULTANT, only=MembershipFilter.DUE, after=due.id, limit=1)
        assert [line.id for line in page] == [late.id]
        assert page[0].name == f"{people[1].name[0]}○{people[1].name[-1]}"
        listed = [each.people for each in await audited(agency.club.storage) if each.action == "memberships.listed"]
        assert listed[0] == (ONE.id, *(each.id for each in people[:3]))
        assert len(listed) == 5


async def test_staff_are_warned_once_a_week_of_each_membership_that_is_due_and_of_nothing_else() -> None:
    people = [a_user(number) for number in range(3, 8)]
    async with an_agency(*people) as agency:
        await agency.contract(ONE, TODAY)
        due = await agency.contract(people[0], TODAY - 25 * DAY)
        late = await agency.contract(people[1], TODAY - 60 * DAY)
        unmet = await agency.contract(people[2], TODAY - 70 * DAY, promised=1, service=0)
        ended = await agency.contract(people[3], TODAY - 300 * DAY)
        await agency.memberships.end(CONSULTANT, ended.id, EndRequest(reason="만료"))
        paused = await agency.contract(people[4], TODAY - 60 * DAY)
        await agency.memberships.pause(CONSULTANT, paused.id, ClockPauseRequest(since=TODAY))
        club = agency.club
        warnings = MembershipWarnings(club.storage, club.clock, SEOUL)
        club.clock.advance(days=2)  # from Monday to Wednesday
        counts = list[WarnedMemberships]()
        for _ in range(7):
            counts.append(await warnings.warn())
            club.clock.advance(days=1)
        async with club.storage.read() as reading:
            events = await reading.outbox.pending()
        assert [each.memberships for each in counts] == [3] * 7
        assert counts[0].late == 1
        warned = [each.id for each in (due, late, unmet)]
        assert [each.membership_id for each in events] == warned * 2
        # No name, no member, and nothing of what is owed.
        assert [each.ids for each in events] == [{"membership_id": each} for each in warned * 2]
        assert all(each.for_staff for each in events)
        assert {each.key.rpartition(":")[2] for each in events} == {"2026-W48", "2026-W49"}


async def test_a_refund_is_assessed_from_the_ledger_of_its_day_and_kept_as_it_was(agency: Agency) -> None:
    made = await agency.contract()
    await agency.memberships.pay(CONSULTANT, made.id, PaymentRequest(amount=3_600_000))
    await agency.meeting(ONE, OTHER, 1, TODAY - 60 * DAY)
    before = await agency.refunds.preview(CONSULTANT, made.id, RefundFault.MEMBER, TODAY - 80 * DAY)
    assert (before.stage, before.amount) == ("joined", 3_240_000)
    decision = RefundDecision(fault=RefundFault.OPERATOR, evidence="석 달 동안 만남이 없었음")
    kept = await agency.refunds.assess(CONSULTANT, made.id, decision)
    # 3,600,000 x 12 / 13 + 720,000
    assert (kept.refund.stage, kept.refund.amount, kept.assessed_by) == ("met", 4_043_076, CONSULTANT.id)
    await agency.memberships.grant(CONSULTANT, made.id, GrantRequest(count=5))
    assert await agency.refunds.list(ADMIN, made.id) == [kept]
    assert await agency.refunds.get(ADMIN, kept.id) == kept
    for day in (TODAY + DAY, TODAY - 91 * DAY):
        with pytest.raises(InvalidFact):
            await agency.refunds.preview(CONSULTANT, made.id, RefundFault.MEMBER, day)
    await agency.memberships.end(CONSULTANT, made.id, EndRequest(reason="해지", on=TODAY - 40 * DAY))
    assert (await agency.refunds.preview(CONSULTANT, made.id, RefundFault.MEMBER)).total == 18
    actions = [entry.action for entry in await agency.club.log() if entry.action.startswith("refund")]
    assert actions == ["refund.previewed", "refund.assessed", "refunds.read", "refunds.read", "refund.previewed"]


async def test_what_is_not_the_members_or_is_to_come_is_refused(agency: Agency) -> None:
    made = await agency.contract()
    theirs = await agency.meeting(OTHER, a_user(1), 1, TODAY - 60 * DAY)
    assert theirs.id
    stranger = FixedDateRequest(introduction_id="mh_01JD8Q4W0M8Q5V7X0C9T1R2E3S", meets_on=TODAY)
    with pytest.raises(NotFound):
        await agency.memberships.fix_date(CONSULTANT, made.id, stranger)
    with pytest.raises(InvalidFact, match="future"):
        await agency.memberships.pay(CONSULTANT, made.id, PaymentRequest(amount=1, on=TODAY + DAY))
    with pytest.raises(NotFound):
        await agency.memberships.get(CONSULTANT, a_membership(99).id)


async def test_a_lock_marks_those_whose_promise_is_due() -> None:
    people = [a_user(number) for number in range(3, 9)]
    async with an_agency(*people) as agency:
        club = agency.club
        await agency.contract(ONE, TODAY - 60 * DAY)
        await agency.contract(OTHER, TODAY)
        keys = SystemSecrets(bytes(32)), CodeVersion("test")
        weeks = MatchWeeks(club.storage, club.clock, CountingIds(), SEOUL, *keys)
        week = WeekId((await weeks.create(Actor.operator(), CreateWeek())).id)
        await weeks.lock(Actor.operator(), week)
        async with club.storage.read() as reading:
            locked = Market.from_bytes(await reading.weeks.snapshot(week))
            plain = await reading.market.enrolled(capacity=1)
            await mark_due(plain, reading, date_at(NOON, SEOUL), SEOUL)
        assert [person for person, due in zip(locked.ids, locked.due, strict=True) if due] == [ONE.id]
        assert locked == plain


async def test_who_is_due_but_does_not_take_part_changes_no_market() -> None:
    paused = a_user(3, status=Status.PAUSED)
    async with an_agency(paused) as agency:
        await agency.contract(paused, TODAY - 60 * DAY)
        async with agency.club.storage.read() as reading:
            market = await reading.market.enrolled(capacity=1)
            await mark_due(market, reading, TODAY, SEOUL)
        assert list(market.due) == [0, 0]
