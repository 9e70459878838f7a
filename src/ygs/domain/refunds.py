"""Refunds of a membership that ends early, computed by a rule set. This is no legal advice.

A rule set is data. The one in force on the day of the contract applies, unless the contract names another. Amounts are
exact fractions of a won until the last step, which rounds down to whole won.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from ygs.domain.errors import N_, InvalidFact

MOST_WON = 10**12
MOST_MEETINGS = 1_000
MOST_DAYS = 36_600
Value: TypeAlias = "int | str | date | RefundFault | RefundStage | Basis"


class RefundFault(StrEnum):
    """Who is responsible for the end of the membership."""

    MEMBER = "member"
    OPERATOR = "operator"


class RefundStage(StrEnum):
    """The stage of the service at which the membership ended."""

    JOINED = "joined"  # no profile was given yet
    PROFILE_GIVEN = "profile_given"
    DATE_FIXED = "date_fixed"  # the date of the first meeting was fixed
    MET = "met"  # a meeting took place


class Basis(StrEnum):
    """What the fee pays for, and so what a refund counts."""

    MEETINGS = "meetings"  # a number of meetings
    DAYS = "days"  # a period


class StepKind(StrEnum):
    """The kind of a step of the calculation."""

    RULES_BY_DATE = "rules_by_date"
    RULES_NAMED = "rules_named"
    FAULT_AND_STAGE = "fault_and_stage"
    MEETINGS_LEFT = "meetings_left"
    DAYS_LEFT = "days_left"
    SHARE_BEFORE = "share_before"
    SHARE_AFTER = "share_after"
    FEE = "fee"
    FEE_LEFT = "fee_left"
    COMPENSATION = "compensation"
    SUM = "sum"
    ROUNDED = "rounded"
    UNPAID = "unpaid"
    OWED = "owed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The percentages of a refund under the terms in force since a day.

    If the member is responsible: `before`, of the fee, at each stage before the first meeting; `after` the first
    meeting, of the unused part of the fee. If the operator is responsible: `compensation`, of the fee, on top of the
    whole fee, and `compensation_after` the first meeting, of the fee, on top of its unused part.
    """

    version: str
    since: date
    before: Mapping[RefundStage, int]
    after: int
    compensation: Mapping[RefundStage, int]
    compensation_after: int


def _by_stage(joined: int, profile_given: int, date_fixed: int) -> Mapping[RefundStage, int]:
    return {RefundStage.JOINED: joined, RefundStage.PROFILE_GIVEN: profile_given, RefundStage.DATE_FIXED: date_fixed}


