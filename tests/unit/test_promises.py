"""The promise ledger: what is owed by a day, what counts as delivered, and what is due."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import InvalidFact, WrongStatus
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import Condition
from ygs.domain.memberships import (
    ClockPause,
    ContractTerms,
    FixedDate,
    Membership,
    Payment,
    PromiseUnit,
    ServiceGrant,
    months_after,
    require_first,
)
from ygs.domain.promises import Delivery, Ledger, MembershipRecord, ledger_on
from ygs.domain.refunds import Basis, RefundFault, RefundStage, refund
from ygs.entrypoints.testing.builders import TERMS, a_membership
from ygs.entrypoints.testing.ids import numbered

SEOUL = ZoneInfo("Asia/Seoul")
DAY = timedelta(days=1)
START = date(2026, 1, 1)


def a_contract(**changes: Any) -> Membership:
    """Twelve meetings and one on top within 365 days, from New Year on."""
    return a_membership(**{"contracted_on": START, "starts_on": START, "payments": (), **changes})


def given_on(day: date, number: int = 1, **changes: Any) -> Delivery:
    """An introduction published at noon of that day in Seoul; met ones were decided two days later."""
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    values: dict[str, Any] = {"cancelled": False, "met": False, "decided_at": at + 2 * DAY}
    return Delivery(introduction_id=IntroductionId(numbered("mh", number)), published_at=at, **{**values, **changes})


def ledger(membership: Membership, on: date, *deliveries: Delivery) -> Ledger:
    return ledger_on(MembershipRecord(membership, deliveries), on, SEOUL)


def met_on(*days: int) -> Sequence[Delivery]:
    """Introductions of these days since the start, after which the two met."""
    return [given_on(START + day * DAY, number, met=True) for number, day in enumerate(days, start=1)]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)),
        (date(2026, 5, 15), -60, date(2021, 5, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_what_is_promised_falls_due_evenly_and_wholly_at_the_end() -> None:
    contract = a_contract()
    assert (contract.total, contract.days) == (13, 365)
    owed = [ledger(contract, START + day * DAY).owed for day in (0, 28, 29, 57, 364, 365, 500)]
    assert owed == [0, 0, 1, 2, 12, 13, 13]


def test_due_is_what_the_coming_week_has_to_bring() -> None:
    contract = a_contract()
    assert [ledger(contract, START + day * DAY).due for day in (0, 21, 22, 29)] == [False, False, True, True]
    assert not ledger(contract, START + 29 * DAY, *met_on(10)).due
    assert ledger(contract, START + 50 * DAY, *met_on(10)).due
    late = ledger(contract, START + 100 * DAY, *met_on(10))
    assert (late.owed, late.delivered, late.late, late.due) == (3, 1, 2, True)


def test_a_promise_that_time_ran_out_on_stays_due_until_staff_end_the_membership() -> None:
    contract = a_contract()
    assert ledger(contract, START + 800 * DAY, *met_on(10)).late == 12
    assert ledger(contract, START + 800 * DAY, *met_on(10)).due
    ended = contract.ended(START + 700 * DAY)
    assert not ledger(ended, START + 800 * DAY, *met_on(10)).due
    assert not ledger(replace(contract, starts_on=START + 30 * DAY), START).due


def test_paused_days_do_not_count() -> None:
    paused = a_contract().paused(START + 10 * DAY, START + 40 * DAY)
    assert ledger(paused, START + 58 * DAY).owed == 0
    assert ledger(paused, START + 59 * DAY).owed == 1
    assert paused.ends_on(START + 60 * DAY) == START + 395 * DAY
    lasting = a_contract().paused(START + 10 * DAY, None)
    assert lasting.days_passed(START + 300 * DAY) == 10
    assert lasting.resumed(START + 60 * DAY).days_passed(START + 300 * DAY) == 250


def test_a_meeting_is_one_that_took_place_and_an_introduction_one_that_was_published() -> None:
    waiting, cancelled = given_on(START + 9 * DAY, 2), given_on(START + 9 * DAY, 3, cancelled=True)
    found = [*met_on(5), waiting, cancelled]
    meetings = ledger(a_contract(), START + 30 * DAY, *found)
    assert (meetings.delivered, meetings.meetings) == (1, 1)
    by_introduction = a_contract(terms=replace(TERMS, unit=PromiseUnit.INTRODUCTIONS))
    assert ledger(by_introduction, START + 30 * DAY, *found).delivered == 2


def test_what_was_published_before_or_after_the_membership_is_not_of_it() -> None:
    before, first, last, after = (given_on(START + day * DAY, day + 2, met=True) for day in (-1, 0, 60, 61))
    ended = a_contract().ended(START + 60 * DAY)
    shown = ledger(ended, START + 200 * DAY, before, first, last, after)
    assert [line.delivery for line in shown.lines] == [first, last]
    # At the end of the day of the first, nothing of later is known: not even that they met.
    assert [line.met_on for line in ledger(ended, START, before, first, last).lines] == [None]


def test_the_day_of_an_introduction_is_the_services() -> None:
    late_evening = replace(given_on(START), published_at=datetime(2025, 12, 31, 15, 30, tzinfo=UTC))
    assert [line.published_on for line in ledger(a_contract(), START, late_evening).lines] == [START]


def test_an_introduction_outside_what_was_agreed_counts_as_none() -> None:
    def condition(attribute: str, value: int, fit: int) -> Condition:
        return Condition(attribute, 3, 41, 61, 0, value, fit)

    contract = a_contract(terms=replace(TERMS, agreed=frozenset({"birth_year", "religion"})))
    older = given_on(START, 1, met=True, conditions=(condition("birth_year", 30, 4_000),))
    fitting = given_on(START, 2, met=True, conditions=(condition("birth_year", 45, 10_000),))
    unknown = given_on(START, 3, met=True, conditions=(condition("religion", 0, 5_000),))
    not_agreed = given_on(START, 4, met=True, conditions=(condition("height_cm", 20, 0),))
    shown = ledger(contract, START + 30 * DAY, older, fitting, unknown, not_agreed)
    assert [line.outside for line in shown.lines] == [("birth_year",), (), (), ()]
    assert (shown.delivered, shown.outside, shown.meetings) == (3, 1, 4)


def test_three_months_without_a_meeting_are_warned_of_a_month_before() -> None:
    contract = a_contract()
    assert ledger(contract, START).meeting_by == date(2026, 4, 1)
    assert [ledger(contract, date(2026, 3, day)).warned for day in (1, 2)] == [False, True]
    assert ledger(contract, date(2026, 5, 1)).warned
    assert [ledger(contract, day).at_fault for day in (date(2026, 3, 31), date(2026, 4, 1))] == [False, True]
    met = ledger(contract, date(2026, 4, 1), given_on(date(2026, 2, 8), met=True))
    assert (met.meeting_by, met.warned, met.at_fault) == (date(2026, 5, 10), False, False)
    paused = contract.paused(date(2026, 2, 1), date(2026, 2, 11))
    assert ledger(paused, date(2026, 3, 1)).meeting_by == date(2026, 4, 11)
    assert ledger(contract.ended(date(2026, 3, 1)), date(2026, 5, 1)).meeting_by is None


def test_the_day_of_a_meeting_is_the_one_that_staff_entered_or_that_of_both_answers() -> None:
    (delivery,) = met_on(10)
    assert ledger(a_contract(), START + 40 * DAY, delivery).lines[0].met_on == START + 12 * DAY
    fixed = a_contract().with_fixed_date(FixedDate(START + 13 * DAY, START + 20 * DAY, delivery.introduction_id))
    assert ledger(fixed, START + 40 * DAY, delivery).lines[0].met_on == START + 20 * DAY
    assert ledger(fixed, START + 19 * DAY, delivery).meetings == 0


def test_the_stage_of_a_refund_follows_what_happened_by_that_day() -> None:
    published, (held,) = given_on(START + 5 * DAY, 7), met_on(30)
    fixed = a_contract().with_fixed_date(FixedDate(START + 10 * DAY, START + 15 * DAY, published.introduction_id))
    stages = [ledger(fixed, START + day * DAY, published, held).stage for day in (4, 5, 10, 31, 32)]
    assert stages == [
        RefundStage.JOINED,
        RefundStage.PROFILE_GIVEN,
        RefundStage.DATE_FIXED,
        RefundStage.DATE_FIXED,
        RefundStage.MET,
    ]
    given_though_cancelled = ledger(a_contract(), START + 9 * DAY, given_on(START, cancelled=True))
    assert given_though_cancelled.stage is RefundStage.PROFILE_GIVEN


@pytest.mark.parametrize(
    ("membership", "on", "met", "fault", "won"),
    [
        # 3,600,000 x 80 % x 10 / 13
        (a_contract(), START + 100 * DAY, (10, 20, 30), RefundFault.MEMBER, 2_215_384),
        # 3,600,000 x 10 / 13 + 720,000
        (a_contract(), START + 100 * DAY, (10, 20, 30), RefundFault.OPERATOR, 3_489_230),
        (a_contract(), START + 9 * DAY, (10,), RefundFault.MEMBER, 3_240_000),
        (a_contract(grants=(ServiceGrant(START, 2),)), START + 100 * DAY, (10,), RefundFault.MEMBER, 2_688_000),
        # Of 365 days 100 passed, of which 30 were paused: 3,600,000 x 80 % x 295 / 365
        (
            a_contract(
                terms=ContractTerms(fee=3_600_000, months=12, basis=Basis.DAYS),
                pauses=(ClockPause(START + 40 * DAY, START + 70 * DAY),),
            ),
            START + 100 * DAY,
            (10,),
            RefundFault.MEMBER,
            2_327_671,
        ),
        # Still paused: the days of the pause are not used up.
        (
            a_contract(
                terms=ContractTerms(fee=3_600_000, months=12, basis=Basis.DAYS), pauses=(ClockPause(START + 73 * DAY),)
            ),
            START + 300 * DAY,
            (10,),
            RefundFault.OPERATOR,
            3_600_000,
        ),
    ],
)
def test_the_figures_of_a_refund_come_from_the_ledger(
    membership: Membership, on: date, met: tuple[int, ...], fault: RefundFault, won: int
) -> None:
    paid = replace(membership, payments=(Payment(START, 3_600_000),))
    assert refund(ledger(paid, on, *met_on(*met)).cancellation(fault)).to_pay == won


def test_a_refund_from_the_ledger_follows_the_rules_that_the_contract_names() -> None:
    contract = a_contract(rules="2015", payments=(Payment(START, 3_600_000),))
    assert ledger(contract, START).cancellation(RefundFault.MEMBER).rules == "2015"


def test_what_cannot_be_is_refused_with_what_is_wrong() -> None:
    contract = a_contract(payments=(Payment(START, 100),))
    ended = contract.ended(START)
    paused = contract.paused(START + DAY, None)
    for wrong in (
        lambda: ContractTerms(fee=1, months=12),
        lambda: ContractTerms(fee=1, months=0, promised=1),
        lambda: ContractTerms(fee=1, months=1, promised=1, agreed=frozenset({"shoe_size"})),
        lambda: contract.with_payment(Payment(START, -101)),
        lambda: contract.with_payment(Payment(START, 0)),
        lambda: contract.with_grant(ServiceGrant(START, 0)),
        lambda: contract.paused(START + DAY, START + DAY),
        lambda: contract.paused(START - DAY, None),
        lambda: contract.ended(START - DAY),
        lambda: contract.with_fixed_date(FixedDate(START, START - DAY, IntroductionId("mh_1"))),
        lambda: replace(contract, starts_on=START - DAY),
        lambda: replace(contract, rules="1999"),
    ):
        with pytest.raises(InvalidFact):
            wrong()
    for late in (
        lambda: ended.ended(START),
        lambda: ended.paused(START, None),
        lambda: paused.paused(START + 5 * DAY, START + 6 * DAY),
        lambda: contract.resumed(START),
        lambda: require_first([ended], START),
        lambda: require_first([contract], START + 900 * DAY),
    ):
        with pytest.raises(WrongStatus):
            late()
    require_first([ended], START + DAY)


def test_nothing_is_due_while_the_clock_stands() -> None:
    contract = a_contract()
    late = START + 90 * DAY
    assert ledger(contract, late).due
    paused = contract.paused(late, late + 10 * DAY)
    assert [ledger(paused, late + days * DAY).due for days in (0, 9, 10)] == [False, False, True]


def test_a_contract_can_end_before_it_begins() -> None:
    ended = replace(a_contract(), contracted_on=START - 10 * DAY).ended(START - 2 * DAY)
    require_first([ended], START - 2 * DAY)
    shown = ledger(ended, START + 90 * DAY)
    assert (shown.owed, shown.due, shown.late) == (0, False, 0)


DAYS = st.integers(0, 500)


@given(st.lists(st.tuples(DAYS, st.integers(1, 60)), max_size=4), DAYS)
def test_the_clock_counts_exactly_the_days_that_are_not_paused(stops: list[tuple[int, int]], day: int) -> None:
    membership = a_contract()
    for since, length in stops:
        try:
            membership = membership.paused(START + since * DAY, START + (since + length) * DAY)
        except WrongStatus:
            continue
    running = [each for each in range(day) if not membership.is_paused(START + each * DAY)]
    assert membership.days_passed(START + day * DAY) == min(len(running), membership.days)
