"""The price of a swap, from the compiled engines' prices, is never more than what solving again with it costs."""

from tests.unit.test_why_not import cost_is_never_more_than_solving_again_shows
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.solving.numba_solver import ExactSolver

test_the_cost_is_never_more_than_solving_again_shows = cost_is_never_more_than_solving_again_shows(
    VectorisedScorer(threads=1), ExactSolver()
)
