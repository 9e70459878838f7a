"""Looking back: what another policy would have done with the weeks that were.

Every week is replayed from its own snapshot, with the history people really had when it was locked. So weeks stand each
for themselves, and a policy whose merit only shows over several weeks (fairness, above all) is better simulated.
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
from ygs.domain.matching.plan import PairOfIds, RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import mutual
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent
from ygs.ports.storage import Reading, Storage

_PAGE = 1_000
_ENDED = {
    IntroductionState.MUTUAL: True,
    IntroductionState.NOT_MUTUAL: False,
    IntroductionState.EXPIRED: False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One plan of one week. `total_mutual`: by the replaying policy's scores, whichever policy made the plan, basis
    points. `longest_wait`: weeks, among those left without. `gini`: of introductions so far, basis points. `known`:
    its pairs that were really introduced at some time and are decided; `mutual`: those of them who both accepted.
    """

    pairs: int
    people: int
    total_mutual: int
    longest_wait: int
    gini: int
    known: int
    mutual: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One stored week: as it was planned, as the other policy plans it, and how many pairs the two have in common."""

    week: str
    people: int
    same_pairs: int
    then: Figures
    now: Figures


@dataclass(frozen=True, slots=True)
class Backtest:
    """Replays stored weeks."""

    storage: Storage
    scorer: Scorer
    solver: RoundSolver

    async def replay(
        self, actor: Actor, policy: Policy, *, weeks: int = 12, progress: Progress = silent
    ) -> tuple[Replayed, ...]:
        """The latest `weeks` published or closed weeks under `policy`, earliest first; empty when there is none."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            stored = [week for week in await reading.weeks.latest() if week.state in _PUBLISHED][:weeks][::-1]
            answers = {pair: both for week in stored for pair, both in (await _answers(reading, week.id)).items()}
        replayed = []
        for done, week in enumerate(stored):
            progress("replay", done, len(stored))
            async with self.storage.read() as reading:
                snapshot = await reading.weeks.snapshot(week.id)
                plan = await reading.weeks.plan(week.id)
            replayed.append(await asyncio.to_thread(self._replay, week, snapshot, plan, policy, answers))
        progress("replay", len(stored), len(stored))
        return tuple(replayed)

    def _replay(
        self, week: MatchWeek, snapshot: bytes, plan: bytes, policy: Policy, answers: Mapping[PairOfIds, bool]
    ) -> Replayed:
        market = Market.from_bytes(snapshot)
        then = RoundPlan.from_json(plan.decode())
        # What staff decided for that week stays decided: the question is what the policy changes.
        now = plan_round(
            market,
            policy=policy,
            overrides=week.overrides,
            seed=week.seed,
            scorer=self.scorer,
            solver=self.solver,
        )
        return Replayed(
            week=str(week.week),
            people=len(market),
            same_pairs=len(_pairs(then) & _pairs(now)),
            then=_figures(then, market, policy, answers),
            now=_figures(now, market, policy, answers),
        )


_PUBLISHED = {WeekState.PUBLISHED, WeekState.CLOSED}


async def _answers(reading: Reading, week: WeekId) -> dict[PairOfIds, bool]:
    answers: dict[PairOfIds, bool] = {}
    after = None
    while page := await reading.introductions.of_week(week, after=after, limit=_PAGE):
        answers |= {(each.a, each.b): _ENDED[each.state] for each in page if each.state in _ENDED}
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
