"""Match weeks: create, lock, discard, cancel and close them, and list them for staff.

`planning` plans and publishes them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.bilingual import Bilingual
from ygs.application.changes import begin_change, require_current
from ygs.application.learning.market_chances import with_learned_chances
from ygs.application.members.pauses import end_pauses
from ygs.application.memberships.due_promises import mark_due
from ygs.application.request_fields import Moment
from ygs.application.rounds.broken_pair_words import broken_pair_words
from ygs.application.rounds.commitments import CodeVersion, commit_inputs, freeze
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.pool_balance import pool_balance_job
from ygs.domain.errors import N_, DeadlinePassed, DomainError, NoSuchWeek, RoundRefused
from ygs.domain.events import ended, week_locked
from ygs.domain.ids import IntroductionId, WeekId
from ygs.domain.introductions import IntroductionState
from ygs.domain.match_weeks import IsoWeek, MatchWeek, WeekState
from ygs.domain.service_dates import date_at
from ygs.ports.authentication import Secrets
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.introductions import IntroductionCounts
from ygs.ports.storage import Reading, Storage, Writing

CLOSING_PAGE = 5_000
# Calendars end at the year 9999, and a deadline must still fit behind the last week.
# A week that is created without a choice of its own leaves members at least so long to answer.
LEAST_TIME_TO_ANSWER = timedelta(days=2)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)


# Called at the end of the transaction that stores a result, with its ids and counts.
Finish: TypeAlias = Callable[[Writing, Mapping[str, str | int]], Awaitable[None]]


async def unfinished(tx: Writing, result: Mapping[str, str | int]) -> None:
    """A `Finish` for whoever has nothing to store with the result."""


class CreateWeek(BaseModel):
    """What a new match week needs. Everything may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    week: str | None = Field(
        default=None,
        max_length=20,
        examples=["2026-W48"],
        description="The ISO week; without it the one after the latest, or the first whose deadline is not over.",
    )
    deadline: Moment | None = Field(
        default=None,
        ge=_EARLIEST,
        lt=_LATEST,
        description="Until when answers count, in the future; without it Sunday 21:00 in the service's time zone.",
    )
    policy: PolicySettings | None = Field(
        default=None, description="The rules of this week's round; without it the club's policy in force."
    )
    seed: StrictInt = Field(default=0, ge=0, lt=2**31, description="Stored with the plan, so that it can be repeated.")


