"""The scorer's rivals in the benchmarks read its tables, and find what it finds."""

import shutil

import pytest

from benchmarks._rivals import best_speeds, improving_speeds
from benchmarks.markets import city
from ygs.domain.matching.policy import Policy

pytestmark = pytest.mark.long


@pytest.mark.skipif(not shutil.which("gcc"), reason="no C compiler here")
def test_c_counts_the_improving_pairs_that_the_scorer_counts() -> None:
    assert improving_speeds(city(600, seed=3), Policy()) is not None


def test_numpy_finds_the_best_of_a_market() -> None:
    assert min(best_speeds(city(600, seed=3), Policy(), 12)) > 0
