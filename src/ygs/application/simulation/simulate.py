"""Simulations of many weeks over made-up clubs: the results of policies, and the cost of fairness.

Every policy gets the same clubs with the same tastes. Policies are compared season by season, which has far less
variance than comparing averages. Nobody joins, leaves or changes during a season, and couples stay in the market:
otherwise a policy that matches its most attractive members first would look worse.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from ygs.application.rounds.solve_round import plan_round
from ygs.application.simulation.behaviour import BELIEVING, Population
from ygs.application.simulation.simulated_club import RunningSeason, Season, SimulatedClub
from ygs.domain.errors import N_, DomainError
from ygs.domain.matching.market import Market, type_mask, zeros
from ygs.domain.matching.pair_worth import require_chances
from ygs.domain.matching.policy import Objective, Policy, Strategy
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent

MOST_SIMULATED = 100_000
# No longer than the longest `longest_wait`, so that a policy without fairness can be written down.
MOST_WEEKS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The clubs to simulate: numbers of men and women, weeks, one club per seed (two or more, for an interval), and how
    their people answer.

    `DomainError` when a value is out of range.
    """

    men: int
    women: int
    weeks: int
    seeds: Sequence[int]
    population: Population = BELIEVING

    def __post_init__(self) -> None:
        if not (self.men >= 0 and self.women >= 0 and 2 <= self.men + self.women <= MOST_SIMULATED):
            raise DomainError(
                N_("a simulated club has 2..{most_simulated:,} people, and no more men than people"),
                most_simulated=MOST_SIMULATED,
            )
        if not 1 <= self.weeks <= MOST_WEEKS:
            raise DomainError(N_("a simulation runs 1..{most_weeks} weeks"), most_weeks=MOST_WEEKS)
        if len(set(self.seeds)) != len(self.seeds) or len(self.seeds) < 2:
            raise DomainError(
                N_("a simulation needs at least two seeds, each once: one season alone shows no interval")
            )


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % confidence interval (Student's t)."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Interval":
        """The interval of at least two independent values."""
        mean = fmean(values)
        half_width = _student(len(values) - 1) * stdev(values, mean) / len(values) ** 0.5
        return cls(mean, mean - half_width, mean + half_width)


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """One policy over all clubs, a season each."""

    policy: str
    seasons: tuple[Season, ...]

    def over(self, figure: Callable[[Season], float]) -> Interval:
        """The mean of a figure over the seasons, with its interval."""
        return Interval.of([figure(season) for season in self.seasons])

    def cost(self, base: "SimulationResult", weeks: int = 0) -> Interval:
        """The loss of expected mutual acceptances against `base` after `weeks` weeks (0: all), percent.

        Negative for a gain. Both results must be of the same clubs: they are compared season by season.
        """
        pairs = zip(self.seasons, base.seasons, strict=True)
        return Interval.of(
            [_lost(ours.expected_by_week[weeks - 1], theirs.expected_by_week[weeks - 1]) for ours, theirs in pairs]
        )


def _lost(ours: float, theirs: float) -> float:
    # Where nobody could be introduced, nothing is lost.
    return 100 * (1 - ours / theirs) if theirs else 0.0


def usual_policies() -> dict[str, Policy]:
    """The usual policies to compare: the optimum without fairness, the default, and other ways of pairing."""
    free = Policy(version="unconstrained", wait_bonus=0, longest_wait=MOST_WEEKS)
    return {
        "unconstrained": free,
        "default": Policy(),
        "coverage": Policy(version="coverage", objective=Objective.COVERAGE),
        "stable": replace(free, version="stable", strategy=Strategy.STABLE),
        "greedy": replace(free, version="greedy", strategy=Strategy.GREEDY),
    }


@dataclass(frozen=True, slots=True)
class Simulation:
    """Runs seasons with the service's own engines."""

    scorer: Scorer
    solver: RoundSolver

    def compare(
        self, scenario: Scenario, policies: Mapping[str, Policy], progress: Progress = silent
    ) -> tuple[SimulationResult, ...]:
        """Run each policy over the same clubs; the results are in the order of the policies."""
        finished = 0
        total = len(scenario.seeds) * len(policies) * scenario.weeks
        seasons: dict[str, list[Season]] = {name: [] for name in policies}

        def week_done() -> None:
            nonlocal finished
            finished += 1
            progress("simulate", finished, total)

        for seed in scenario.seeds:
            people = SimulatedClub(men=scenario.men, women=scenario.women, seed=seed, population=scenario.population)
            for name, policy in policies.items():
                seasons[name].append(self.season(people, scenario.weeks, policy, week_done))
        return tuple(SimulationResult(name, tuple(of_policy)) for name, of_policy in seasons.items())

    def season(
        self, people: SimulatedClub, weeks: int, policy: Policy, week_done: Callable[[], None] = lambda: None
    ) -> Season:
        """Run one club's weeks under one policy."""
        running = RunningSeason(people, capacity=policy.capacity)
        require_chances(running.market, policy)
        hopeful = self._with_a_partner(running.market, policy)
        for week in range(weeks):
            plan = plan_round(running.market, policy=policy, seed=week, scorer=self.scorer, solver=self.solver)
            running.introduce(plan)
            week_done()
        return running.ended(hopeful)

    def _with_a_partner(self, market: Market, policy: Policy) -> frozenset[int]:
        best = self.scorer.scores(market, policy).best(1, zeros(type_mask, len(market)))
        return frozenset(best.a) | frozenset(best.b)


# Two-sided 95 % points of Student's t for 1..30 degrees of freedom (any table of it); beyond, within 0.001.
_STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
    *(2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


def _student(freedom: int) -> float:
    return _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else 1.96 + 2.4 / freedom
