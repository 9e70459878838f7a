"""Memberships: contracts with their terms, payments, grants and pauses.

Dates are in the service's time zone. A contract of n months ends on the same day n months later, and pauses move its
end. It holds codes, counts, dates and won only, nothing of a profile, because contracts outlive accounts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self, TypeVar

from ygs.domain.errors import N_, InvalidFact, WrongStatus
from ygs.domain.ids import IntroductionId, MembershipId, PlanId, RefundId, UserId
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.refunds import MOST_MEETINGS, MOST_WON, Basis, Cancellation, require_between, rule_set
from ygs.domain.text import LINE_LENGTH, NOTE_LENGTH, required_text

Entry = TypeVar("Entry")

MOST_MONTHS = 60
# The most entries of one kind on one contract: more than anybody makes by hand.
MOST_ENTRIES = 200


class PromiseUnit(StrEnum):
    """The unit in which a contract promises introductions."""

    MEETINGS = "meetings"  # introductions after which the two met
    INTRODUCTIONS = "introductions"  # introductions that were published


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTerms:
    """The terms of a contract.

    `fee`: in won. `promised`: the number of `unit`s within `months`; `service`: the number on top, free of charge.
    `basis`: what a refund counts. `agreed`: the attributes in which every introduction must meet the member's wishes.
    """

    fee: int
    months: int
    promised: int = 0
    service: int = 0
    unit: PromiseUnit = PromiseUnit.MEETINGS
    basis: Basis = Basis.MEETINGS
    agreed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        require_between("fee", self.fee, 0, MOST_WON)
        require_between("months", self.months, 1, MOST_MONTHS)
        require_between("promised", self.promised, 1 if self.basis is Basis.MEETINGS else 0, MOST_MEETINGS)
        require_between("service", self.service, 0, MOST_MEETINGS)
        if unknown := sorted(self.agreed - VOCABULARY.keys()):
            raise InvalidFact(
                "agreed", N_("the vocabulary has no attribute {one}: see `ygs vocabulary`"), one=unknown[0]
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipPlan:
    """Terms that staff offer under a name. A contract keeps its terms when its plan changes."""

    id: PlanId
    name: str
    terms: ContractTerms
    created_at: datetime
    offered: bool = True
    version: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", required_text("name", self.name, at_most=LINE_LENGTH))

    def withdrawn(self) -> Self:
        """The plan after staff stopped offering it."""
        return replace(self, offered=False)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment in won by the member, or, below zero, back to the member."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class ServiceGrant:
    """Meetings or introductions granted free of charge after the contract was made."""

    on: date
    count: int


@dataclass(frozen=True, slots=True)
class ClockPause:
    """A pause of the contract's time: from `since` to the day before `until`; None while it lasts."""

    since: date
    until: date | None = None

    def contains(self, day: date) -> bool:
        """Whether a day is in the pause."""
        return self.since <= day and (self.until is None or day < self.until)

    def days_before(self, day: date) -> int:
        """The number of its days before a day."""
        end = day if self.until is None else min(day, self.until)
        return max(0, (end - self.since).days)