class WeekView(BaseModel):
    """A match week as staff see it. Times are UTC; `introductions` counts them by state; `failure` names the pairs for
    which the week failed."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: WeekId
    week: str
    state: WeekState
    deadline: datetime
    policy_version: str
    seed: int
    input_hash: str
    failure: Bilingual
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    introductions: IntroductionCounts

    @classmethod
    def of(cls, week: MatchWeek, counts: IntroductionCounts) -> Self:
        """The view of a week and its introductions."""
        return cls(
            id=week.id,
            week=str(week.week),
            state=week.state,
            deadline=week.deadline,
            policy_version=week.policy.version,
            seed=week.seed,
            input_hash=week.input_hash,
            failure=Bilingual.by(lambda language: [broken_pair_words(each, language) for each in week.failure]),
            published_at=week.published_at,
            created_at=week.created_at,
            updated_at=week.updated_at,
            version=week.version,
            introductions=counts,
        )


async def week_view(reading: Reading | Writing, week: MatchWeek) -> WeekView:
    """The view of a week, its introductions counted in that transaction."""
    return WeekView.of(week, (await reading.introductions.count_by_week([week.id]))[week.id])


@dataclass(frozen=True, slots=True)
class MatchWeeks:
    """What staff do with match weeks, except planning."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    secrets: Secrets
    code_version: CodeVersion

    async def create(self, actor: Actor, request: CreateWeek) -> WeekView:
        """Open a week; `WeekTaken` when it has one already, `DeadlinePassed` when nobody could answer any more."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            iso_week = IsoWeek.parse(request.week) if request.week else await self._next(tx, now)
            if not _EARLIEST.year <= iso_week.year < _LATEST.year:
                raise DomainError(N_("not a week to hold a round in: {year}-W01 is the first"), year=_EARLIEST.year)
            deadline = (request.deadline or iso_week.answer_deadline(self.zone)).astimezone(UTC)
            self._require_future(iso_week, deadline, now)
            week = MatchWeek(
                id=WeekId(self.ids.make("mw")),
                week=iso_week,
                deadline=deadline,
                created_at=now,
                updated_at=now,
                policy=request.policy.policy() if request.policy else (await tx.policies.current()).policy,
                seed=request.seed,
            )
            await tx.weeks.add(week)
            stored = await tx.weeks.get(week.id)
            await tx.audit.add(audit_entry(actor, "week.created", at=now, what=week.id))
            return await week_view(tx, stored)

    async def _next(self, tx: Writing, now: datetime) -> IsoWeek:
        this_week = IsoWeek.at(now, self.zone)
        in_time = this_week.answer_deadline(self.zone) - now >= LEAST_TIME_TO_ANSWER
        first = this_week if in_time else this_week.following()
        taken = [week.week for week in await tx.weeks.latest() if week.state is not WeekState.CANCELLED]
        return max(first, taken[0].following()) if taken else first

    def _require_future(self, week: IsoWeek, deadline: datetime, now: datetime) -> None:
        if deadline <= now:
            raise DeadlinePassed(
                N_("the answer deadline of {week} would be {deadline}, which is over: give a later one"),
                week=week,
                deadline=f"{deadline.astimezone(self.zone):%Y-%m-%d %H:%M}",
            )

    async def find(self, actor: Actor, text: str = "") -> WeekId:
        """The id of the week meant by an id, by ``2026-W48``, or, for "", of the latest; `NotFound` when there is
        none."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as tx:
            if text.startswith("mw_"):
                return (await tx.weeks.get(WeekId(text))).id
            week = await tx.weeks.find(IsoWeek.parse(text)) if text else next(iter(await tx.weeks.latest(1)), None)
        if week is None:
            raise NoSuchWeek
        return week.id

    async def latest(self, actor: Actor, *, after: WeekId | None = None, limit: int = MOST_PAGE) -> list[WeekView]:
        """The weeks that follow the week `after`, newest first, at most `limit` (1..100)."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as tx:
            weeks = await tx.weeks.latest(min(limit, MOST_PAGE), after=after)
            counts = await tx.introductions.count_by_week([week.id for week in weeks])
        return [WeekView.of(week, counts[week.id]) for week in weeks]

    async def show(self, actor: Actor, id: WeekId) -> WeekView:
        """One week and the counts of its introductions."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as tx:
            return await week_view(tx, await tx.weeks.get(id))

    async def lock(self, actor: Actor, id: WeekId, *, by_schedule: bool = False) -> WeekView:
        """Store who takes part, all that is known of them, and what was learned of them where the policy maximises
        chances; commit to it in public. Pauses that are over end first. `by_schedule`: staff are notified that the week
        waits for its plan. `RoundRefused` when fewer than two people are active."""
        actor.require(Permission.RUN_WEEKS)
        # Not in the transaction that locks: reading a whole market takes seconds, and would keep everybody from
        # answering. A pause that is over ends whether or not the week can then be locked.
        await end_pauses(self.storage, actor, Permission.RUN_WEEKS, self.clock.now(), self.zone)
        async with self.storage.read(latest=True) as reading:
            week = await reading.weeks.get(id)
            week.require_open()
            market = await reading.market.enrolled(capacity=week.policy.capacity)
            await mark_due(market, reading, date_at(self.clock.now(), self.zone), self.zone)
            market = await with_learned_chances(market, week.policy, reading)
        if len(market) < 2:
            raise RoundRefused(N_("fewer than two members are active: import or approve members first"))
        frozen = await asyncio.to_thread(freeze, week, market, self.secrets)
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            week = (await tx.weeks.get(id)).lock(at=now, input_hash=frozen.input_hash)
            await tx.weeks.keep_snapshot(id, frozen.snapshot)
            committed = await commit_inputs(tx, week, frozen, self.code_version, now)
            roots = f"{id} inputs={committed.input_root} plan_input={committed.plan_input}"
            await tx.audit.add(audit_entry(actor, "week.committed", at=now, what=roots))
            await tx.jobs.add(pool_balance_job(week, self.ids, now))
            if by_schedule:
                await tx.outbox.add([week_locked(week, now)])
            return await self._saved(tx, actor, week, "week.locked", now)

    async def discard(self, actor: Actor, id: WeekId) -> WeekView:
        """Drop snapshot, plan and overrides, and open the week again."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            week = (await tx.weeks.get(id)).discard(at=now)
            await tx.weeks.drop_inputs(id)
            return await self._saved(tx, actor, week, "week.discarded", now)

    async def cancel(self, actor: Actor, id: WeekId) -> WeekView:
        """Hold no round in this week; the ISO week may then be created again."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            return await self._saved(tx, actor, (await tx.weeks.get(id)).cancel(at=now), "week.cancelled", now)

    async def close(self, actor: Actor, id: WeekId, finish: Finish = unfinished) -> WeekView:
        """End the week after its deadline, in one transaction, at whose end `finish` is called: introductions still
        waiting expire, and both sides are told."""
        actor.require(Permission.RUN_WEEKS)
        async with self.storage.write() as tx:
            week = await tx.weeks.get(id)
            now = await tx.now(self.clock)
            week = week.close(at=now)
            await self._expire_all(tx, id, now)
            await finish(tx, {"closed": True})
            # Last: closing takes long, and nobody shall wait so long who would take the actor's role away.
            await require_current(tx, actor, Permission.RUN_WEEKS)
            return await self._saved(tx, actor, week, "week.closed", now)

    async def _saved(self, tx: Writing, actor: Actor, week: MatchWeek, action: str, at: datetime) -> WeekView:
        saved = await tx.weeks.save(week)
        await tx.audit.add(audit_entry(actor, action, at=at, what=week.id))
        return await week_view(tx, saved)

    async def _expire_all(self, tx: Writing, id: WeekId, now: datetime) -> None:
        after: IntroductionId | None = None
        while page := await tx.introductions.of_week(id, after=after, limit=CLOSING_PAGE):
            after = page[-1].id
            expired = [each.expire(at=now) for each in page if each.state is IntroductionState.WAITING]
            await tx.introductions.save_all(expired)
            await tx.outbox.add(event for each in expired for event in ended(each, now))
