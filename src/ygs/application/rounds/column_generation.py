"""The optimal strategy, by column generation: solve, search the whole market at the dual prices, add the pairs that
were found, and repeat until there are none.

A pair outside the pool can raise the objective only if its weight exceeds the sum of its people's prices. When the
search finds no such pair, the solution is the best over all eligible pairs. The search judges pairs by their weight
before it is adjusted; it may find an adjusted pair, but that one is in the pool already and was solved with. A market
without two sides may leave a gap between the solution and its bound; then the pairs that could matter within that gap
are added too, if they are few.
"""

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from ygs.application.rounds.baselines import ChosenPairs
from ygs.application.rounds.pair_pool import PairPool
from ygs.domain.matching.constraints import Terms
from ygs.domain.matching.market import type_mask
from ygs.domain.matching.plan import Certificate
from ygs.ports.scoring_and_solving import (
    Found,
    MatchingProblem,
    Progress,
    RoundSolver,
    RoundState,
    Scores,
    Solution,
    Test,
)

FOUND_AT_ONCE = 16  # pairs per person that one search may add
_MOST_TO_CLOSE = 200_000  # pairs worth adding only to close a gap


@dataclass(slots=True)
class ColumnGeneration:
    """Solves one round, and counts the searches of the market and the pairs that they scanned.

    `keep`: called with the state after each search that added pairs.
    """

    terms: Terms
    pool: PairPool
    scores: Scores
    solver: RoundSolver
    progress: Progress
    keep: Callable[[RoundState], None] | None = None
    searches: int = 0
    scanned: int = 0

    def optimal(self, seed: int, start: Solution | None) -> tuple[ChosenPairs, Solution]:
        """Return the best plan under the terms, proven over the whole market, and its solution, to start a next one."""
        while True:
            problem = self._problem(seed)
            start = self.solver.solve(replace(problem, pricing=True), start, self.progress)
            if self._grow(start):
                self.keep_state(start)
                continue
            if start.value != start.bound:
                priced = start.prices
                start = self.solver.solve(problem, start, self.progress)
                if start.value == start.bound and start.prices != priced and self._grow(start):
                    self.keep_state(start)
                    continue  # The pairs were proven at prices of their own, at which the market held more.
            bound = self._close_gap(start)
            if bound is not None:
                return self._choice(problem, start, bound), start
            self.keep_state(start)

    def keep_state(self, solution: Solution | None) -> None:
        """Keep what the rest of the round depends on, if it is to be kept: that copies the pool."""
        if self.keep is not None:
            self.keep(RoundState(self.pool.batches(), solution, self.searches, self.scanned))

    def _problem(self, seed: int) -> MatchingProblem:
        pairs = self.pool.pairs
        a, b, weight = self.pool.columns(pairs.a, pairs.b, self.pool.weight, without=self.terms.barred)
        return MatchingProblem(a, b, weight, self.terms.capacity, self.terms.tiers, seed)

    def _grow(self, solution: Solution) -> bool:
        """Add pairs that improve on the solution to the pool. Return whether there were any."""
        most = FOUND_AT_ONCE
        found = self._search(solution, 0, most, counted=False)
        if self.pool.add(found.pairs, self.terms.barred):
            return True
        if max(Counter(chain(found.pairs.a, found.pairs.b)).values(), default=0) < most:
            return False  # Nobody has so many that a further one could have been passed over.
        while True:
            found = self._search(solution, 0, most)
            if self.pool.add(found.pairs, self.terms.barred):
                return True
            if found.count == len(found.pairs):
                return False
            most *= 4  # all that were found are in the pool already: ask for more

    def _close_gap(self, solution: Solution) -> tuple[int, ...] | None:
        """Return the proven bound, or None if pairs that may close the gap were added: then solve again."""
        if solution.value == solution.bound or solution.slack is None:
            return solution.bound
        found = self._search(solution, solution.slack, FOUND_AT_ONCE)
        if found.count > _MOST_TO_CLOSE:
            return solution.bound
        if found.count > len(found.pairs):
            found = self._search(solution, solution.slack, len(self.terms.capacity))
        return None if self.pool.add(found.pairs, self.terms.barred) else solution.value

    def _search(self, solution: Solution, slack: int, most: int, *, counted: bool = True) -> Found:
        half = -(-slack // 2)
        rows = zip(solution.prices, self.terms.bonus, strict=True)
        thresholds = array(type_mask, (price - solution.scale * bonus - half for price, bonus in rows))
        found = self.scores.beyond(
            Test.IMPROVES, thresholds, most, scale=solution.scale, counted=counted, progress=self.progress
        )
        self.searches += 1
        self.scanned += found.scanned
        return found

    def _choice(self, problem: MatchingProblem, solution: Solution, bound: tuple[int, ...]) -> ChosenPairs:
        chosen = [(problem.a[at], problem.b[at]) for at in solution.chosen]
        pinned = self.terms.pinned
        rows = zip(pinned.a, pinned.b, pinned.worth, strict=True)
        settled = (*self.terms.settled, sum(self.terms.weight(*row) for row in rows))
        certificate = Certificate(
            value=tuple(reached + done for reached, done in zip(solution.value, settled, strict=True)),
            bound=tuple(most + done for most, done in zip(bound, settled, strict=True)),
            pricing_rounds=self.searches,
            pairs_scanned=self.scanned,
            pairs_held=len(self.pool),
        )
        return ChosenPairs(self.pool.by_people(chosen), certificate, solution.prices, solution.scale)
