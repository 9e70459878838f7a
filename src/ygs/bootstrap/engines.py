"""Which scorer and solver plan a round: the plain ones for small markets, compiled ones for the rest."""

from dataclasses import dataclass
from importlib.util import find_spec
from operator import and_
from typing import Any

from ygs.adapters.learning.reference import PlainChanceModel
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.domain.learning.history import AnswerHistory
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.plan import Overrides
from ygs.domain.matching.policy import Policy
from ygs.ports.chance_model import ChanceModel
from ygs.ports.scoring_and_solving import (
    MatchingProblem,
    Progress,
    RoundSolver,
    Scorer,
    Scores,
    Solution,
    silent,
)

# Up to here the plain engines need half a second; the compiled ones need more to be loaded, and up to a minute to be
# compiled first. Solving a market without two sides takes the plain solver exponentially long.
PLAIN_PEOPLE = 60
PLAIN_WITHOUT_SIDES = 12
# Sides of introductions; the plain model fits them in about as long as it takes to load NumPy.
PLAIN_ANSWERS = 400


@dataclass(frozen=True, slots=True)
class ScorerBySize:
    """The plain scorer for small markets, the compiled one for others. Which depends on the market alone."""

    def scores(self, market: Market, policy: Policy) -> Scores:
        """Prepare a market."""
        if _is_small(len(market), two_sided=not any(map(and_, market.genders, market.seeks))):
            return PlainScorer().scores(market, policy)
        from ygs.adapters.scoring.numba_scorer import VectorisedScorer

        return VectorisedScorer().scores(market, policy)


@dataclass(frozen=True, slots=True)
class SolverBySize:
    """The plain solver for small problems, the compiled one for others. Which depends on the problem alone."""

    def solve(self, problem: MatchingProblem, start: Solution | None = None, progress: Progress = silent) -> Solution:
        """The best choice."""
        people = len(problem.capacity)
        if people <= PLAIN_PEOPLE and _is_small(people, two_sided=_has_two_sides(problem)):
            return PlainSolver().solve(problem, start, progress)
        from ygs.adapters.solving.numba_solver import ExactSolver

        return ExactSolver().solve(problem, start, progress)


@dataclass(frozen=True, slots=True)
class ChanceModelBySize:
    """The plain chance model for short histories, the one over columns for others. Which depends on the history."""

    def fit(self, history: AnswerHistory) -> ChanceParameters:
        """Fit the model."""
        if len(history) <= PLAIN_ANSWERS:
            return PlainChanceModel().fit(history)
        from ygs.adapters.learning.vectorised import VectorisedChanceModel

        return VectorisedChanceModel().fit(history)


def engines() -> dict[Any, Any]:
    """The scorer, the solver and the chance model: by size where the extra `fast` is installed, the plain ones
    otherwise."""
    if _can_compile():
        return {Scorer: ScorerBySize(), RoundSolver: SolverBySize(), ChanceModel: ChanceModelBySize()}
    return {Scorer: PlainScorer(), RoundSolver: PlainSolver(), ChanceModel: PlainChanceModel()}


def warm_up(progress: Progress = silent) -> bool:
    """Compile the engines unless they lie compiled on disk: up to a minute, once per machine. False without the extra
    `fast`: there is nothing to compile."""
    if not _can_compile():
        return False
    from ygs.adapters.jit import compiling, is_compiled
    from ygs.adapters.scoring.numba_scorer import VectorisedScorer
    from ygs.adapters.scoring.tile_scan import scan
    from ygs.adapters.solving.augmenting_paths import repair
    from ygs.adapters.solving.numba_solver import ExactSolver
    from ygs.application.rounds.solve_round import Round

    if is_compiled(scan) and is_compiled(repair):
        return True
    with compiling(progress, scan):
        for market in _samples():
            scorer = VectorisedScorer()
            round = Round(market, Policy(), scorer=scorer, solver=ExactSolver())  # noqa: A001
            round.plan()
            round.plan(Overrides.of(forbids=[("a", "b")]))
            scorer.scores(market, Policy()).against(market.person(0))
    return True


def _samples() -> tuple[Market, Market]:
    """A market of two sides, and one without, whose best plan leaves a triangle apart."""
    both = Genders.MALE | Genders.FEMALE
    sides = [Candidate(id=name, gender=Genders.MALE, seeks=Genders.FEMALE) for name in "ac"]
    sides += [Candidate(id=name, gender=Genders.FEMALE, seeks=Genders.MALE) for name in "bd"]
    return Market.of(sides), Market.of(Candidate(id=name, gender=Genders.MALE, seeks=both) for name in "abcde")


def _can_compile() -> bool:
    return bool(find_spec("numba") and find_spec("numpy"))


def _is_small(people: int, *, two_sided: bool) -> bool:
    return people <= (PLAIN_PEOPLE if two_sided else PLAIN_WITHOUT_SIDES)


def _has_two_sides(problem: MatchingProblem) -> bool:
    """Whether the people can be put on two sides so that every pair is across."""
    # Each person `p` stands for two nodes, `p` on one side and `p + people` on the other; a pair joins the opposite
    # ones. Where both nodes of one person meet, there is an odd cycle.
    people = len(problem.capacity)
    leader = list(range(2 * people))

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for a, b in zip(problem.a, problem.b, strict=True):
        leader[find(a)] = find(b + people)
        leader[find(a + people)] = find(b)
    return all(find(person) != find(person + people) for person in range(people))
