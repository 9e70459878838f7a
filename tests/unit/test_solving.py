"""The solvers keep their contract, equal trying everything, and equal each other where that would take too long."""

from array import array
from random import Random

import pytest

from ygs.adapters.solving.exact import ExactSolver
from ygs.adapters.solving.folding import Folding
from ygs.adapters.solving.plain import PlainSolver
from ygs.domain.errors import RoundRefused
from ygs.domain.matching.market import type_flag, type_mask, type_place
from ygs.entrypoints.testing.contracts.solving import (
    SolverContract,
    equals_trying_everything,
    made_up,
    prices_judge_further_pairs,
    problem_of,
    starts_only_save_time,
)
from ygs.ports.matching import Problem, RoundSolver

test_plain_is_best_on_two_sides = equals_trying_everything(PlainSolver(), 300, two_sides=True)
test_plain_is_best_without_sides = equals_trying_everything(PlainSolver(), 300, two_sides=False)
test_exact_is_best_on_two_sides = equals_trying_everything(ExactSolver(), 300, two_sides=True)
test_exact_is_best_without_sides = equals_trying_everything(ExactSolver(), 300, two_sides=False)
test_plain_prices_judge_further_pairs = prices_judge_further_pairs(PlainSolver(), 150)
test_exact_prices_judge_further_pairs = prices_judge_further_pairs(ExactSolver(), 150)
test_exact_starts_only_save_time = starts_only_save_time(ExactSolver(), 150)


class TestPlainSolver(SolverContract):
    @pytest.fixture
    def solver(self) -> RoundSolver:
        return PlainSolver()


class TestExactSolver(SolverContract):
    @pytest.fixture
    def solver(self) -> RoundSolver:
        return ExactSolver()


def test_both_solvers_agree_on_larger_markets() -> None:
    for seed in range(30):
        problem = made_up(Random(seed), people=40, pairs=200, two_sides=seed % 2 == 0)
        plain, exact = PlainSolver().solve(problem), ExactSolver().solve(problem)
        assert plain.value == exact.value
        assert plain.bound == exact.bound


def test_a_market_too_large_to_walk_is_refused_with_what_to_install() -> None:
    pairs = [(a, b, 1) for a in range(200) for b in range(200, 400)]
    with pytest.raises(RoundRefused, match="install"):
        PlainSolver().solve(problem_of(400, pairs))


def test_weights_too_large_for_exact_arithmetic_are_refused() -> None:
    with pytest.raises(RoundRefused, match="exact arithmetic"):
        ExactSolver().solve(problem_of(2, [(0, 1, 1 << 55)], tiers=[[1, 1]]))


def test_a_city_of_promises_on_every_tier_still_folds_into_64_bits() -> None:
    people = 200_000
    everybody = array(type_flag, [1]) * people
    pairs = array(type_place, [0]), array(type_place, [1]), array(type_mask, [12_000])
    folding = Folding.of(Problem(*pairs, everybody, (everybody,) * 2))
    assert sum(folding.units) < 1 << 60
    assert folding.unfold(folding.units[0] * 7 + folding.units[1] * 199_999 + 5) == (7, 199_999, 5)


def test_a_start_over_other_people_is_passed_over() -> None:
    small, large = made_up(Random(1), people=5), made_up(Random(2), people=30, pairs=60)
    solver = ExactSolver()
    assert solver.solve(large, solver.solve(small)).value == solver.solve(large).value
