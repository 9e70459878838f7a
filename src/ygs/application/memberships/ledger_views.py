"""Ledgers as staff and members read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.bilingual import Bilingual
from ygs.application.memberships.plans import TermsView
from ygs.domain.ids import IntroductionId, MembershipId, UserId
from ygs.domain.introductions import Condition
from ygs.domain.matching.descriptions import value_words, wish_words
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.memberships import Membership
from ygs.domain.promises import Ledger, LedgerLine


class LedgerPayment(BaseModel):
    """A payment, or, below zero, money paid back."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    on: date = Field(description="The day of the payment.")
    amount: int = Field(description="In won; below zero when paid back.")


class LedgerGrant(BaseModel):
    """What was given on top after the contract was made."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    on: date = Field(description="The day on which it was given.")
    count: int = Field(description="How many.")


class LedgerPause(BaseModel):
    """A pause, in which the clock of the contract stands still."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    since: date = Field(description="Its first day.")
    until: date | None = Field(description="The day on which the clock goes on; null while nobody knows.")


class DeliveryView(BaseModel):
    """One introduction in a member's ledger."""

    model_config = ConfigDict(frozen=True)

    introduction_id: IntroductionId = Field(description="The introduction.")
    published_on: date = Field(description="The day on which the profile was given.")
    met_on: date | None = Field(description="The day of the meeting, as far as it is known; null without one.")
    counts: bool = Field(description="Whether it is one of those promised.")


class ConditionView(BaseModel):
    """One wish of the member at that time, and how the other person met it: the proof."""

    model_config = ConfigDict(frozen=True)

    attribute: str
    wished: Bilingual = Field(description="What was wished for.")
    told: Bilingual = Field(description="What the other person had said.")
    fit: int = Field(description="How far it is met, in basis points.")
    agreed: bool = Field(description="Whether the contract agreed on it.")

    @classmethod
    def of(cls, condition: Condition, agreed: frozenset[str]) -> Self:
        """The view of a condition."""
        wish = Wish(
            attribute=condition.attribute,
            importance=Importance(condition.importance),
            low=condition.low,
            high=condition.high,
            accepts=condition.accepts,
        )
        return cls(
            attribute=condition.attribute,
            wished=Bilingual.by(lambda language: [wish_words(wish, language)]),
            told=Bilingual.by(lambda language: [value_words(condition.attribute, condition.value, language)]),
            fit=condition.fit,
            agreed=condition.attribute in agreed,
        )


class ProvenDelivery(DeliveryView):
    """One introduction in the ledger as staff read it, with its proof."""

    cancelled: bool = Field(description="Whether it was cancelled before both had answered.")
    outside: list[str] = Field(description="Agreed attributes that the other person does not meet.")
    conditions: list[ConditionView] = Field(description="The proof; empty once the other person is erased.")


class MembershipView(BaseModel):
    """One's own membership: what was promised and what became of it, on the day `on`."""

    model_config = ConfigDict(frozen=True)

    id: MembershipId
    plan: str = Field(description="What the plan was called when the contract was made.")
    terms: TermsView
    rules: str = Field(description="The refund rules that the contract names; empty for those of its date.")
    contracted_on: date = Field(description="The date of the contract.")
    starts_on: date = Field(description="Its first day.")
    ends_on: date = Field(description="The day at which its time is over; pauses move it.")
    ended_on: date | None = Field(description="Its last day, once staff have ended it.")
    paused: bool = Field(description="Whether its clock stands still on the day.")
    paid: int = Field(description="What was paid so far, in won.")
    on: date = Field(description="The day, in the service's time zone, for which all figures hold.")
    total: int = Field(description="How many are promised, with all that were given on top.")
    owed: int = Field(description="How many of them were to be delivered by the day.")
    delivered: int = Field(description="How many were.")
    late: int = Field(description="How many are owed and not delivered.")
    payments: list[LedgerPayment] = Field(description="In the order in which they were recorded.")
    grants: list[LedgerGrant] = Field(description="What was given on top later.")
    pauses: list[LedgerPause] = Field(description="In the order in which they were recorded.")
    introductions: list[DeliveryView] = Field(description="The earliest first.")

    @classmethod
    def of(cls, ledger: Ledger) -> Self:
        """The view of a ledger for its member."""
        return cls(**_figures(ledger), introductions=[DeliveryView(**_delivery(line)) for line in ledger.lines])


