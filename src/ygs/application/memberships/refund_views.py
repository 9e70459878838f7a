"""Assessed refunds as staff read them, and as one page that a mediator can check step by step."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.labels import label
from ygs.application.memberships.refund_calculator import RefundView
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.ids import MembershipId, RefundId
from ygs.domain.matching.attribute import Language
from ygs.domain.memberships import RefundAssessment
from ygs.domain.refunds import refund
from ygs.ports.page_printer import PrintedPage


class RefundAssessmentView(BaseModel):
    """A refund that staff assessed. The calculation is that of the day and never changes."""

    model_config = ConfigDict(frozen=True)

    id: RefundId
    membership_id: MembershipId = Field(description="The membership.")
    cancelled_on: date = Field(description="The day for which it is computed.")
    evidence: str = Field(description="Why it is for that side's reason; for staff.")
    assessed_by: str | None = Field(description="The staff member; null when the operator did.")
    created_at: datetime
    refund: RefundView

    @classmethod
    def of(cls, assessment: RefundAssessment) -> Self:
        """The view of an assessed refund."""
        return cls(
            id=assessment.id,
            membership_id=assessment.membership_id,
            cancelled_on=assessment.cancelled_on,
            evidence=assessment.evidence,
            assessed_by=assessment.assessed_by,
            created_at=assessment.created_at,
            refund=RefundView.of(refund(assessment.figures)),
        )


def refund_page(assessed: RefundAssessmentView, language: Language) -> PrintedPage:
    """The page of an assessed refund."""

    def say(template: str, **fields: object) -> str:
        return translate(template, language, **fields)

    found = assessed.refund
    fault = label("refund_fault", found.fault, language)
    if found.owed:
        result = say(N_("The member still owes {amount:,} won."), amount=found.owed)
    else:
        result = say(N_("To be paid back: {amount:,} won."), amount=found.to_pay)
    return PrintedPage(
        title=say(N_("Calculation of a refund")),
        facts=(
            say(N_("Membership: {id}"), id=assessed.membership_id),
            say(N_("Calculation: {id}, for {day}"), id=assessed.id, day=assessed.cancelled_on),
            say(N_("Agreed fee: {fee:,} won"), fee=found.fee),
        ),
        rows=[(step.sentence(language), step.shown_amount()) for step in found.steps],
        result=result,
        notes=(
            say(N_("Whose reason it is: {fault}. On this evidence:"), fault=fault),
            assessed.evidence,
            "",
            *found.notice.spoken(language),
        ),
    )
