"""Both scorers count whom a change would open as the specification does, and at sizes where it matters."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ygs.adapters.scoring.acceptance_margins import fits_of
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.fit import fit
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Wish
from ygs.entrypoints.testing.contracts.what_if import reach_agrees_with_specification
from ygs.entrypoints.testing.people import WINDOWS, wishes

test_the_plain_scorer_agrees = settings(max_examples=25, deadline=None)(reach_agrees_with_specification(PlainScorer()))
test_the_vectorised_scorer_agrees = settings(max_examples=80, deadline=None)(
    reach_agrees_with_specification(VectorisedScorer(threads=1))
)


@given(st.sampled_from(sorted(WINDOWS)).flatmap(wishes))
def test_the_fits_of_many_values_are_the_specifications(wish: Wish) -> None:
    attribute = VOCABULARY[wish.attribute]
    values = range(1 << min(attribute.size, 10)) if attribute.kind is Kind.SET else range(attribute.size + 1)
    found = fits_of(attribute, wish.low, wish.high, wish.accepts, np.array(values), Policy().unknown_fit)
    assert found.tolist() == [fit(wish, value, Policy()) for value in values]
