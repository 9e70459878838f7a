"""Planning and publishing a match week: solve it, change its overrides, and introduce the proposed pairs.

A plan is solved outside any transaction, under a lease with a fencing token. A worker whose lease is over, or was taken
by another, writes nothing.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change, require_current
from ygs.application.rounds.broken_pair_words import broken_pairs_listed
from ygs.application.rounds.close_job import close_job
from ygs.application.rounds.commitments import commit_results, published_results
from ygs.application.rounds.leases import LeaseSeconds, week_lease
from ygs.application.rounds.plan_check import LOT, MOST_NAMED, CheckedPair, checked_pairs, first_broken
from ygs.application.rounds.solve_round import plan_round
from ygs.application.rounds.weeks import Finish, WeekView, unfinished, week_view
from ygs.domain.errors import N_, NotFound, RoundRefused
from ygs.domain.events import Event, proposed, week_proposed, week_published
from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import Introduction
from ygs.domain.match_weeks import BrokenPair, MatchWeek, WeekState
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides, RoundPlan, pairs_before
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent
from ygs.ports.storage import Storage, Writing


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans, overrides and publishes locked weeks."""

    storage: Storage
    clock: Clock
    ids: Ids
    scorer: Scorer
    solver: RoundSolver
    lease_seconds: LeaseSeconds

    async def plan(
        self,
        actor: Actor,
        id: WeekId,
        overrides: Overrides | None = None,
        progress: Progress = silent,
        finish: Finish = unfinished,
    ) -> RoundPlan:
        """Solve the locked week under `overrides` (None: those it has) and propose the plan for review.

        `finish` is called in the transaction that stores the plan.

        `WrongStatus` before the week is locked, `LeaseLost` while another worker is busy with it.
        """
        actor.require(Permission.RUN_WEEKS)
        async with self._lease(actor, id, MatchWeek.require_locked) as fence:
            if overrides is None:
                return await self._planned(actor, id, fence, "week.planned", lambda stored: stored, progress, finish)
            return await self._planned(actor, id, fence, "week.overridden", lambda _: overrides, progress, finish)

    async def _replanned(
        self, actor: Actor, id: WeekId, change: Callable[[RoundPlan, Overrides], Overrides], progress: Progress
    ) -> tuple[RoundPlan, RoundPlan]:
        """Change the overrides of a proposed week, given its plan, and solve it again; the plans before and after."""
        actor.require(Permission.RUN_WEEKS)
        # Under the lease, or of two changes at once one would be lost.
        async with self._lease(actor, id, MatchWeek.require_proposed) as fence:
            before = await self._proposed(id, latest=True)
            changed = partial(change, before)
            return before, await self._planned(actor, id, fence, "week.overridden", changed, progress)

    async def _planned(
        self,
        actor: Actor,
        id: WeekId,
        fence: int,
        action: str,
        change: Callable[[Overrides], Overrides],
        progress: Progress,
        finish: Finish = unfinished,
    ) -> RoundPlan:
        """Solve the week under its overrides as `change` leaves them, and store the plan while the lease lasts."""
        async with self.storage.read(latest=True) as reading:
            week = await reading.weeks.get(id)
            snapshot = await reading.weeks.snapshot(id)
        overrides = change(week.overrides)
        plan, broken = await self._solved(week, snapshot, overrides, progress)
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            week = await tx.weeks.get(id)
            now = self.clock.now()
            week.require_lease(fence, now)
            if broken:
                await tx.weeks.save(week.fail(at=now, why=broken))
            else:
                await tx.weeks.keep_plan(id, plan.to_json().encode())
                await tx.weeks.save(week.propose(at=now, overrides=overrides))
                if week.state is WeekState.LOCKED:  # with other overrides it is proposed again, by whoever reviews it
                    await tx.outbox.add([week_proposed(week, now)])
                await finish(tx, {"week": id, "pairs": len(plan.pairs), "unmatched": len(plan.unmatched)})
            await tx.audit.add(audit_entry(actor, action, at=now, what=id))
        if broken:
            raise RoundRefused(
                N_("the plan broke an invariant and the week has failed: {broken}"),
                broken=broken_pairs_listed(broken),
            )
        return plan

    def _lease(
        self, actor: Actor, id: WeekId, require_ready: Callable[[MatchWeek], None]
    ) -> AbstractAsyncContextManager[int]:
        return week_lease(self.storage, self.clock, self.lease_seconds, actor, id, require_ready)

    async def _solved(
        self, week: MatchWeek, snapshot: bytes, overrides: Overrides, progress: Progress
    ) -> tuple[RoundPlan, tuple[BrokenPair, ...]]:
        """Solve in a thread. No thread can be stopped from outside, so each report of progress checks whether anybody
        still waits for the plan; otherwise a service that stops would go on solving."""
        given_up = threading.Event()

        def heard(stage: str, done: int, total: int) -> None:
            if given_up.is_set():
                raise RoundRefused(N_("nobody waits for this plan any more"))
            progress(stage, done, total)

        try:
            return await asyncio.to_thread(self._solve, week, snapshot, overrides, heard)
        finally:
            given_up.set()

    def _solve(
        self, week: MatchWeek, snapshot: bytes, overrides: Overrides, progress: Progress
    ) -> tuple[RoundPlan, tuple[BrokenPair, ...]]:
        market = Market.from_bytes(snapshot)
        plan = plan_round(
            market,
            policy=week.policy,
            overrides=overrides,
            seed=week.seed,
            scorer=self.scorer,
            solver=self.solver,
            progress=progress,
        )
        return plan, first_broken(plan, market, week.policy)

    async def override(
        self, actor: Actor, id: WeekId, change: Overrides, progress: Progress = silent
    ) -> tuple[RoundPlan, RoundPlan]:
        """Add overrides to those of the proposed week and solve it again; the plans before and after.

        `RoundRefused` names the override that stands in the way, and two people of a swap who are no pair of the plan.
        `Forbidden` about the actor: staff decide for others,
        and a pin that is refused would tell who put up a block against them.
        """
        actor.require_another(*map(UserId, change.people))
        return await self._replanned(actor, id, lambda plan, stored: _added(plan, stored, change), progress)

    async def take_back(
        self, actor: Actor, id: WeekId, key: str, progress: Progress = silent
    ) -> tuple[RoundPlan, RoundPlan]:
        """Take one override of the proposed week back, by its key, and solve the week again; the plans before and
        after. `NotFound` when the week has no such override, `Forbidden` about the actor."""
        return await self._replanned(actor, id, lambda _, stored: _without(actor, stored, key), progress)

    async def overrides(self, actor: Actor, id: WeekId) -> Overrides:
        """The overrides of a week."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            return (await reading.weeks.get(id)).overrides

    async def proposed(self, actor: Actor, id: WeekId) -> RoundPlan:
        """The plan as it was last proposed; `NotFound` before."""
        actor.require(Permission.READ_WEEKS)
        return await self._proposed(id, latest=False)

    async def _proposed(self, id: WeekId, *, latest: bool) -> RoundPlan:
        async with self.storage.read(latest=latest) as reading:
            stored = await reading.weeks.plan(id)
        return await asyncio.to_thread(lambda: RoundPlan.from_json(stored.decode()))

    async def locked_market(self, actor: Actor, id: WeekId) -> Market:
        """The market as it was locked; `NotFound` before."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            stored = await reading.weeks.snapshot(id)
        return await asyncio.to_thread(Market.from_bytes, stored)

    async def publish(
        self, actor: Actor, id: WeekId, progress: Progress = silent, finish: Finish = unfinished
    ) -> WeekView:
        """Introduce the proposed pairs, all or none, in one transaction, at whose end `finish` is called.

        The plain predicate checks everything again against what is stored *now*. `RoundRefused` names the first pairs
        that no longer hold: leave those people out, plan again, publish again. `LeaseLost`, and nothing is written,
        when another worker took the lease before the week's row was locked.
        """
        actor.require(Permission.RUN_WEEKS)
        async with self._lease(actor, id, MatchWeek.require_proposed) as fence, self.storage.write(long=True) as tx:
            week = await tx.weeks.get(id)
            # Checked once, under the lock of the week's row. From here nobody else can take a lease, so publishing
            # may take longer than its own.
            week.require_lease(fence, self.clock.now())
            published = week.publish(at=await tx.now(self.clock)).released(fence=fence)
            # In this transaction: a replica may still have the plan as it was before the latest override.
            plan = await tx.weeks.plan(id)
            market = await tx.market.enrolled(capacity=week.policy.capacity)
            made = await asyncio.to_thread(self._introductions, week, plan, market, progress)
            capacity = {UserId(person): market.capacity[place] for person, place in market.places().items()}
            await tx.introductions.add_all(made, capacity)
            await tx.outbox.add(await asyncio.to_thread(_events, made))
            await tx.outbox.add([week_published(week, self.clock.now())])
            await self._commit_results(tx, actor, week, made)
            await tx.jobs.add(close_job(week, self.ids, self.clock.now()))
            view = await week_view(tx, await tx.weeks.save(published))
            await finish(tx, {"week": id, "introductions": len(made)})
            # Last: publishing takes long, and nobody shall wait so long who would take the actor's role away.
            await require_current(tx, actor, Permission.RUN_WEEKS)
            await tx.audit.add(audit_entry(actor, "week.published", at=self.clock.now(), what=id))
        return view

    async def _commit_results(self, tx: Writing, actor: Actor, week: MatchWeek, made: Sequence[Introduction]) -> None:
        snapshot = await tx.weeks.snapshot(week.id)
        key = await tx.commitments.key(week.id)
        commitment, *_ = await tx.commitments.of_week(week.id)
        results = await asyncio.to_thread(published_results, week, snapshot, made, key)
        now = self.clock.now()
        committed = await commit_results(tx, commitment, results, now)
        roots = f"{week.id} results={committed.result_root}"
        await tx.audit.add(audit_entry(actor, "week.committed", at=now, what=roots))

    def _introductions(
        self, week: MatchWeek, stored: bytes, market: Market, progress: Progress
    ) -> Sequence[Introduction]:
        plan = RoundPlan.from_json(stored.decode())
        made: list[Introduction] = []
        broken: list[BrokenPair] = []
        now = self.clock.now()
        for checked, each in enumerate(checked_pairs(plan, market, week.policy), start=1):
            broken += each.broken
            if not broken:
                made.append(self._introduction(week, each, now))
            if len(broken) >= MOST_NAMED:
                break
            if checked % LOT == 0 or checked == len(plan.pairs):
                progress("publish", checked, len(plan.pairs))
        if broken:
            raise RoundRefused(
                N_("no longer eligible: {broken}. Leave them out, plan again, then publish"),
                broken=broken_pairs_listed(tuple(broken[:MOST_NAMED])),
            )
        return made

    def _introduction(self, week: MatchWeek, checked: CheckedPair, at: datetime) -> Introduction:
        pair = checked.pair
        return Introduction(
            id=IntroductionId(self.ids.make("mh")),
            week_id=week.id,
            a=UserId(pair.a),
            b=UserId(pair.b),
            a_to_b=pair.a_to_b,
            b_to_a=pair.b_to_a,
            mutual=pair.mutual,
            deadline=week.deadline,
            created_at=at,
            proof_of_a=checked.proof_of_a,
            proof_of_b=checked.proof_of_b,
        )


def _events(made: Sequence[Introduction]) -> Sequence[Event]:
    return [event for each in made for event in proposed(each)]


def _added(plan: RoundPlan, stored: Overrides, more: Overrides) -> Overrides:
    """The stored overrides and `more`; what is swapped must be pairs of the plan, which its reader saw."""
    planned = {(pair.a, pair.b) for pair in plan.pairs} if more.swaps else set()
    for one, other in sorted(pair for swap in more.swaps for pair in pairs_before(swap)):
        if (one, other) not in planned:
            raise RoundRefused(
                N_("{one} and {other} are no pair of this plan: look at it again, then swap"), one=one, other=other
            )
    return stored.added(more)


def _without(actor: Actor, overrides: Overrides, key: str) -> Overrides:
    override = overrides.find(key)
    if override is None:
        raise NotFound("override", key)
    actor.require_another(*map(UserId, override.people))
    return overrides.without(override)
