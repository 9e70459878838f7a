"""Both scorers count whom a change would open as the specification does, and at sizes where it matters."""

from hypothesis import settings

from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.entrypoints.testing.contracts.what_if import reach_agrees_with_specification

test_the_plain_scorer_agrees = settings(max_examples=25, deadline=None)(reach_agrees_with_specification(PlainScorer()))
test_the_vectorised_scorer_agrees = settings(max_examples=80, deadline=None)(
    reach_agrees_with_specification(VectorisedScorer(threads=1))
)
