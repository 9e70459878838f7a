"""Read budgets, as administrators see and lift them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import ReadBudgets
from ygs.application.changes import begin_change
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import ReadKind, ReadLift
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH
from ygs.domain.users import Role
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage


class LiftRequest(BaseModel):
    """Why an account may read more today."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)] = Field(
        description="Why the account may read more today; it stands in the audit log. At most 120 characters."
    )


class ReadUseView(BaseModel):
    """How much of one budget an account has used."""

    model_config = ConfigDict(frozen=True)

    kind: ReadKind = Field(description="What kind of reading.")
    used: int = Field(ge=0, description="People shown today, each once.")
    limit: int = Field(ge=1, description="How many people may be shown in a day.")


class ReadBudgetView(BaseModel):
    """What an account of staff was shown today, and whether an administrator lifted its budgets."""

    model_config = ConfigDict(frozen=True)

    user_id: UserId = Field(description="The account of staff.")
    day: date = Field(description="The day, in the service's time zone.")
    budgets: list[ReadUseView] = Field(description="The budgets that were used, by kind.")
    lifted_by: UserId | None = Field(description="Who lifted them; null for nobody, and for the operator.")
    lifted_at: datetime | None = Field(description="When they were lifted, UTC; null when they were not.")
    reason: str = Field(description="Why they were lifted; empty when they were not.")


@dataclass(frozen=True, slots=True)
class BudgetLifts:
    """Use cases of read budgets: who used how much today, and lifting a stop. For administrators."""

    storage: Storage
    clock: Clock
    budgets: ReadBudgets

    async def list(self, actor: Actor) -> list[ReadBudgetView]:
        """What every account of staff has used today, by account."""
        actor.require(Permission.READ_AUDIT)
        day = self._today()
        async with self.storage.read(latest=True) as reading:
            uses = await reading.read_budgets.uses(day)
            lifts = {lift.user_id: lift for lift in await reading.read_budgets.lifts(day)}
        by_account: dict[UserId, list[ReadUseView]] = {account: [] for account in lifts}
        for use in uses:
            by_account.setdefault(use.user_id, []).append(
                ReadUseView(kind=use.kind, used=use.used, limit=self.budgets.limits.people[use.kind])
            )
        return [self._view(account, day, by_account, lifts) for account in sorted(by_account)]

    async def lift(self, actor: Actor, account: UserId, request: LiftRequest) -> ReadBudgetView:
        """Let an account of staff read beyond its budgets for the rest of the day. `Forbidden` for one's own."""
        actor.require(Permission.READ_AUDIT)
        actor.require_another(account)
        now = self.clock.now()
        lift = ReadLift(user_id=account, day=self._today(), lifted_by=actor.id, reason=request.reason, at=now)
        async with begin_change(self.storage, actor, Permission.READ_AUDIT) as tx:
            if (await tx.users.get(account)).role is Role.MEMBER:
                raise WrongStatus(N_("this user is not staff"))
            await tx.read_budgets.lift(lift)
            what = f"{lift.day}"
            entry = audit_entry(actor, "reading.lifted", at=now, subject=account, what=what, reason=lift.reason)
            await tx.audit.add(entry)
        (view,) = [each for each in await self.list(actor) if each.user_id == account]
        return view

    def _view(
        self,
        account: UserId,
        day: date,
        uses: Mapping[UserId, Sequence[ReadUseView]],
        lifts: Mapping[UserId, ReadLift],
    ) -> ReadBudgetView:
        lift = lifts.get(account)
        return ReadBudgetView(
            user_id=account,
            day=day,
            budgets=[*uses[account]],
            lifted_by=lift.lifted_by if lift else None,
            lifted_at=lift.at if lift else None,
            reason=lift.reason if lift else "",
        )

    def _today(self) -> date:
        return date_at(self.clock.now(), self.budgets.zone)
