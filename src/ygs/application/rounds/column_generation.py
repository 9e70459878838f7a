"""The optimal strategy: solve, search the whole market with the prices, add what was found, until nothing is.

A pair outside what the solver holds can raise the objective only where its worth exceeds its people's prices. When the
search finds no such pair, the solution is the best over all eligible pairs. A market without two sides may leave a gap
between the solution and its bound; then the pairs that could matter within that gap are added too, if they are few.
"""

from array import array
from dataclasses import dataclass, replace

from ygs.application.rounds.baselines import ChosenPairs
from ygs.application.rounds.pair_pool import PairPool
from ygs.domain.matching.constraints import Terms
from ygs.domain.matching.market import type_mask
from ygs.domain.matching.plan import Certificate
from ygs.ports.scoring_and_solving import Found, MatchingProblem, Progress, RoundSolver, Scores, Solution, Test

FOUND_AT_ONCE = 16  # pairs per person that one search may add
_MOST_TO_CLOSE = 200_000  # pairs worth adding only to close a gap


@dataclass(slots=True)
class ColumnGeneration:
    """The account of one round being solved: how often the market was searched, and how many pairs that took."""

    terms: Terms
    held: PairPool
    scores: Scores
    solver: RoundSolver
    progress: Progress
    searches: int = 0
    scanned: int = 0

    def optimal(self, seed: int, start: Solution | None) -> tuple[ChosenPairs, Solution]:
        """The best plan under the terms, proven over the whole market, and the solution to start a next one from."""
        while True:
            problem = self._problem(seed)
            start = self.solver.solve(replace(problem, pricing=True), start, self.progress)
            if self._found(start):
                continue
            if start.value != start.bound:
                start = self.solver.solve(problem, start, self.progress)
            bound = self._closed(start)
            if bound is not None:
                return self._choice(problem, start, bound), start

    def _problem(self, seed: int) -> MatchingProblem:
        pairs = self.held.pairs
        a, b, weight = self.held.columns(pairs.a, pairs.b, self.held.weight, without=self.terms.barred)
        return MatchingProblem(a, b, weight, self.terms.capacity, self.terms.tiers, seed)

    def _found(self, solution: Solution) -> bool:
        """Whether the market held pairs that improve on the solution; they are held now."""
        most = FOUND_AT_ONCE
        while True:
            found = self._search(solution, 0, most)
            if self.held.add(found.pairs, self.terms.barred):
                return True
            if found.count == len(found.pairs):
                return False
            most *= 4  # those found are all known: look past them

    def _closed(self, solution: Solution) -> tuple[int, ...] | None:
        """The bound that is proven; None when pairs were added that may close its gap, so that it is solved again."""
        if solution.value == solution.bound or solution.slack is None:
            return solution.bound
        found = self._search(solution, solution.slack, FOUND_AT_ONCE)
        if found.count > _MOST_TO_CLOSE:
            return solution.bound
        if found.count > len(found.pairs):
            found = self._search(solution, solution.slack, len(self.terms.capacity))
        return None if self.held.add(found.pairs, self.terms.barred) else solution.value

    def _search(self, solution: Solution, slack: int, most: int) -> Found:
        each = -(-slack // 2)
        worth = zip(solution.prices, self.terms.bonus, strict=True)
        above = array(type_mask, (price - solution.scale * bonus - each for price, bonus in worth))
        found = self.scores.beyond(Test.IMPROVES, above, most, scale=solution.scale, progress=self.progress)
        self.searches += 1
        self.scanned += found.scanned
        return found

    def _choice(self, problem: MatchingProblem, solution: Solution, bound: tuple[int, ...]) -> ChosenPairs:
        chosen = [(problem.a[at], problem.b[at]) for at in solution.chosen]
        pinned = self.terms.pinned
        rows = zip(pinned.a, pinned.b, pinned.mutual, strict=True)
        settled = (*self.terms.settled, sum(self.terms.weight(*row) for row in rows))
        certificate = Certificate(
            value=tuple(reached + done for reached, done in zip(solution.value, settled, strict=True)),
            bound=tuple(most + done for most, done in zip(bound, settled, strict=True)),
            pricing_rounds=self.searches,
            pairs_scanned=self.scanned,
            pairs_held=len(self.held),
        )
        return ChosenPairs(self.held.these(chosen), certificate, solution.prices, solution.scale)
