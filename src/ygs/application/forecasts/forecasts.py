"""Use cases of forecasts: staff tell somebody what a contract would bring before it is made."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hmac import compare_digest
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change
from ygs.application.forecasts.forecast import ForecastInputs, make_forecast
from ygs.application.forecasts.requests import ForecastRequest
from ygs.application.forecasts.views import ForecastFigures, ForecastView
from ygs.application.memberships.due_promises import mark_due
from ygs.application.rate_limits import hit_rate_limit, raise_if_limited
from ygs.domain.commitments import canonical
from ygs.domain.errors import NotFound
from ygs.domain.forecasts import FEW, KeptForecast
from ygs.domain.ids import ForecastId, MembershipId
from ygs.domain.rate_limit import FORECASTS_PER_ACCOUNT
from ygs.domain.service_dates import date_at
from ygs.ports.authentication import Secrets
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.scoring_and_solving import Progress, Scorer, silent
from ygs.ports.storage import Storage

# How far back the record of the club goes: long enough to know its rates, short enough that they are those of today.
RECORD_OF = timedelta(weeks=13)


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Use cases of forecasts, for staff who make contracts."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    scorer: Scorer
    secrets: Secrets
    audit_writer: AuditWriter

    async def make(self, actor: Actor, request: ForecastRequest, progress: Progress = silent) -> ForecastView:
        """Forecast a contract in today's club, under the club's current policy; audited. Takes seconds.

        Nothing is stored unless the request says `keep`. When fewer than ten members suit the person, these count as
        shown in the reader's read budget, since a narrow wish may point to one of them. `TooManyAttempts` after twenty
        forecasts in an hour, `ReadBudgetSpent`.
        """
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        await self._count(actor)
        inputs = await self._inputs()
        person = request.candidate(date_at(self.clock.now(), self.zone), inputs.policy.capacity)
        result = await asyncio.to_thread(
            make_forecast, person, inputs, request.terms, seed=request.seed, scorer=self.scorer, progress=progress
        )
        figures = ForecastFigures.of(
            result.forecast, made_at=self.clock.now(), policy=inputs.policy.version, person=self._hash_of(request)
        )
        few = [inputs.market.ids[place] for place in result.candidates] if len(result.candidates) < FEW else []
        kept = self._signed(actor, figures) if request.keep else None
        await self._store(actor, figures, few, kept)
        return ForecastView.of(figures, result.relaxations, kept, authentic=True if kept else None)

    async def get(self, actor: Actor, id: ForecastId) -> ForecastView:
        """Read a kept forecast, and whether it is as it was signed; audited. `Forbidden` about the actor's contract."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        async with self.storage.read(latest=True) as reading:
            kept = await reading.forecasts.get(id)
            membership = await reading.memberships.get(kept.membership_id) if kept.membership_id else None
        people = [membership.user_id] if membership else []
        actor.require_another(*people)
        await self.audit_writer.shown(actor, "forecast.read", people, at=self.clock.now(), what=id)
        figures = ForecastFigures.model_validate_json(kept.statement)
        return ForecastView.of(figures, kept=kept, authentic=compare_digest(self._signature(kept), kept.signature))

    async def of_membership(self, actor: Actor, id: MembershipId) -> ForecastView:
        """Read the forecast that is kept with a contract; `NotFound` when none was made before it."""
        actor.require(Permission.MANAGE_MEMBERSHIPS)
        async with self.storage.read(latest=True) as reading:
            membership = await reading.memberships.get(id)
            kept = await reading.forecasts.of_memberships([id])
        actor.require_another(membership.user_id)
        if not kept:
            raise NotFound("forecast")
        return await self.get(actor, kept[0].id)

    async def _count(self, actor: Actor) -> None:
        if actor.id is None:
            return
        async with begin_change(self.storage, actor, Permission.MANAGE_MEMBERSHIPS) as tx:
            wait = await hit_rate_limit(tx, [(f"forecast:{actor.id}", FORECASTS_PER_ACCOUNT)], self.clock.now())
        raise_if_limited(wait)

    async def _inputs(self) -> ForecastInputs:
        now = self.clock.now()
        async with self.storage.read() as reading:
            policy = (await reading.policies.current()).policy
            market = await reading.market.enrolled(capacity=policy.capacity)
            await mark_due(market, reading, date_at(now, self.zone), self.zone)
            record = await reading.forecasts.club_record(since=now - RECORD_OF, at=now)
        return ForecastInputs(market, policy, record)

    def _hash_of(self, request: ForecastRequest) -> str:
        person = request.model_dump(mode="json", include={"gender", "seeks", "birth_year", "profile", "lifestyle"})
        wishes = {code: wish.model_dump(mode="json") for code, wish in request.wishes.items()}
        content = canonical({**person, "seeks": sorted(request.seeks), "wishes": wishes})
        return self.secrets.keyed_hash("forecast person", content.decode())

    def _signed(self, actor: Actor, figures: ForecastFigures) -> KeptForecast:
        unsigned = KeptForecast(
            id=ForecastId(self.ids.make("fc")),
            statement=canonical(figures.model_dump(mode="json")).decode(),
            signature="",
            made_at=figures.made_at,
            made_by=actor.id,
        )
        return replace(unsigned, signature=self._signature(unsigned))

    def _signature(self, kept: KeptForecast) -> str:
        return self.secrets.keyed_hash("forecast", kept.signed_text)

    async def _store(
        self, actor: Actor, figures: ForecastFigures, few: Sequence[str], kept: KeptForecast | None
    ) -> None:
        async with begin_change(self.storage, actor, Permission.MANAGE_MEMBERSHIPS) as tx:
            await self.audit_writer.require_budget(tx, actor, few, at=figures.made_at)
            if kept:
                await tx.forecasts.add(kept)
            what = kept.id if kept else ""
            await tx.audit.add(audit_entry(actor, "forecast.made", at=figures.made_at, what=what))
