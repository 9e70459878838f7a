"""A week's inputs for an auditor, who plans the week again and compares, without this service.

Two administrators release them, one who requests and one who approves, and every reading is in the audit log.
"""

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.request_fields import CheckedText
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.public_record import CommitmentView, Hash
from ygs.domain.audit_release import AuditRelease
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId, WeekId
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import PairOfIds
from ygs.domain.text import LINE_LENGTH
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


class ReleaseRequest(BaseModel):
    """Why an auditor needs the inputs of a week."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[str, CheckedText("reason", LINE_LENGTH)] = Field(
        description="Who audits, and why; it stands in the audit log."
    )


class ReleaseView(BaseModel):
    """The release of a week's inputs to an auditor."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    requested_by: UserId
    reason: str = Field(description="Who audits, and why.")
    requested_at: datetime = Field(description="When it was requested, UTC.")
    approved_by: UserId | None = Field(description="The other administrator; null before.")
    approved_at: datetime | None = Field(description="When it was approved, UTC; the inputs can be read for 7 days.")


class OverridesContent(BaseModel):
    """What staff decided before the rest was solved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pins: list[PairOfIds]
    forbids: list[PairOfIds]
    left_out: list[str]


class AuditBundle(BaseModel):
    """Everything that a week's plan was made of. It holds every participant's facts and wishes: keep it sealed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["ygs-audit/1"] = "ygs-audit/1"
    commitment: CommitmentView
    key: Hash = Field(description="The week's key, from which the salts are made.")
    policy: PolicySettings
    seed: int = Field(description="The seed of the plan.")
    overrides: OverridesContent
    snapshot: Base64Bytes = Field(description="The market as it was locked.")
    plan: str = Field(description="The plan as it was stored, one line of JSON.")


@dataclass(frozen=True, slots=True)
class AuditReleases:
    """Releases of weeks' inputs to auditors."""

    storage: Storage
    clock: Clock

    async def request(self, actor: Actor, week: WeekId, request: ReleaseRequest) -> ReleaseView:
        """Request the release of a planned week's inputs. `NotFound` once they were deleted; a request that was not
        approved yet is replaced."""
        actor.require(Permission.RELEASE_INPUTS)
        release = AuditRelease(
            week_id=week, requested_by=actor.require_id(), reason=request.reason, requested_at=self.clock.now()
        )
        async with begin_change(self.storage, actor, Permission.RELEASE_INPUTS) as tx:
            await tx.weeks.get(week)
            await tx.weeks.plan(week)
            await self._store(tx, actor, release, "week.release_requested")
        return ReleaseView.model_validate(release)

    async def approve(self, actor: Actor, week: WeekId) -> ReleaseView:
        """Approve what another administrator requested: from now on the inputs can be read for seven days."""
        async with begin_change(self.storage, actor, Permission.RELEASE_INPUTS) as tx:
            release = (await _release(tx, week)).approved(by=actor.require_id(), at=self.clock.now())
            await self._store(tx, actor, release, "week.release_approved")
        return ReleaseView.model_validate(release)

    async def _store(self, tx: Writing, actor: Actor, release: AuditRelease, action: str) -> None:
        await tx.commitments.save_release(release)
        now = self.clock.now()
        await tx.audit.add(audit_entry(actor, action, at=now, what=release.week_id, reason=release.reason))

    async def get(self, actor: Actor, week: WeekId) -> ReleaseView:
        """Return how the release of a week stands; `NotFound` when nobody requested one."""
        actor.require(Permission.RELEASE_INPUTS)
        async with self.storage.read(latest=True) as reading:
            release = await reading.commitments.release(week)
        if release is None:
            raise NotFound("release")
        return ReleaseView.model_validate(release)

    async def bundle(self, actor: Actor, week: WeekId) -> AuditBundle:
        """Return a week's inputs, which goes into the audit log; `WrongStatus` unless two administrators agreed."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.RELEASE_INPUTS) as tx:
            release = await _release(tx, week)
            release.require_open(now)
            stored = await tx.weeks.get(week)
            commitment, *_ = await tx.commitments.of_week(week)
            bundle = AuditBundle(
                commitment=CommitmentView.of(commitment, stored.week),
                key=(await tx.commitments.key(week)).key.hex(),
                policy=PolicySettings.model_validate(stored.policy),
                seed=stored.seed,
                overrides=OverridesContent.model_validate(stored.overrides.as_lists()),
                snapshot=b64encode(await tx.weeks.snapshot(week)),
                plan=(await tx.weeks.plan(week)).decode(),
            )
            market = await asyncio.to_thread(Market.from_bytes, bundle.snapshot)
            reason = release.reason
            entry = audit_entry(actor, "week.inputs_read", at=now, subjects=market.ids, what=week, reason=reason)
            await tx.audit.add(entry)
        return bundle


async def _release(tx: Writing, week: WeekId) -> AuditRelease:
    release = await tx.commitments.release(week)
    if release is None:
        raise NotFound("release")
    return release