class LedgerView(MembershipView):
    """A membership's ledger as staff read it, each introduction with its proof."""

    user_id: UserId
    due: bool = Field(description="Whether the coming week has to bring an introduction.")
    outside: int = Field(description="How many introductions were outside the agreed conditions; they count as none.")
    meetings: int = Field(description="How many meetings took place.")
    meeting_by: date | None = Field(
        description="From this day on the operator is at fault without a further meeting; null once it has ended."
    )
    warned: bool = Field(description="Whether that day is at most 30 days away, or over.")
    at_fault: bool = Field(description="Whether three months went by without a meeting.")
    introductions: list[ProvenDelivery]  # type: ignore[assignment] # each says more, for staff
    version: int

    @property
    def overpaid(self) -> int:
        """How much more than the fee was paid, in won: most often a mistyped amount."""
        return max(0, self.paid - self.terms.fee)

    @classmethod
    def of(cls, ledger: Ledger) -> Self:
        """The view of a ledger for staff."""
        agreed = ledger.membership.terms.agreed
        named = ("due", "outside", "meetings", "meeting_by", "warned", "at_fault")
        return cls(
            **_figures(ledger),
            **{name: getattr(ledger, name) for name in named},
            user_id=ledger.membership.user_id,
            introductions=[_proven(line, agreed) for line in ledger.lines],
            version=ledger.membership.version,
        )


class MembershipLine(BaseModel):
    """A membership in staff's list. The name is masked; who has left is called "?"."""

    model_config = ConfigDict(frozen=True)

    id: MembershipId
    user_id: UserId
    name: str = Field(description="Masked.")
    plan: str = Field(description="What the plan was called when the contract was made.")
    ends_on: date = Field(description="The day at which its time is over; pauses move it.")
    paused: bool = Field(description="Whether its clock stands still today.")
    total: int = Field(description="How many are promised, with all that were given on top.")
    owed: int = Field(description="How many of them were to be delivered by today.")
    delivered: int = Field(description="How many were.")
    late: int = Field(description="How many are owed and not delivered.")
    due: bool = Field(description="Whether the coming week has to bring an introduction.")
    meeting_by: date | None = Field(description="From this day on the operator is at fault without a meeting.")
    warned: bool = Field(description="Whether that day is at most 30 days away, or over.")
    at_fault: bool = Field(description="Whether three months went by without a meeting.")

    @classmethod
    def of(cls, ledger: Ledger, names: Mapping[UserId, str]) -> Self:
        """The line of a ledger."""
        membership = ledger.membership
        named = ("owed", "delivered", "late", "due", "meeting_by", "warned", "at_fault")
        return cls(
            id=membership.id,
            user_id=membership.user_id,
            name=names.get(membership.user_id, "?"),
            plan=membership.plan,
            ends_on=membership.ends_on(ledger.on),
            paused=membership.is_paused(ledger.on),
            total=membership.total,
            **{name: getattr(ledger, name) for name in named},
        )


def _figures(ledger: Ledger) -> dict[str, Any]:
    membership: Membership = ledger.membership
    same = ("id", "plan", "rules", "contracted_on", "starts_on", "ended_on", "paid", "total")
    return {
        **{name: getattr(membership, name) for name in same},
        **{name: getattr(ledger, name) for name in ("on", "owed", "delivered", "late")},
        "terms": TermsView.of(membership.terms),
        "ends_on": membership.ends_on(ledger.on),
        "paused": membership.is_paused(ledger.on),
        "payments": [LedgerPayment.model_validate(each) for each in membership.payments],
        "grants": [LedgerGrant.model_validate(each) for each in membership.grants],
        "pauses": [LedgerPause.model_validate(each) for each in membership.pauses],
    }


def _delivery(line: LedgerLine) -> dict[str, Any]:
    named = {name: getattr(line, name) for name in ("published_on", "met_on", "counts")}
    return {"introduction_id": line.delivery.introduction_id, **named}


def _proven(line: LedgerLine, agreed: frozenset[str]) -> ProvenDelivery:
    return ProvenDelivery(
        **_delivery(line),
        cancelled=line.delivery.cancelled,
        outside=list(line.outside),
        conditions=[ConditionView.of(each, agreed) for each in line.delivery.conditions],
    )
