"""The match week's use case: create, lock, discard, cancel, close, and what staff read of it.

Planning and publishing are in the module beside, in `planning`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.members.pauses import end_pauses
from ygs.domain.errors import N_, DomainError, NotFound, RoundRefused
from ygs.domain.events import decided
from ygs.domain.ids import IntroductionId, WeekId
from ygs.domain.introductions import IntroductionState
from ygs.domain.match_weeks import IsoWeek, MatchWeek, WeekState
from ygs.domain.matching.policy import Policy
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories.introductions import IntroductionCounts
from ygs.ports.storage import Storage, Writing

CLOSING_PAGE = 5_000
# Calendars end at the year 9999, and a deadline must still fit behind the last week.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)


class CreateWeek(BaseModel):
    """What a new match week needs. Without `week` it is the one after the latest, or this week when there is none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    week: str | None = Field(default=None, max_length=20, examples=["2026-W48"])
    deadline: AwareDatetime | None = Field(default=None, ge=_EARLIEST, lt=_LATEST)
    seed: StrictInt = Field(default=0, ge=0, lt=2**31)


class WeekView(BaseModel):
    """A match week as staff see it; times are UTC."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: WeekId
    week: str
    state: WeekState
    deadline: datetime
    policy_version: str
    seed: int
    input_hash: str
    failure: str
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    introductions: Mapping[str, int] = Field(default_factory=dict)

    @classmethod
    def of(cls, week: MatchWeek, counts: IntroductionCounts | None = None) -> "WeekView":
        """The view of a week, with how its introductions stand when they were counted."""
        return cls(
            id=week.id,
            week=str(week.week),
            state=week.state,
            deadline=week.deadline,
            policy_version=week.policy.version,
            seed=week.seed,
            input_hash=week.input_hash,
            failure=week.failure,
            published_at=week.published_at,
            created_at=week.created_at,
            updated_at=week.updated_at,
            version=week.version,
            introductions=asdict(counts) if counts else {},
        )


@dataclass(frozen=True, slots=True)
class MatchWeeks:
    """What staff do with match weeks, except planning."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo

    async def create(self, actor: Actor, request: CreateWeek, policy: Policy | None = None) -> WeekView:
        """Open a week under `policy` (None: the club's current one); `WeekTaken` when it has one already."""
        actor.require(Permission.RUN_WEEKS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            iso_week = IsoWeek.parse(request.week) if request.week else await self._next(tx, now)
            if not _EARLIEST.year <= iso_week.year < _LATEST.year:
                raise DomainError(N_("not a week to hold a round in: {year}-W01 is the first"), year=_EARLIEST.year)
            week = MatchWeek(
                id=WeekId(self.ids.make("mw")),
                week=iso_week,
                deadline=request.deadline or iso_week.answer_deadline(self.zone),
                created_at=now,
                updated_at=now,
                policy=policy or (await tx.policies.current()).policy,
                seed=request.seed,
            )
            await tx.weeks.add(week)
            stored = await tx.weeks.get(week.id)
            await tx.audit.add(audit_entry(actor, "week.created", at=now, what=week.id))
        return WeekView.of(stored)

    async def _next(self, tx: Writing, now: datetime) -> IsoWeek:
        this_week = IsoWeek.at(now, self.zone)
        taken = [week.week for week in await tx.weeks.latest() if week.state is not WeekState.CANCELLED]
        return max(this_week, taken[0].following()) if taken else this_week

    async def find(self, actor: Actor, text: str = "") -> WeekId:
        """The id of the week meant by an id, by ``2026-W48``, or, for "", of the latest; `NotFound` when there is
        none."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as tx:
            if text.startswith("mw_"):
                return (await tx.weeks.get(WeekId(text))).id
            week = await tx.weeks.find(IsoWeek.parse(text)) if text else next(iter(await tx.weeks.latest(1)), None)
        if week is None:
            raise NotFound("such match week: create it first with `ygs week create`")
        return week.id

    async def latest(self, actor: Actor) -> list[WeekView]:
        """The latest weeks, newest first, at most 100."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as tx:
            return [WeekView.of(week) for week in await tx.weeks.latest()]

    async def show(self, actor: Actor, id: WeekId) -> WeekView:
        """One week and how its introductions stand."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as tx:
            week = await tx.weeks.get(id)
            counts = await tx.introductions.count_in_week(id)
        return WeekView.of(week, counts)

    async def lock(self, actor: Actor, id: WeekId) -> WeekView:
        """Freeze who takes part and all that is known of them, whoever's pause is over among them; `RoundRefused` when
        fewer than two people are active."""
        actor.require(Permission.RUN_WEEKS)
        # Not in the transaction that locks: what takes seconds for a whole market would keep everybody from answering.
        # A pause that is over is over, whether or not the week can then be locked.
        await end_pauses(self.storage, actor, self.clock.now(), self.zone)
        async with self.storage.read(latest=True) as reading:
            policy = (await reading.weeks.get(id)).policy
            market = await reading.market.enrolled(capacity=policy.capacity)
        if len(market) < 2:
            raise RoundRefused(N_("fewer than two members are active: import or approve members first"))
        snapshot, input_hash = await asyncio.to_thread(lambda: (market.to_bytes(), market.input_hash()))
        now = self.clock.now()
        async with self.storage.write() as tx:
            week = (await tx.weeks.get(id)).lock(at=now, input_hash=input_hash)
            await tx.weeks.keep_snapshot(id, snapshot)
            return await self._saved(tx, actor, week, "week.locked", now)

    async def discard(self, actor: Actor, id: WeekId) -> WeekView:
        """Drop snapshot, plan and overrides, and open the week again."""
        actor.require(Permission.RUN_WEEKS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            week = (await tx.weeks.get(id)).discard(at=now)
            await tx.weeks.drop_inputs(id)
            return await self._saved(tx, actor, week, "week.discarded", now)

    async def cancel(self, actor: Actor, id: WeekId) -> WeekView:
        """Hold no round in this week; the ISO week may then be created again."""
        actor.require(Permission.RUN_WEEKS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            return await self._saved(tx, actor, (await tx.weeks.get(id)).cancel(at=now), "week.cancelled", now)

    async def close(self, actor: Actor, id: WeekId) -> WeekView:
        """After the deadline, end the week: introductions still waiting expire, and both sides may know."""
        actor.require(Permission.RUN_WEEKS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            week = (await tx.weeks.get(id)).close(at=now)
            await self._expire_all(tx, id, now)
            return await self._saved(tx, actor, week, "week.closed", now)

    async def _saved(self, tx: Writing, actor: Actor, week: MatchWeek, action: str, at: datetime) -> WeekView:
        saved = await tx.weeks.save(week)
        await tx.audit.add(audit_entry(actor, action, at=at, what=week.id))
        return WeekView.of(saved)

    async def _expire_all(self, tx: Writing, id: WeekId, now: datetime) -> None:
        after: IntroductionId | None = None
        while page := await tx.introductions.of_week(id, after=after, limit=CLOSING_PAGE):
            after = page[-1].id
            expired = [each.expire(at=now) for each in page if each.state is IntroductionState.WAITING]
            await tx.introductions.save_all(expired)
            await tx.outbox.add((told for each in expired for told in decided(each)), now)