@dataclass(frozen=True, slots=True)
class FixedDate:
    """The date of an introduction's meeting, as staff entered it. `on`: when it was fixed; `meets_on`: the date."""

    on: date
    meets_on: date
    introduction_id: IntroductionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A member's contract, with its payments, grants, pauses and fixed dates.

    `rules`: the version of the refund rules that the contract names; "" for those of its date. `ended_on`: its last
    day, once staff have ended it. At most one membership of a member has not been ended.
    """

    id: MembershipId
    user_id: UserId
    plan: str
    terms: ContractTerms
    contracted_on: date
    starts_on: date
    created_at: datetime
    rules: str = ""
    payments: tuple[Payment, ...] = ()
    grants: tuple[ServiceGrant, ...] = ()
    pauses: tuple[ClockPause, ...] = ()
    fixed_dates: tuple[FixedDate, ...] = ()
    ended_on: date | None = None
    version: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "plan", required_text("plan", self.plan, at_most=LINE_LENGTH))
        if self.starts_on < self.contracted_on:
            raise InvalidFact("starts_on", N_("must not be before the contract"))
        if self.rules:
            rule_set(self.contracted_on, self.rules)

    @property
    def total(self) -> int:
        """The number promised, with service and grants; a refund counts them all."""
        return self.terms.promised + self.terms.service + sum(grant.count for grant in self.grants)

    @property
    def paid(self) -> int:
        """Won paid so far, less what was paid back."""
        return sum(payment.amount for payment in self.payments)

    @property
    def days(self) -> int:
        """The days of the contract, without pauses."""
        return (months_after(self.starts_on, self.terms.months) - self.starts_on).days

    def days_passed(self, on: date) -> int:
        """The days of the contract that passed before a day, without paused ones; at most `days`."""
        last = on if self.ended_on is None else min(on, self.ended_on)
        passed = (last - self.starts_on).days - self.paused_days(self.starts_on, last)
        return min(max(0, passed), self.days)

    def paused_days(self, since: date, before: date) -> int:
        """The number of paused days from `since` to the day before `before`."""
        return sum(pause.days_before(before) - pause.days_before(since) for pause in self.pauses)

    def ends_on(self, on: date) -> date:
        """The day on which its time is over, counting the pauses up to a day."""
        return self.starts_on + timedelta(days=self.days + self.paused_days(self.starts_on, on))

    @property
    def over_on(self) -> date:
        """The day on which staff ended it, or else on which its time is over, by the pauses whose end is known."""
        if self.ended_on is not None:
            return self.ended_on
        known = sum((pause.until - pause.since).days for pause in self.pauses if pause.until)
        return self.starts_on + timedelta(days=self.days + known)

    def is_paused(self, on: date) -> bool:
        """Whether it is paused on a day."""
        return any(pause.contains(on) for pause in self.pauses)

    def is_open(self, on: date) -> bool:
        """Whether it has begun by a day and staff have not ended it before; its time may be over."""
        return self.starts_on <= on and (self.ended_on is None or on <= self.ended_on)

    def has_ended(self, on: date) -> bool:
        """Whether staff have ended it, and its last day has come."""
        return self.ended_on is not None and self.ended_on <= on

    def with_payment(self, payment: Payment) -> Self:
        """The membership with a payment; `InvalidFact` for 0, or for more paid back than was paid."""
        if payment.amount == 0 or abs(payment.amount) > MOST_WON or self.paid + payment.amount < 0:
            raise InvalidFact("amount", N_("must be won that were paid, or below zero paid back, of what was paid"))
        return replace(self, payments=_with(self.payments, payment))

    def with_grant(self, grant: ServiceGrant) -> Self:
        """The membership with a grant."""
        self._require_not_ended()
        require_between("count", grant.count, 1, MOST_MEETINGS)
        return replace(self, grants=_with(self.grants, grant))

    def paused(self, since: date, until: date | None) -> Self:
        """The membership with a pause; `WrongStatus` if it overlaps another."""
        self._require_not_ended()
        if since < self.starts_on or (until is not None and until <= since):
            raise InvalidFact("until", N_("a pause begins within the membership and ends after it began"))
        if any(_overlap(pause, since, until) for pause in self.pauses):
            raise WrongStatus(N_("the membership is paused then already"))
        return replace(self, pauses=_with(self.pauses, ClockPause(since, until)))

    def resumed(self, on: date) -> Self:
        """The membership after its pause ends on a day; `WrongStatus` if it is not paused on that day."""
        current = next((pause for pause in self.pauses if pause.contains(on)), None)
        if current is None:
            raise WrongStatus(N_("the membership is not paused then"))
        ended = [replace(pause, until=on) if pause is current else pause for pause in self.pauses]
        return replace(self, pauses=tuple(pause for pause in ended if pause.until != pause.since))

    def with_fixed_date(self, fixed: FixedDate) -> Self:
        """The membership with the date of a meeting, in place of an earlier one for the same introduction."""
        others = tuple(each for each in self.fixed_dates if each.introduction_id != fixed.introduction_id)
        if fixed.meets_on < fixed.on:
            raise InvalidFact(
                "meets_on",
                N_("must not be before the day on which it was fixed: give that day too when it is over"),
            )
        return replace(self, fixed_dates=_with(others, fixed))

    def ended(self, on: date) -> Self:
        """The membership, ended by staff with a day as its last, which may be before it begins; `WrongStatus` if it has
        been ended."""
        self._require_not_ended()
        if on < self.contracted_on:
            raise InvalidFact("on", N_("must not be before the contract"))
        return replace(self, ended_on=on)

    def _require_not_ended(self) -> None:
        if self.ended_on is not None:
            raise WrongStatus(N_("this membership has ended"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAssessment:
    """A refund that staff assessed: the figures of the day, and the evidence for them."""

    id: RefundId
    membership_id: MembershipId
    cancelled_on: date
    figures: Cancellation
    evidence: str
    assessed_by: UserId | None
    created_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", required_text("evidence", self.evidence, at_most=NOTE_LENGTH))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_of_next - timedelta(days=1)).day))


def require_first(memberships: Iterable[Membership], starts_on: date) -> None:
    """`WrongStatus` unless all earlier memberships of the member ended before a new one begins on that day. One that
    ended before it began, such as one with a mistyped date, is in nobody's way."""
    if any(each.ended_on is None or each.ended_on >= max(starts_on, each.starts_on) for each in memberships):
        raise WrongStatus(N_("the member has a membership then: end it first, on a day before this one begins"))


def _overlap(pause: ClockPause, since: date, until: date | None) -> bool:
    begins_before_its_end = pause.until is None or since < pause.until
    return begins_before_its_end and (until is None or pause.since < until)


def _with(entries: Sequence[Entry], entry: Entry) -> tuple[Entry, ...]:
    if len(entries) >= MOST_ENTRIES:
        raise InvalidFact("count", N_("there are {most} of these already"), most=MOST_ENTRIES)
    return (*entries, entry)
