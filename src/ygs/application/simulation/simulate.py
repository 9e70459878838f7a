"""Many weeks over made-up clubs: what a policy brings the members, and what its fairness costs them.

Every policy meets the same clubs with the same tastes, so policies are compared pair by pair of seasons, which leaves
far less to chance than comparing averages. Nobody joins, leaves or changes meanwhile, and couples stay in the market:
a policy must not look worse for having made its most attractive members happy first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from ygs.application.rounds.solve_round import plan_round
from ygs.application.simulation.simulated_club import RunningSeason, Season, SimulatedClub
from ygs.domain.errors import N_, DomainError
from ygs.domain.matching.market import Market, type_mask, zeros
from ygs.domain.matching.policy import Objective, Policy, Strategy
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent

MOST_SIMULATED = 100_000
# No longer than the longest `longest_wait`, so that a policy without fairness can be written down.
MOST_WEEKS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The clubs to simulate: how many men and women, how many weeks, and one club per seed (at least two, for an
    interval).

    `DomainError` when it cannot be simulated.
    """

    men: int
    women: int
    weeks: int
    seeds: Sequence[int]

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
        """From at least two independent values."""
        middle = fmean(values)
        reach = _student(len(values) - 1) * stdev(values, middle) / len(values) ** 0.5
        return cls(middle, middle - reach, middle + reach)


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """One policy over all clubs, a season each."""

    policy: str
    seasons: tuple[Season, ...]

    def over(self, figure: Callable[[Season], float]) -> Interval:
        """A figure of the seasons, with its interval."""
        return Interval.of([figure(season) for season in self.seasons])

    def cost(self, base: "SimulationResult", weeks: int = 0) -> Interval:
        """How much of `base`'s expected mutual yes is given up after so many weeks (0: all), percent; negative when
        more is gained. Season by season: both had the same clubs."""
        pairs = zip(self.seasons, base.seasons, strict=True)
        return Interval.of(
            [_lost(ours.expected_by_week[weeks - 1], theirs.expected_by_week[weeks - 1]) for ours, theirs in pairs]
        )


def _lost(ours: float, theirs: float) -> float:
    # Where nobody could be introduced, nothing is lost.
    return 100 * (1 - ours / theirs) if theirs else 0.0


def usual_policies() -> dict[str, Policy]:
    """What a comparison starts from: the optimum that no fairness constrains, the default, and how others pair."""
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
    """Runs seasons with the engines the service itself would use."""

    scorer: Scorer
    solver: RoundSolver

    def compare(
        self, scenario: Scenario, policies: Mapping[str, Policy], progress: Progress = silent
    ) -> tuple[SimulationResult, ...]:
        """What each policy brings to the same clubs, in their order."""
        done = 0
        total = len(scenario.seeds) * len(policies) * scenario.weeks
        seasons: dict[str, list[Season]] = {name: [] for name in policies}

        def week_done() -> None:
            nonlocal done
            done += 1
            progress("simulate", done, total)

        for seed in scenario.seeds:
            people = SimulatedClub(men=scenario.men, women=scenario.women, seed=seed)
            for name, policy in policies.items():
                seasons[name].append(self.season(people, scenario.weeks, policy, week_done))
        return tuple(SimulationResult(name, tuple(of_policy)) for name, of_policy in seasons.items())

    def season(
        self, people: SimulatedClub, weeks: int, policy: Policy, week_done: Callable[[], None] = lambda: None
    ) -> Season:
        """One club's weeks under one policy."""
        running = RunningSeason(people, capacity=policy.capacity)
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
