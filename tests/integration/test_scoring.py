"""Both scorers find exactly what the specification says."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from ygs.adapters.jit import _Index
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.entrypoints.testing.contracts.scoring import (
    ScorerContract,
    agrees_on_chances,
    agrees_with_specification,
    holds_candidates_against_everybody,
)
from ygs.ports.scoring_and_solving import Scorer

few, some = settings(max_examples=40, deadline=None), settings(max_examples=80, deadline=None)


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
test_the_plain_scorer_agrees_on_chances = few(agrees_on_chances(PlainScorer()))
test_the_vectorised_scorer_agrees_on_chances = some(agrees_on_chances(VectorisedScorer(threads=1)))
test_the_vectorised_scorer_holds_candidates_against_everybody = some(
    holds_candidates_against_everybody(VectorisedScorer(threads=1))
)


def test_a_kernel_cached_by_a_release_with_other_classes_is_compiled_anew(tmp_path: Path) -> None:
    untyped: Any = _Index
    read = untyped(str(tmp_path), "kernel", "these sources")
    read._save_index({"a signature": "a file"})
    assert read._load_index() == {"a signature": "a file"}
    with Path(read._index_path).open("wb") as file:
        pickle.dump(read._version, file, protocol=-1)
        file.write(b"cygs.adapters.scoring.score_tables\nNoLongerThere\n.")
    assert read._load_index() == {}
