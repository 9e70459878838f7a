"""The invariant check: `ygs check` checks every invariant over all stored data."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from ygs.application.actors import Actor, Permission
from ygs.application.operations.purge import Retention
from ygs.application.rounds.plan_check import violations
from ygs.domain.errors import NotFound
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import Choice, Introduction, IntroductionOrigin, IntroductionState
from ygs.domain.match_weeks import MatchWeek, WeekState
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.wishes import Importance
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories.invariants import Violation
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Reading, Storage

PLANNED = {WeekState.PROPOSED, WeekState.PUBLISHED, WeekState.CLOSED}
PAGE = 5_000
# A broken store could violate an invariant in every row: a person needs the first violations, not a million.
MOST_VIOLATIONS = 1_000


@dataclass(frozen=True, slots=True)
class InvariantCheck:
    """Checks the invariants that span rows and stored plans."""

    storage: Storage
    clock: Clock
    retention: Retention

    async def check(self, actor: Actor, progress: Progress = silent) -> list[Violation]:
        """Return the violations, the first 1,000 at most."""
        actor.require(Permission.OPERATE)
        found: list[Violation] = []
        async with self.storage.read() as reading:
            async for violation in self._violations(reading, progress):
                found.append(violation)
                if len(found) == MOST_VIOLATIONS:
                    break
        return found

    async def _violations(self, reading: Reading, progress: Progress) -> AsyncIterator[Violation]:
        async for violation in reading.invariants.violations():
            yield violation
        weeks = await _all_weeks(reading)
        for done, week in enumerate(weeks, start=1):
            if week.state in PLANNED:
                async for violation in self._of_week(reading, week):
                    yield violation
            progress("check", done, len(weeks))

    async def _of_week(self, reading: Reading, week: MatchWeek) -> AsyncIterator[Violation]:
        try:
            snapshot = await reading.weeks.snapshot(week.id)
            stored = await reading.weeks.plan(week.id)
        except NotFound:
            # The purge removes those of older weeks: see `Erasure`.
            if week.created_at >= self.clock.now() - self.retention:
                yield Violation("planned_weeks_keep_their_inputs", (week.id,), "the snapshot or the plan is missing")
            return
        plan = RoundPlan.from_json(stored.decode())
        for violation in await asyncio.to_thread(lambda: list(_of_plan(week, snapshot, plan))):
            yield violation
        planned = {(pair.a, pair.b) for pair in plan.pairs}
        after = None
        while page := await reading.introductions.of_week(week.id, after=after, limit=PAGE):
            after = IntroductionId(page[-1].id)
            for introduction in page:
                for violation in _of_introduction(week, introduction, planned):
                    yield violation


async def _all_weeks(reading: Reading) -> Sequence[MatchWeek]:
    weeks: list[MatchWeek] = []
    while page := await reading.weeks.latest(after=weeks[-1].id if weeks else None):
        weeks += page
    return weeks


def _of_plan(week: MatchWeek, snapshot: bytes, plan: RoundPlan) -> Iterator[Violation]:
    market = Market.from_bytes(snapshot)
    if not market.input_hash() == week.input_hash == plan.input_hash:
        yield Violation("plans_are_made_from_their_snapshot", (week.id,), "the snapshot, the week and the plan differ")
    for reason, pair in violations(plan, market, week.policy):
        yield Violation("nobody_ineligible_is_planned", (week.id, pair.a, pair.b), reason)


def _of_introduction(week: MatchWeek, made: Introduction, planned: set[tuple[str, str]]) -> Iterator[Violation]:
    if made.origin is IntroductionOrigin.ROUND and (made.a, made.b) not in planned:
        yield Violation("introductions_come_from_the_plan", (made.id,), f"not in the plan of {week.week}")
    for condition in (*made.proof_of_a, *made.proof_of_b):
        if condition.importance == Importance.MUST and condition.value and not condition.fit:
            yield Violation("nobody_ineligible_is_introduced", (made.id,), f"a deal-breaker over {condition.attribute}")
    accepted = [
        answer is not None and answer.choice is Choice.ACCEPT for answer in (made.answer_of_a, made.answer_of_b)
    ]
    if (made.state is IntroductionState.MUTUAL) is not all(accepted):
        yield Violation("mutual_means_both_accepted", (made.id,), f"it is {made.state}")
    if week.state is WeekState.CLOSED and made.state is IntroductionState.WAITING:
        yield Violation("closed_weeks_wait_for_nobody", (made.id,), "still waiting")
