"""What learning brings a simulated club: the same weeks by the score, and by chances learned from the weeks before."""

from dataclasses import dataclass, replace

from ygs.application.learning.calibration import calibrated_fit
from ygs.application.rounds.solve_round import plan_round
from ygs.application.simulation.simulated_club import RunningSeason, SimulatedClub
from ygs.domain.learning.history import AnswerHistory
from ygs.domain.matching.market import Market, type_mask, zeros
from ygs.domain.matching.policy import Objective, Policy
from ygs.ports.chance_model import ChanceModel
from ygs.ports.scoring_and_solving import RoundSolver, Scorer


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedSeason:
    """The weeks of one club after its answers were learned from, in both ways.

    `history`: the answers before. `by_score`, `by_chance`: expected mutual yeses of the weeks after, exact and not
    sampled. `overlooked`: people with an eligible partner who were introduced to nobody in those weeks, by chances.
    """

    history: AnswerHistory
    by_score: float
    by_chance: float
    overlooked: int

    @property
    def lift(self) -> float:
        """By how much chances bring more mutual yeses than scores, percent."""
        return 100 * (self.by_chance / self.by_score - 1)


@dataclass(frozen=True, slots=True)
class LearnedSeasons:
    """Plays clubs with the service's own engines. The model is fitted again before every week, to the weeks before."""

    scorer: Scorer
    solver: RoundSolver
    model: ChanceModel

    def play(self, club: SimulatedClub, *, before: int, after: int, policy: Policy | None = None) -> LearnedSeason:
        """Play `before` weeks by the score, then `after` weeks in both ways."""
        by_score_policy = policy or Policy()
        by_chance_policy = replace(by_score_policy, objective=Objective.CHANCE)
        running = RunningSeason(club, capacity=by_score_policy.capacity)
        for week in range(before):
            self._introduce(running, running.market, by_score_policy, week)
        by_chance = running.fork()
        for week in range(before, before + after):
            learned = self._learned(by_chance)
            self._introduce(by_chance, learned, by_chance_policy, week)
        history = running.answers()
        start = running.expected_mutual
        in_reach = self._in_reach(running.market, by_score_policy)
        counts = running.market.introduced
        for week in range(before, before + after):
            self._introduce(running, running.market, by_score_policy, week)
        return LearnedSeason(
            history=history,
            by_score=running.expected_mutual - start,
            by_chance=by_chance.expected_mutual - start,
            overlooked=sum(by_chance.market.introduced[place] == counts[place] for place in in_reach),
        )

    def _introduce(self, season: RunningSeason, market: Market, policy: Policy, week: int) -> None:
        season.introduce(plan_round(market, policy=policy, seed=week, scorer=self.scorer, solver=self.solver))

    def _learned(self, season: RunningSeason) -> Market:
        parameters = calibrated_fit(season.answers(), self.model)
        return season.market.with_chances("simulated", parameters.rates, parameters.people)

    def _in_reach(self, market: Market, policy: Policy) -> frozenset[int]:
        """The places of the people who have an eligible partner whom they have not met."""
        best = self.scorer.scores(market, policy).best(1, zeros(type_mask, len(market)))
        return frozenset(best.a) | frozenset(best.b)
