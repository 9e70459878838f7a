"""Both scorers find exactly what the specification says."""

import pytest
from hypothesis import settings

from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.entrypoints.testing.contracts.scoring import (
    ScorerContract,
    agrees_with_specification,
    holds_candidates_against_everybody,
)
from ygs.ports.scoring_and_solving import Scorer

few, some = settings(max_examples=40, deadline=None), settings(max_examples=150, deadline=None)


class TestPlainScorer(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return PlainScorer()


class TestVectorisedScorer(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return VectorisedScorer(threads=2)


test_the_plain_scorer_agrees = few(agrees_with_specification(PlainScorer()))
test_the_plain_scorer_holds_candidates_against_everybody = few(holds_candidates_against_everybody(PlainScorer()))
test_the_vectorised_scorer_agrees = some(agrees_with_specification(VectorisedScorer(threads=1)))
test_the_vectorised_scorer_holds_candidates_against_everybody = some(
    holds_candidates_against_everybody(VectorisedScorer(threads=1))
)
