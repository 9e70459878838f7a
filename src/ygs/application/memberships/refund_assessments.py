"""Refunds of memberships: staff say for whose reason it ends and on what evidence; the ledger gives the figures."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change
from ygs.application.memberships.refund_calculator import RefundView
from ygs.application.memberships.refund_views import RefundAssessmentView, refund_page
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, InvalidFact
from ygs.domain.ids import MembershipId, RefundId
from ygs.domain.matching.attribute import Language
from ygs.domain.memberships import Membership, RefundAssessment
from ygs.domain.promises import MembershipRecord, ledger_on
from ygs.domain.refunds import Cancellation, RefundFault, refund
from ygs.domain.service_dates import date_at
from ygs.domain.text import NOTE_LENGTH
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.page_printer import PagePrinter
from ygs.ports.storage import Reading, Storage, Writing


class RefundDecision(BaseModel):
    """For whose reason a membership ends, and on what evidence; only staff read the evidence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: RefundFault
    evidence: Annotated[str, CheckedText("evidence", NOTE_LENGTH, required=True)]
    cancelled_on: date | None = Field(default=None, description="The day for which it is computed; today if left out.")


@dataclass(frozen=True, slots=True)
class RefundAssessments:
    """Use cases of refunds, for staff. Nothing is paid here: a payment below zero records that it was."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    printer: PagePrinter
    audit_writer: AuditWriter

    async def preview(
        self, actor: Actor, id: MembershipId, fault: RefundFault, cancelled_on: date | None = None
    ) -> RefundView:
        """Compute a refund from the ledger and store nothing; audited."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        async with self.storage.read(latest=True) as reading:
            record = await self._record(reading, actor, id)
        figures = self._figures(record, fault, self._day(record, cancelled_on))
        await self._shown(actor, "refund.previewed", record.membership)
        return RefundView.of(refund(figures))

    async def assess(self, actor: Actor, id: MembershipId, decision: RefundDecision) -> RefundAssessmentView:
        """Compute a refund from the ledger and keep it with its evidence. The membership goes on until it is ended."""
        async with begin_change(self.storage, actor, Permission.MANAGE_MEMBERSHIPS) as tx:
            record = await self._record(tx, actor, id)
            day = self._day(record, decision.cancelled_on)
            assessment = RefundAssessment(
                id=RefundId(self.ids.make("rf")),
                membership_id=id,
                cancelled_on=day,
                figures=self._figures(record, decision.fault, day),
                evidence=decision.evidence,
                assessed_by=actor.id,
                created_at=self.clock.now(),
            )
            view = RefundAssessmentView.of(assessment)
            await tx.memberships.add_refund(assessment)
            what = f"{id} {assessment.id}"
            subject = record.membership.user_id
            at = assessment.created_at
            await tx.audit.add(audit_entry(actor, "refund.assessed", at=at, subject=subject, what=what))
        return view

    async def list(self, actor: Actor, id: MembershipId) -> list[RefundAssessmentView]:
        """The refunds assessed for a membership, the earliest first; audited."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        async with self.storage.read(latest=True) as reading:
            membership = await self._membership(reading, actor, id)
            found = await reading.memberships.refunds_of([id])
        await self._shown(actor, "refunds.read", membership)
        return [RefundAssessmentView.of(each) for each in found]

    async def get(self, actor: Actor, id: RefundId) -> RefundAssessmentView:
        """One assessed refund; audited."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        async with self.storage.read(latest=True) as reading:
            found = await reading.memberships.refund(id)
            membership = await self._membership(reading, actor, found.membership_id)
        await self._shown(actor, "refunds.read", membership, id)
        return RefundAssessmentView.of(found)

    async def print(self, actor: Actor, id: RefundId, language: Language) -> bytes:
        """One assessed refund as PDF of one page; audited. `NotSetUp` without the extra `pdf`."""
        page = refund_page(await self.get(actor, id), language)
        return await asyncio.to_thread(self.printer.pdf, page)

    async def _record(self, tx: Reading | Writing, actor: Actor, id: MembershipId) -> MembershipRecord:
        record = await tx.memberships.record(id)
        actor.require_another(record.membership.user_id)
        return record

    async def _membership(self, tx: Reading | Writing, actor: Actor, id: MembershipId) -> Membership:
        membership = await tx.memberships.get(id)
        actor.require_another(membership.user_id)
        return membership

    def _day(self, record: MembershipRecord, cancelled_on: date | None) -> date:
        """The day, or the membership's last one, or today; `InvalidFact` for one before the contract or to come."""
        today = date_at(self.clock.now(), self.zone)
        day = cancelled_on or record.membership.ended_on or today
        if not record.membership.contracted_on <= day <= today:
            raise InvalidFact("cancelled_on", N_("must be between the date of the contract and today"))
        return day

    def _figures(self, record: MembershipRecord, fault: RefundFault, day: date) -> Cancellation:
        return ledger_on(record, day, self.zone).cancellation(fault)

    async def _shown(self, actor: Actor, action: str, about: Membership, refund_id: str = "") -> None:
        what = f"{about.id} {refund_id}".strip()
        await self.audit_writer.shown(actor, action, [about.user_id], at=self.clock.now(), what=what)
