"""The reference solver: runs the specification and needs nothing installed, for small markets."""

from array import array

from ygs.adapters.solving.lexicographic_weights import MOST, Folding, reached, slack
from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.market import type_mask, type_place
from ygs.domain.matching.reference_matching import best_pairing
from ygs.ports.scoring_and_solving import MatchingProblem, Progress, Solution, silent

_MOST_PAIRS = 30_000
_OUT = 1 << 60  # The price of people who may be in no pair: no pair is worth it.


class PlainSolver:
    """A `RoundSolver` by `ygs.domain.matching.reference_matching`; `RoundRefused` above 30,000 pairs (minutes)."""

    def solve(self, problem: MatchingProblem, start: Solution | None = None, progress: Progress = silent) -> Solution:
        if len(problem.a) > _MOST_PAIRS:
            raise RoundRefused(
                N_(
                    "more than {most_pairs} pairs without the array engine: "
                    "install ygs[fast] to plan a market this large"
                ),
                most_pairs=_MOST_PAIRS,
            )
        folding = Folding.of(problem, max(problem.weight, default=0))
        if sum(folding.whole) > MOST:
            raise RoundRefused(N_("too large for the plain solver: install ygs[fast] to plan a market of this size"))
        pairs = list(zip(problem.a, problem.b, problem.weight, strict=True))
        progress("solve", 0, 1)
        best = best_pairing(problem.capacity, folding.firsts(problem, folding.whole), pairs)
        progress("solve", 1, 1)
        prices = (price if most else _OUT for price, most in zip(best.prices, problem.capacity, strict=True))
        return Solution(
            chosen=array(type_place, best.chosen),
            value=reached(problem, best.chosen),
            bound=folding.unfold(best.bound),
            prices=array(type_mask, prices),
            scale=best.scale,
            slack=slack(best.scale, best.bound, best.total),
        )