# The Korean standard terms for domestic marriage brokers as the press reported them, each from the day on which the
# Fair Trade Commission announced it (sources: docs/decisions). Ascending by `since`.
RULE_SETS: Sequence[RuleSet] = (
    RuleSet(
        version="2015",
        since=date(2015, 1, 12),
        before=_by_stage(80, 80, 80),
        after=80,
        compensation=_by_stage(20, 20, 20),
        compensation_after=20,
    ),
    RuleSet(
        version="2021",
        since=date(2021, 10, 17),
        before=_by_stage(90, 85, 80),
        after=80,
        compensation=_by_stage(10, 15, 20),
        compensation_after=20,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """The figures of a membership that ends early.

    `fee`: the agreed fee, in won. `total`: meetings promised and granted, or days of the contract. `used`: meetings
    that took place, or days that passed without paused ones. `rules`: the version of the rule set that the contract
    names; "" for the one of its date. `paid`: won paid so far; None for the whole fee.
    """

    fee: int
    basis: Basis
    total: int
    used: int
    stage: RefundStage
    fault: RefundFault
    contracted_on: date
    rules: str = ""
    paid: int | None = None

    def __post_init__(self) -> None:
        most = MOST_MEETINGS if self.basis is Basis.MEETINGS else MOST_DAYS
        require_between("fee", self.fee, 0, MOST_WON)
        require_between("total", self.total, 1, most)
        require_between("used", self.used, 0, most)
        require_between("paid", self.fee if self.paid is None else self.paid, 0, self.fee)
        if self.basis is Basis.MEETINGS and (self.stage is RefundStage.MET) is (self.used == 0):
            raise InvalidFact("stage", N_("must be 'met' once a meeting took place, and only then"))

    @property
    def left(self) -> int:
        """The unused part of `total`, at least 0."""
        return max(0, self.total - self.used)


@dataclass(frozen=True, slots=True)
class CalculationStep:
    """One step: what it does, the figures it uses, and its result in won, exact; None for a step without an amount."""

    kind: StepKind
    values: Mapping[str, Value]
    amount: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund in whole won, and how it was computed.

    `amount`: the refund by the rules, on the whole agreed fee. `to_pay`: what the operator pays back after deducting
    the unpaid part of the fee. `owed`: what the member still has to pay instead. At most one of these two is not 0.
    """

    rules: RuleSet
    cancellation: Cancellation
    steps: Sequence[CalculationStep]
    amount: int
    to_pay: int
    owed: int


def rule_set(contracted_on: date, version: str = "") -> RuleSet:
    """Return the rule set of that version, or else the one of the contract's date; `InvalidFact` if there is none."""
    if version:
        found = next((each for each in RULE_SETS if each.version == version), None)
        if found is None:
            known = ", ".join(each.version for each in RULE_SETS)
            raise InvalidFact("rules", N_("no such rule set: there are {known}"), known=known)
        return found
    dated = [each for each in RULE_SETS if each.since <= contracted_on]
    if not dated:
        first = RULE_SETS[0].since
        template = N_("no rule set is known for contracts before {first}: name the one that the contract agrees on")
        raise InvalidFact("contracted_on", template, first=first)
    return dated[-1]


def refund(cancellation: Cancellation) -> Refund:
    """Compute a refund, step by step."""
    rules = rule_set(cancellation.contracted_on, cancellation.rules)
    steps = [*_given(rules, cancellation), *_amounts(rules, cancellation)]
    exact = steps[-1].amount or Fraction(0)
    amount = exact.numerator // exact.denominator
    steps.append(CalculationStep(StepKind.ROUNDED, {}, Fraction(amount)))
    paid = cancellation.fee if cancellation.paid is None else cancellation.paid
    balance = amount - (cancellation.fee - paid)
    if paid != cancellation.fee:
        steps.append(_set_off(cancellation.fee, paid, balance))
    return Refund(
        rules=rules,
        cancellation=cancellation,
        steps=tuple(steps),
        amount=amount,
        to_pay=max(0, balance),
        owed=max(0, -balance),
    )


def _given(rules: RuleSet, cancellation: Cancellation) -> Iterator[CalculationStep]:
    """Yield the steps that say which rules apply to which figures."""
    named = StepKind.RULES_NAMED if cancellation.rules else StepKind.RULES_BY_DATE
    contracted: dict[str, Value] = {
        "contracted_on": cancellation.contracted_on,
        "since": rules.since,
        "version": rules.version,
    }
    yield CalculationStep(named, contracted)
    yield CalculationStep(StepKind.FAULT_AND_STAGE, {"fault": cancellation.fault, "stage": cancellation.stage})
    if cancellation.stage is RefundStage.MET:
        figures: dict[str, Value] = {"total": cancellation.total, "used": cancellation.used, "left": cancellation.left}
        by_meetings = cancellation.basis is Basis.MEETINGS
        yield CalculationStep(StepKind.MEETINGS_LEFT if by_meetings else StepKind.DAYS_LEFT, figures)


def _amounts(rules: RuleSet, cancellation: Cancellation) -> Iterator[CalculationStep]:
    by_member = cancellation.fault is RefundFault.MEMBER
    met = cancellation.stage is RefundStage.MET
    share = 100
    if by_member:
        share = rules.after if met else rules.before[cancellation.stage]
    base = _base(cancellation, share)
    yield base
    if not by_member:
        added = rules.compensation_after if met else rules.compensation[cancellation.stage]
        compensation = Fraction(cancellation.fee * added, 100)
        yield CalculationStep(StepKind.COMPENSATION, {"fee": cancellation.fee, "percent": added}, compensation)
        yield CalculationStep(StepKind.SUM, {}, (base.amount or Fraction(0)) + compensation)


def _base(cancellation: Cancellation, share: int) -> CalculationStep:
    """The step that takes a share, in percent, of the fee; of its unused part once a meeting took place."""
    fee = cancellation.fee
    by_member = cancellation.fault is RefundFault.MEMBER
    values: dict[str, Value] = {"fee": fee, "percent": share}
    if cancellation.stage is not RefundStage.MET:
        return CalculationStep(StepKind.SHARE_BEFORE if by_member else StepKind.FEE, values, Fraction(fee * share, 100))
    left = {"left": cancellation.left, "total": cancellation.total}
    amount = Fraction(fee * share * cancellation.left, 100 * cancellation.total)
    return CalculationStep(StepKind.SHARE_AFTER if by_member else StepKind.FEE_LEFT, values | left, amount)


def _set_off(fee: int, paid: int, balance: int) -> CalculationStep:
    kind = StepKind.UNPAID if balance >= 0 else StepKind.OWED
    return CalculationStep(kind, {"fee": fee, "paid": paid, "unpaid": fee - paid}, Fraction(abs(balance)))


def require_between(field: str, value: int, least: int, most: int) -> None:
    """`InvalidFact` about a field unless its value is in that range, both ends included."""
    if not least <= value <= most:
        raise InvalidFact(field, N_("must be {low}..{high}"), low=least, high=most)
