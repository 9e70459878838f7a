"""Plans: the terms that staff offer. A contract keeps the terms it was made on, whatever becomes of the plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, WrongStatus
from ygs.domain.ids import PlanId
from ygs.domain.memberships import MOST_MONTHS, ContractTerms, MembershipPlan, PromiseUnit
from ygs.domain.refunds import MOST_MEETINGS, MOST_WON, Basis
from ygs.domain.text import LINE_LENGTH
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


class PlanRequest(BaseModel):
    """A plan to offer: a name and its terms."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, CheckedText("name", LINE_LENGTH, required=True)]
    fee: StrictInt = Field(ge=0, le=MOST_WON, description="In won.")
    months: StrictInt = Field(ge=1, le=MOST_MONTHS, description="How long a contract runs, in months.")
    promised: StrictInt = Field(
        default=0, ge=0, le=MOST_MEETINGS, description="How many are promised within that time; 0 for a period alone."
    )
    service: StrictInt = Field(default=0, ge=0, le=MOST_MEETINGS, description="How many are given on top.")
    unit: PromiseUnit = Field(default=PromiseUnit.MEETINGS, description="What the promised number counts.")
    basis: Basis = Field(default=Basis.MEETINGS, description="What a refund counts: meetings, or days of the period.")
    agreed: frozenset[str] = Field(
        default=frozenset(), max_length=64, description="Attributes that every introduction must meet as wished."
    )

    def terms(self) -> ContractTerms:
        """The terms; `InvalidFact` when they contradict each other."""
        return ContractTerms(**self.model_dump(exclude={"name"}))


class TermsView(BaseModel):
    """The terms of a plan or a contract."""

    model_config = ConfigDict(frozen=True)

    fee: int = Field(description="In won.")
    months: int = Field(description="How long a contract runs, in months.")
    promised: int = Field(description="How many are promised within that time.")
    service: int = Field(description="How many are given on top.")
    unit: PromiseUnit
    basis: Basis
    agreed: list[str] = Field(description="Attributes that every introduction must meet as wished.")

    @classmethod
    def of(cls, terms: ContractTerms) -> Self:
        """The view of some terms."""
        numbers = {name: getattr(terms, name) for name in ("fee", "months", "promised", "service", "unit", "basis")}
        return cls(agreed=sorted(terms.agreed), **numbers)


class MembershipPlanView(BaseModel):
    """A plan. One that is no longer offered stays in the list."""

    model_config = ConfigDict(frozen=True)

    id: PlanId
    name: str = Field(description="What the plan is called.")
    terms: TermsView
    offered: bool = Field(description="Whether new memberships may be made on it.")
    created_at: datetime
    version: int

    @classmethod
    def of(cls, plan: MembershipPlan) -> Self:
        """The view of a plan."""
        return cls(
            id=plan.id,
            name=plan.name,
            terms=TermsView.of(plan.terms),
            offered=plan.offered,
            created_at=plan.created_at,
            version=plan.version,
        )


@dataclass(frozen=True, slots=True)
class MembershipPlans:
    """Use cases of plans, for staff."""

    storage: Storage
    clock: Clock
    ids: Ids

    async def list(
        self, actor: Actor, *, after: PlanId | None = None, limit: int = MOST_PAGE
    ) -> list[MembershipPlanView]:
        """List plans, oldest first, those that are no longer offered too."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        async with self.storage.read() as reading:
            found = await reading.memberships.plans(after=after, limit=min(limit, MOST_PAGE))
        return [MembershipPlanView.of(each) for each in found]

    async def offer(self, actor: Actor, request: PlanRequest) -> MembershipPlanView:
        """Offer a plan."""
        now = self.clock.now()
        plan = MembershipPlan(id=PlanId(self.ids.make("mp")), name=request.name, terms=request.terms(), created_at=now)
        async with begin_change(self.storage, actor, Permission.MANAGE_MEMBERSHIPS) as tx:
            stored = await tx.memberships.add_plan(plan)
            await tx.audit.add(audit_entry(actor, "membership.plan_offered", at=now, what=plan.id))
        return MembershipPlanView.of(stored)

    async def withdraw(self, actor: Actor, id: PlanId) -> MembershipPlanView:
        """Offer a plan no longer; contracts on it go on. `WrongStatus` when it is not offered."""
        async with begin_change(self.storage, actor, Permission.MANAGE_MEMBERSHIPS) as tx:
            plan = await tx.memberships.plan(id)
            if not plan.offered:
                raise WrongStatus(N_("this plan is not offered any more"))
            saved = await tx.memberships.save_plan(plan.withdrawn())
            await tx.audit.add(audit_entry(actor, "membership.plan_withdrawn", at=self.clock.now(), what=id))
        return MembershipPlanView.of(saved)
