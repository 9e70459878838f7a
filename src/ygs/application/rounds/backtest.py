"""Backtest: plans past weeks again under another policy, and compares the plans.

Each week is planned from its own snapshot, with the history that people really had when it was locked. The plan of one
week therefore does not affect the next, and a policy whose effect shows only over several weeks, such as fairness, is
better tried in a simulation.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from ygs.application.actors import Actor, Permission
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.ids import WeekId
from ygs.domain.introductions import IntroductionState
from ygs.domain.match_weeks import MatchWeek, WeekState
from ygs.domain.matching.market import Market
from ygs.domain.matching.pair_worth import require_chances
from ygs.domain.matching.plan import PairOfIds, RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import mutual
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent
from ygs.ports.storage import Reading, Storage

_PAGE = 1_000
_PUBLISHED = {WeekState.PUBLISHED, WeekState.CLOSED}
# Whether both accepted, by the final states.
_MUTUAL = {
    IntroductionState.MUTUAL: True,
    IntroductionState.NOT_MUTUAL: False,
    IntroductionState.EXPIRED: False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one plan of one week.

    `pairs` and `people`: pairs in the plan, and people in them.
    `total_mutual`: the sum of the pairs' mutual scores, basis points. Both plans of a week are scored by the policy
    under test, so that they can be compared.
    `longest_wait`: the longest wait of those without a pair, in weeks.
    `gini`: the Gini coefficient of introductions so far, basis points.
    `known`: pairs that were introduced in any of the replayed weeks and are decided; `mutual`: those where both
    accepted.
    """

    pairs: int
    people: int
    total_mutual: int
    longest_wait: int
    gini: int
    known: int
    mutual: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedWeek:
    """A past week: its stored plan beside the plan of the policy under test. `same_pairs`: pairs in both plans."""

    week: str
    people: int
    same_pairs: int
    stored: Figures
    replayed: Figures


@dataclass(frozen=True, slots=True)
class Backtest:
    """Plans past weeks again under another policy."""

    storage: Storage
    scorer: Scorer
    solver: RoundSolver

    async def replay(
        self, actor: Actor, policy: Policy, *, weeks: int = 12, progress: Progress = silent
    ) -> tuple[ReplayedWeek, ...]:
        """Plan the latest `weeks` published or closed weeks again under `policy`, and compare, earliest week first.

        Empty if there is no such week. Each week takes as long as planning it did.
        """
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            latest = [week for week in await reading.weeks.latest() if week.state in _PUBLISHED]
            past = latest[:weeks][::-1]
            answers: dict[PairOfIds, bool] = {}
            for week in past:
                answers |= await _answers(reading, week.id)
        replayed = []
        for finished, week in enumerate(past):
            progress("replay", finished, len(past))
            async with self.storage.read() as reading:
                snapshot = await reading.weeks.snapshot(week.id)
                plan = await reading.weeks.plan(week.id)
            replayed.append(await asyncio.to_thread(self._replay, week, snapshot, plan, policy, answers))
        progress("replay", len(past), len(past))
        return tuple(replayed)

    def _replay(
        self, week: MatchWeek, snapshot: bytes, plan: bytes, policy: Policy, answers: Mapping[PairOfIds, bool]
    ) -> ReplayedWeek:
        market = Market.from_bytes(snapshot)
        require_chances(market, policy)
        stored = RoundPlan.from_json(plan.decode())
        # The overrides of staff stay in force, so that only the policy makes a difference.
        replayed = plan_round(
            market,
            policy=policy,
            overrides=week.overrides,
            seed=week.seed,
            scorer=self.scorer,
            solver=self.solver,
        )
        return ReplayedWeek(
            week=str(week.week),
            people=len(market),
            same_pairs=len(_pairs(stored) & _pairs(replayed)),
            stored=_figures(stored, market, policy, answers),
            replayed=_figures(replayed, market, policy, answers),
        )


async def _answers(reading: Reading, week: WeekId) -> dict[PairOfIds, bool]:
    """Read whether both accepted, for each decided introduction of a week."""
    answers: dict[PairOfIds, bool] = {}
    after = None
    while page := await reading.introductions.of_week(week, after=after, limit=_PAGE):
        answers |= {(each.a, each.b): _MUTUAL[each.state] for each in page if each.state in _MUTUAL}
        after = page[-1].id
    return answers


def _pairs(plan: RoundPlan) -> set[PairOfIds]:
    return {(pair.a, pair.b) for pair in plan.pairs}


def _figures(plan: RoundPlan, market: Market, policy: Policy, answers: Mapping[PairOfIds, bool]) -> Figures:
    places = market.places()
    known = [answers[pair] for pair in _pairs(plan) & answers.keys()]
    return Figures(
        pairs=len(plan.pairs),
        people=plan.report.introduced,
        total_mutual=sum(
            mutual(market.person(places[pair.a]), market.person(places[pair.b]), policy) for pair in plan.pairs
        ),
        longest_wait=plan.report.longest_wait,
        gini=plan.report.gini,
        known=len(known),
        mutual=sum(known),
    )
