"""Many weeks over made-up clubs: what a policy brings the members, and what its fairness costs them.

Every policy meets the same clubs with the same tastes, so policies are compared pair by pair of seasons, which leaves
far less to chance than comparing averages. Nobody joins, leaves or changes meanwhile, and couples stay in the market:
a policy must not look worse for having made its most attractive members happy first.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import fmean, stdev

from ygs.application.demo.behaviour import Behaviour
from ygs.application.demo.people import club
from ygs.application.rounds import plan_round
from ygs.domain.errors import DomainError
from ygs.domain.introductions import Choice
from ygs.domain.matching.market import Candidate, Market, zeros
from ygs.domain.matching.rounds import PairOfIds, RoundPlan
from ygs.domain.matching.rules import Objective, Policy, Strategy
from ygs.ports.matching import Progress, RoundSolver, Scorer, silent

# Any Monday would do; it is fixed so that a season follows from its seed alone.
_OPENED = datetime(2026, 1, 5, tzinfo=UTC)
_DEADLINE = _OPENED + timedelta(days=6)

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
            raise DomainError(f"a simulated club has 2..{MOST_SIMULATED:,} people, and no more men than people")
        if not 1 <= self.weeks <= MOST_WEEKS:
            raise DomainError(f"a simulation runs 1..{MOST_WEEKS} weeks")
        if len(set(self.seeds)) != len(self.seeds) or len(self.seeds) < 2:
            raise DomainError("a simulation needs at least two seeds, each once: one season alone shows no interval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """What the weeks of one club brought under one policy.

    `expected_mutual`: sum over introductions of the probability that both accept; exact, not sampled. `mutual`: how
    many did, in one sample. `never_introduced`: people without any introduction; `overlooked`: those of them for whom
    the first week held an eligible partner. `gini`: of introductions over everybody, basis points. `mean_wait`,
    `longest_wait`: weeks in a row without an introduction, over the people who had an eligible partner, at the end of
    each week. `expected_by_week`: cumulative. `introduced_by_week`: people introduced at least once by then.
    """

    seed: int
    introductions: int
    expected_mutual: float
    mutual: int
    never_introduced: int
    overlooked: int
    gini: int
    mean_wait: float
    longest_wait: int
    expected_by_week: tuple[float, ...]
    introduced_by_week: tuple[int, ...]


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
class Outcome:
    """One policy over all clubs, a season each."""

    policy: str
    seasons: tuple[Season, ...]

    def over(self, figure: Callable[[Season], float]) -> Interval:
        """A figure of the seasons, with its interval."""
        return Interval.of([figure(season) for season in self.seasons])

    def cost(self, base: "Outcome", weeks: int = 0) -> Interval:
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
    ) -> tuple[Outcome, ...]:
        """What each policy brings to the same clubs, in their order."""
        done, total = 0, len(scenario.seeds) * len(policies) * scenario.weeks
        seasons: dict[str, list[Season]] = {name: [] for name in policies}

        def week_done() -> None:
            nonlocal done
            done += 1
            progress("simulate", done, total)

        for seed in scenario.seeds:
            for name, policy in policies.items():
                seasons[name].append(self.season(scenario, seed, policy, week_done))
        return tuple(Outcome(name, tuple(of_policy)) for name, of_policy in seasons.items())

    def season(
        self, scenario: Scenario, seed: int, policy: Policy, week_done: Callable[[], None] = lambda: None
    ) -> Season:
        """One club's weeks under one policy."""
        people = club(scenario.men + scenario.women, seed=seed, at=_OPENED, men=scenario.men)
        # Whoever still waits for review or pauses takes part too: the scenario says how many people there are.
        running = _Running([person.candidate(capacity=policy.capacity) for person in people], Behaviour(seed))
        hopeful = self._with_a_partner(running.market(), policy)
        for week in range(scenario.weeks):
            plan = plan_round(running.market(), policy=policy, seed=week, scorer=self.scorer, solver=self.solver)
            running.introduce(plan, hopeful)
            week_done()
        return running.season(seed, hopeful)

    def _with_a_partner(self, market: Market, policy: Policy) -> frozenset[str]:
        best = self.scorer.scores(market, policy).best(1, zeros("q", len(market)))
        return frozenset(market.ids[place] for column in (best.a, best.b) for place in column)


class _Running:
    """A season while it runs: the one place where it changes."""

    def __init__(self, people: Iterable[Candidate], behaviour: Behaviour) -> None:
        self._people = {person.id: person for person in people}
        self._behaviour = behaviour
        self._met: set[PairOfIds] = set()
        self._expected: list[float] = []
        self._introduced: list[int] = []
        self._waits: list[int] = []
        self._mutual = 0
        self._gini = 0

    def market(self) -> Market:
        return Market.of(self._people.values(), met=self._met)

    def introduce(self, plan: RoundPlan, hopeful: frozenset[str]) -> None:
        expected = self._expected[-1] if self._expected else 0.0
        meetings = dict.fromkeys(self._people, 0)
        for pair in plan.pairs:
            one, other = self._people[pair.a], self._people[pair.b]
            expected += self._behaviour.mutual_yes(one, other)
            self._mutual += self._accepts(one, other) and self._accepts(other, one)
            self._met.add((pair.a, pair.b))
            meetings[pair.a] += 1
            meetings[pair.b] += 1
        self._people = {name: _after(person, meetings[name]) for name, person in self._people.items()}
        self._expected.append(expected)
        self._introduced.append(sum(person.introduced > 0 for person in self._people.values()))
        self._waits.extend(person.weeks_waited for name, person in self._people.items() if name in hopeful)
        self._gini = plan.report.gini

    def _accepts(self, me: Candidate, them: Candidate) -> bool:
        answer = self._behaviour.answer(me, them, opened=_OPENED, deadline=_DEADLINE)
        return answer is not None and answer.choice is Choice.ACCEPT

    def season(self, seed: int, hopeful: frozenset[str]) -> Season:
        never = {name for name, person in self._people.items() if not person.introduced}
        return Season(
            seed=seed,
            introductions=len(self._met),
            expected_mutual=self._expected[-1],
            mutual=self._mutual,
            never_introduced=len(never),
            overlooked=len(never & hopeful),
            gini=self._gini,
            mean_wait=fmean(self._waits) if self._waits else 0.0,
            longest_wait=max(self._waits, default=0),
            expected_by_week=tuple(self._expected),
            introduced_by_week=tuple(self._introduced),
        )


def _after(person: Candidate, meetings: int) -> Candidate:
    waited = 0 if meetings else person.weeks_waited + 1
    return replace(person, weeks_waited=waited, introduced=person.introduced + meetings)


# Two-sided 95 % points of Student's t for 1..30 degrees of freedom (any table of it); beyond, within 0.001.
_STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
    *(2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


def _student(freedom: int) -> float:
    return _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else 1.96 + 2.4 / freedom
