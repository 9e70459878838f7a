"""The refund calculator: figures in, every step out, in Korean and English."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.application.bilingual import Bilingual
from ygs.application.labels import label
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language
from ygs.domain.refunds import (
    MOST_MEETINGS,
    MOST_WON,
    Basis,
    CalculationStep,
    Cancellation,
    Refund,
    RefundFault,
    RefundStage,
    StepKind,
    refund,
)

_SENTENCES: Mapping[StepKind, str] = {
    StepKind.RULES_BY_DATE: N_("The contract of {contracted_on} falls under the rules of {version}, since {since}."),
    StepKind.RULES_NAMED: N_("The contract of {contracted_on} names the rules of {version}, known since {since}."),
    StepKind.FAULT_AND_STAGE: N_("Whose reason it is: {fault}. When it ended: {stage}."),
    StepKind.MEETINGS_LEFT: N_("Meetings: {total:,} promised, service included; {used:,} held; {left:,} left."),
    StepKind.DAYS_LEFT: N_("Days: {total:,} of the contract; {used:,} passed, pauses not counted; {left:,} left."),
    StepKind.SHARE_BEFORE: N_("Fee {fee:,} × {percent} %"),
    StepKind.SHARE_AFTER: N_("Fee {fee:,} × {percent} % × {left:,} / {total:,}"),
    StepKind.FEE: N_("The whole fee {fee:,}"),
    StepKind.FEE_LEFT: N_("Fee {fee:,} × {left:,} / {total:,}"),
    StepKind.COMPENSATION: N_("Compensation: fee {fee:,} × {percent} %"),
    StepKind.SUM: N_("The two together"),
    StepKind.ROUNDED: N_("Refund by the rules; what is less than a won is dropped, once, here"),
    StepKind.UNPAID: N_("To be paid back: paid were {paid:,} of {fee:,}, so {unpaid:,} are set off"),
    StepKind.OWED: N_("Still owed by the member: paid were {paid:,} of {fee:,}, so {unpaid:,} are set off"),
}
NOTICE = N_("This is a calculation from the figures above, no legal advice: a mediator or court may decide otherwise.")
SOURCES = N_("The terms' percentages and dates are as the press reported them: compare them with the official text.")


class RefundRequest(BaseModel):
    """The figures of a membership that ends early. Give `meetings`, or `days` for a contract of a period.

    `fee`, `paid`: won; `paid` is the whole fee if left out. `meetings`: promised without `service_meetings`, which were
    given on top. `days_passed`: without paused days. `stage` is "met" whenever a meeting was held. `rules`: the version
    that the contract names; by its date if left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fee: StrictInt = Field(ge=0, le=MOST_WON)
    contracted_on: date
    fault: RefundFault
    stage: RefundStage = RefundStage.JOINED
    meetings: StrictInt = Field(default=0, ge=0, le=MOST_MEETINGS)
    service_meetings: StrictInt = Field(default=0, ge=0, le=MOST_MEETINGS)
    meetings_held: StrictInt = Field(default=0, ge=0, le=MOST_MEETINGS)
    days: StrictInt | None = None
    days_passed: StrictInt = 0
    paid: StrictInt | None = None
    rules: str = ""

    def cancellation(self) -> Cancellation:
        """The figures as the domain takes them."""
        by_days = self.days is not None
        return Cancellation(
            fee=self.fee,
            basis=Basis.DAYS if by_days else Basis.MEETINGS,
            total=self.meetings + self.service_meetings if self.days is None else self.days,
            used=self.days_passed if by_days else self.meetings_held,
            stage=RefundStage.MET if self.meetings_held else self.stage,
            fault=self.fault,
            contracted_on=self.contracted_on,
            rules=self.rules,
            paid=self.paid,
        )


class RefundStep(BaseModel):
    """One step. `exact`: its result in won as a whole number or a fraction such as "2000000/3"; null without one.
    `won`: the same without what is less than a won."""

    model_config = ConfigDict(frozen=True)

    kind: StepKind
    ko: str
    en: str
    exact: str | None
    won: int | None

    @classmethod
    def of(cls, step: CalculationStep) -> Self:
        """The view of a step."""
        amount = step.amount
        return cls(
            kind=step.kind,
            ko=_sentence(step, Language.KO),
            en=_sentence(step, Language.EN),
            exact=None if amount is None else str(amount),
            won=None if amount is None else int(amount),
        )

    def sentence(self, language: Language) -> str:
        """The step in one of the two languages."""
        return self.ko if language is Language.KO else self.en

    def shown_amount(self) -> str:
        """The exact amount as people read it: two digits after the point and "…" where it does not end there."""
        return "" if self.exact is None else _shown(Fraction(self.exact))


class RefundView(BaseModel):
    """A refund in won and how it was computed, so that a mediator can check every step.

    `amount`: what the rules give. `to_pay`: what is paid back after the unpaid part of the fee is set off; `owed`: what
    the member still has to pay. `total`, `used`, `left`: meetings or days, as `basis` says.
    """

    model_config = ConfigDict(frozen=True)

    rules: str
    rules_since: date
    contracted_on: date
    fault: RefundFault
    stage: RefundStage
    basis: Basis
    fee: int
    total: int
    used: int
    left: int
    amount: int
    to_pay: int
    owed: int
    steps: list[RefundStep]
    notice: Bilingual

    @classmethod
    def of(cls, found: Refund) -> Self:
        """The view of a refund."""
        given = found.cancellation
        return cls(
            rules=found.rules.version,
            rules_since=found.rules.since,
            contracted_on=given.contracted_on,
            fault=given.fault,
            stage=given.stage,
            basis=given.basis,
            fee=given.fee,
            total=given.total,
            used=given.used,
            left=given.left,
            amount=found.amount,
            to_pay=found.to_pay,
            owed=found.owed,
            steps=[RefundStep.of(step) for step in found.steps],
            notice=Bilingual.by(lambda language: [translate(each, language) for each in (NOTICE, SOURCES)]),
        )


def calculate(request: RefundRequest) -> RefundView:
    """Compute a refund; stores nothing. `InvalidFact` for figures that contradict each other."""
    return RefundView.of(refund(request.cancellation()))


_KINDS: Mapping[type, str] = {RefundFault: "refund_fault", RefundStage: "refund_stage"}


def _sentence(step: CalculationStep, language: Language) -> str:
    values = {
        name: label(_KINDS[type(value)], value, language) if isinstance(value, RefundFault | RefundStage) else value
        for name, value in step.values.items()
    }
    return translate(_SENTENCES[step.kind], language, **values)


def _shown(amount: Fraction) -> str:
    won, rest = divmod(amount, 1)
    if not rest:
        return f"{won:,}"
    hundredths, more = divmod(rest * 100, 1)
    digits = f"{hundredths:02}".rstrip("0")
    return f"{won:,}.{hundredths:02}…" if more else f"{won:,}.{digits}"
