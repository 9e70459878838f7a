"""The figures of a membership, counted by hand from its member's introductions.

The recount shares no code with `ygs.domain.promises`: it walks through the days and the introductions one by one.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ygs.application.memberships.ledger_views import LedgerView
from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction
from ygs.domain.memberships import ClockPause, Membership, PromiseUnit
from ygs.entrypoints.testing.builders import SEOUL

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Recount:
    """The figures of one membership on a day, counted by hand."""

    owed: int
    delivered: int
    outside: int
    meetings: int
    due: bool


def recounted(membership: Membership, introductions: Sequence[Introduction], today: date) -> Recount:
    """Count one membership's days and its member's introductions, one after another."""
    shown = [each for each in introductions if within(membership, created(each)) and created(each) <= today]
    outside = [each for each in shown if misses(membership, each)]
    held = [each for each in shown if took_place(membership, each, today)]
    by_introduction = membership.terms.unit is PromiseUnit.INTRODUCTIONS
    counted = [each for each in shown if each.state != "cancelled"] if by_introduction else held
    delivered = sum(each not in outside for each in counted)
    passed = days_passed(membership, today)
    open_now = membership.starts_on <= today and (membership.ended_on is None or today < membership.ended_on)
    stopped = any(today in days_of(pause, today + DAY) for pause in membership.pauses)
    due = open_now and not stopped and owed(membership, passed + 7) > delivered
    return Recount(owed(membership, passed), delivered, len(outside), len(held), due)


def created(introduction: Introduction) -> date:
    return introduction.created_at.astimezone(SEOUL).date()


def within(membership: Membership, day: date) -> bool:
    return membership.starts_on <= day <= (membership.ended_on or date.max)


def took_place(membership: Membership, introduction: Introduction, today: date) -> bool:
    entered = [each.meets_on for each in membership.fixed_dates if each.introduction_id == introduction.id]
    if not introduction.met:
        return False
    assert introduction.decided_at is not None
    return (entered or [introduction.decided_at.astimezone(SEOUL).date()])[0] <= today


def misses(membership: Membership, introduction: Introduction) -> bool:
    mine = introduction.proof_of_a if introduction.a == membership.user_id else introduction.proof_of_b
    agreed = [each for each in mine if each.attribute in membership.terms.agreed]
    return any(each.value != 0 and each.fit != 10_000 for each in agreed)


def days_of(pause: ClockPause, end: date) -> Iterator[date]:
    day = pause.since
    while day < min(pause.until or end, end):
        yield day
        day += DAY


def days_passed(membership: Membership, today: date) -> int:
    last = min(today, membership.ended_on or today)
    stopped = {day for pause in membership.pauses for day in days_of(pause, last)}
    day, passed = membership.starts_on, 0
    while day < last:
        passed += day not in stopped
        day += DAY
    return min(passed, contract_days(membership))


def contract_days(membership: Membership) -> int:
    begins = membership.starts_on
    years, month = divmod(begins.month - 1 + membership.terms.months, 12)
    last = calendar.monthrange(begins.year + years, month + 1)[1]
    return (date(begins.year + years, month + 1, min(begins.day, last)) - begins).days


def owed(membership: Membership, passed: int) -> int:
    total = membership.terms.promised + membership.terms.service + sum(each.count for each in membership.grants)
    days = contract_days(membership)
    count = 0
    while count < total and (count + 1) * days <= total * passed:
        count += 1
    return count


def by_member(introductions: Iterable[Introduction]) -> Mapping[UserId, list[Introduction]]:
    own: dict[UserId, list[Introduction]] = defaultdict(list)
    for each in introductions:
        own[each.a].append(each)
        own[each.b].append(each)
    return own


def figures(ledger: LedgerView) -> Recount:
    return Recount(ledger.owed, ledger.delivered, ledger.outside, ledger.meetings, ledger.due)
