"""The promise ledger of a membership: how many introductions are owed, delivered, late and due on a day.

The promised number falls due evenly over the contract's days: after d of n days, `total * d // n` are owed. Paused days
do not count, and all are owed once the contract's time is over. A meeting is an introduction after which one of the two
reported that they met; a profile is given when the introduction is published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from ygs.domain.ids import IntroductionId, MembershipId, UserId
from ygs.domain.introductions import Condition, Introduction, IntroductionState
from ygs.domain.memberships import Membership, PromiseUnit, months_after
from ygs.domain.refunds import Basis, Cancellation, RefundFault, RefundStage
from ygs.domain.service_dates import date_at

# Days ahead: an introduction is due if it will be owed by the end of the coming week.
AHEAD = 7
# After this many months without a meeting the operator is at fault; the ledger warns this long before.
MONTHS_WITHOUT_MEETING = 3
WARNED_BEFORE = timedelta(days=30)
_AS_WISHED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An introduction as the ledger counts it.

    `conditions`: the member's wishes at that time, and how far the other met them; empty if the contract agreed on
    none, and once the other person is erased.
    """

    introduction_id: IntroductionId
    published_at: datetime
    cancelled: bool
    met: bool
    decided_at: datetime | None
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, introduction: Introduction, me: UserId) -> "Delivery":
        """Build the delivery of an introduction to one of its two people."""
        return cls(
            introduction_id=introduction.id,
            published_at=introduction.created_at,
            cancelled=introduction.state is IntroductionState.CANCELLED,
            met=bool(introduction.met),
            decided_at=introduction.decided_at,
            conditions=introduction.proof_of_a if me == introduction.a else introduction.proof_of_b,
        )


@dataclass(frozen=True, slots=True)
class MembershipRecord:
    """A membership with all introductions of its member, ascending by id."""

    membership: Membership
    deliveries: Sequence[Delivery]

    @property
    def id(self) -> MembershipId:
        """The id of the membership."""
        return self.membership.id


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One introduction in a ledger.

    `met_on`: the day the meeting was fixed for, or else the day on which both had accepted. `outside`: the
    agreed attributes in which the other person does not meet the member's wish; an unknown fact is none. `counts`:
    whether it counts as one of those promised.
    """

    delivery: Delivery
    published_on: date
    met_on: date | None
    outside: tuple[str, ...]
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The state of a membership's promises at the end of a day.

    `owed`: by that day; `late`: owed and not delivered; `due`: whether the coming week has to bring one. `outside`:
    the number of introductions that do not meet the agreed wishes, and so do not count. `meeting_by`: the day from
    which the operator is at fault without a further meeting; None once the membership has ended.
    """

    membership: Membership
    on: date
    lines: tuple[LedgerLine, ...]
    owed: int
    delivered: int
    late: int
    outside: int
    due: bool
    meetings: int
    meeting_by: date | None

    @property
    def warned(self) -> bool:
        """Whether `meeting_by` is at most 30 days away, or over."""
        return self.meeting_by is not None and self.on >= self.meeting_by - WARNED_BEFORE

    @property
    def at_fault(self) -> bool:
        """Whether three months, without paused days, have passed without a meeting."""
        return self.meeting_by is not None and self.on >= self.meeting_by

    @property
    def stage(self) -> RefundStage:
        """The stage that a refund depends on. A cancelled introduction counts as a given profile."""
        if self.meetings:
            return RefundStage.MET
        if self.membership.fixed_dates and any(fixed.on <= self.on for fixed in self.membership.fixed_dates):
            return RefundStage.DATE_FIXED
        return RefundStage.PROFILE_GIVEN if self.lines else RefundStage.JOINED

    def cancellation(self, fault: RefundFault) -> Cancellation:
        """The figures of a refund if the membership ends on this day. Every meeting counts, also one `outside`."""
        membership = self.membership
        by_days = membership.terms.basis is Basis.DAYS
        return Cancellation(
            fee=membership.terms.fee,
            basis=membership.terms.basis,
            total=membership.days if by_days else membership.total,
            used=membership.days_passed(self.on) if by_days else self.meetings,
            stage=self.stage,
            fault=fault,
            contracted_on=membership.contracted_on,
            rules=membership.rules,
            paid=min(membership.paid, membership.terms.fee),
        )


def ledger_on(record: MembershipRecord, on: date, zone: tzinfo) -> Ledger:
    """Compute the ledger as of the end of a day, without later introductions and meetings."""
    membership = record.membership
    lines = tuple(_lines(record, on, zone))
    delivered = sum(line.counts for line in lines)
    owed = _owed(membership, membership.days_passed(on))
    late = max(0, owed - delivered)
    return Ledger(
        membership=membership,
        on=on,
        lines=lines,
        owed=owed,
        delivered=delivered,
        late=late,
        outside=sum(bool(line.outside) for line in lines),
        due=_is_due(membership, on, delivered),
        meetings=sum(line.met_on is not None for line in lines),
        meeting_by=_meeting_by(membership, lines, on),
    )


def _owed(membership: Membership, days: int) -> int:
    return membership.total * min(days, membership.days) // membership.days


def _is_due(membership: Membership, on: date, delivered: int) -> bool:
    if on < membership.starts_on or membership.has_ended(on) or membership.is_paused(on):
        return False
    return delivered < _owed(membership, membership.days_passed(on) + AHEAD)


def _lines(record: MembershipRecord, on: date, zone: tzinfo) -> Iterator[LedgerLine]:
    membership = record.membership
    fixed = {each.introduction_id: each.meets_on for each in membership.fixed_dates}
    for delivery in record.deliveries:
        published_on = date_at(delivery.published_at, zone)
        if not membership.is_open(published_on) or published_on > on:
            continue
        met_on = _met_on(delivery, fixed.get(delivery.introduction_id), zone)
        met_on = met_on if met_on is not None and met_on <= on else None
        outside = tuple(_outside(delivery, membership.terms.agreed))
        given = met_on is not None if membership.terms.unit is PromiseUnit.MEETINGS else not delivery.cancelled
        yield LedgerLine(
            delivery=delivery,
            published_on=published_on,
            met_on=met_on,
            outside=outside,
            counts=given and not outside,
        )


def _met_on(delivery: Delivery, fixed: date | None, zone: tzinfo) -> date | None:
    if not delivery.met:
        return None
    return fixed or date_at(delivery.decided_at or delivery.published_at, zone)


def _outside(delivery: Delivery, agreed: frozenset[str]) -> Iterator[str]:
    for condition in delivery.conditions:
        if condition.attribute in agreed and condition.value and condition.fit < _AS_WISHED:
            yield condition.attribute


def _meeting_by(membership: Membership, lines: Sequence[LedgerLine], on: date) -> date | None:
    if membership.has_ended(on):
        return None
    latest = max((line.met_on for line in lines if line.met_on), default=membership.starts_on)
    paused = timedelta(days=membership.paused_days(latest, on)) if latest < on else timedelta()
    return months_after(latest, MONTHS_WITHOUT_MEETING) + paused
