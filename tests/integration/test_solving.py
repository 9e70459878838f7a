"""The solvers keep their contract, equal trying everything, and equal each other where that would take too long."""

from array import array
from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest

from ygs.adapters.solving import cost_scaling
from ygs.adapters.solving.blossoms import matched
from ygs.adapters.solving.graph import two_sides
from ygs.adapters.solving.half_integral import kept_apart
from ygs.adapters.solving.lexicographic_weights import Folding
from ygs.adapters.solving.network import Flow, Network
from ygs.adapters.solving.numba_solver import ExactSolver, _chosen_again, _Warm
from ygs.adapters.solving.reference import PlainSolver
from ygs.domain.errors import RoundRefused
from ygs.domain.matching import reference_matching
from ygs.domain.matching.market import type_flag, type_mask, type_place
from ygs.entrypoints.testing.contracts.solving import (
    SolverContract,
    check,
    equals_trying_everything,
    made_up,
    prices_judge_further_pairs,
    problem_of,
    starts_only_save_time,
)
from ygs.ports.scoring_and_solving import MatchingProblem, RoundSolver

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
        assert plain.bound >= exact.bound


def test_a_market_too_large_to_walk_is_refused_with_what_to_install() -> None:
    pairs = [(a, b, 1) for a in range(200) for b in range(200, 400)]
    with pytest.raises(RoundRefused, match="install"):
        PlainSolver().solve(problem_of(400, pairs))


@pytest.mark.parametrize("tiers", [[], [[1, 1, 1, 1]]], ids=["no tier", "one tier"])
def test_weights_too_large_for_exact_arithmetic_are_refused(tiers: list[list[int]]) -> None:
    pairs = [(0, 1, (1 << 61) + 3), (0, 2, 1 << 61), (1, 2, (1 << 61) + 1), (2, 3, (1 << 61) - 9)]
    with pytest.raises(RoundRefused, match="exact arithmetic"):
        ExactSolver().solve(problem_of(4, pairs, [3] * 4, tiers))


@pytest.mark.parametrize("most", [1, 3])
def test_the_greatest_weights_allowed_are_compared_exactly(most: int) -> None:
    for seed in range(40):
        problem = made_up(Random(seed), people=16, pairs=50, two_sides=seed % 2 == 0)
        heavy = array(type_mask, ((1 << 54) - weight % 977 for weight in problem.weight))
        capacity = array(type_flag, (min(most, each) for each in problem.capacity))
        heavy_problem = replace(problem, weight=heavy, tiers=(), capacity=capacity)
        solution = ExactSolver().solve(heavy_problem)
        check(heavy_problem, solution)
        assert solution.value == PlainSolver().solve(heavy_problem).value, seed


@pytest.mark.parametrize("heaviest", [12_000, 1_040_000], ids=["scores", "chances"])
def test_a_city_of_promises_on_every_tier_still_folds_into_64_bits(heaviest: int) -> None:
    people = 200_000
    everybody = array(type_flag, [1]) * people
    pairs = array(type_place, [0]), array(type_place, [1]), array(type_mask, [heaviest])
    folding = Folding.of(MatchingProblem(*pairs, everybody, (everybody,) * 2), heaviest)
    assert sum(folding.units) < 1 << 60
    assert folding.unfold(folding.whole[0] * 7 + folding.whole[1] * 199_999 + 5) == (7, 199_999, 5)


def test_tiers_stay_apart_in_spaced_units(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [made_up(Random(seed), people=40, pairs=120, two_sides=seed % 2 == 0) for seed in range(400)]
    problems = [problem for problem in problems if max(problem.weight, default=0) <= 3]
    expected = [PlainSolver().solve(problem).value for problem in problems]
    monkeypatch.setattr("ygs.adapters.solving.lexicographic_weights.MOST", 1 << 16)
    assert sum(Folding.of(problem, max(problem.weight, default=0)).spaced for problem in problems) > 10
    for problem, best in zip(problems, expected, strict=True):
        solution = ExactSolver().solve(problem)
        check(problem, solution)
        assert solution.value == best


def test_two_sides_are_those_that_a_search_finds() -> None:
    found: list[bool] = []
    for seed in range(400):
        random = Random(seed)
        people = random.randint(1, 40)
        ends = [random.sample(range(people), 2) for _ in range(random.randint(0, people)) if people > 1]
        pairs = [(one, other) for one, other in ends if seed % 2 or (one + other) % 2]
        side, crossing = two_sides(people, *(np.array([pair[k] for pair in pairs], np.int32) for k in (0, 1)))
        expected = reference_matching.two_sides(people, pairs)
        assert crossing == (expected is not None), seed
        assert expected is None or side.tolist() == expected, seed
        found.append(crossing)
    assert 100 < sum(found) < 350


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("keys", [[7, 2, 9, 4, 1], [7, 2, 9], [9, 7, 4], [4, 1]], ids=["more", "same", "some", "none"])
def test_a_start_tells_which_pairs_were_chosen_wherever_they_are_now(keys: list[int], copies: int) -> None:
    old = np.array([7, 2, 9])
    chosen = np.array([1, 0, 1, 0, 1, 1][: 3 * copies], np.uint8)
    warm = _Warm(Folding((), (), ()), np.zeros(1, np.int64), old, chosen)
    by_key = [dict(zip(old.tolist(), copy, strict=True)) for copy in chosen.reshape(copies, 3).tolist()]
    expected = [[copy.get(key, 0) for key in keys] for copy in by_key]
    assert _chosen_again(np.array(keys), warm).tolist() == expected


def test_weights_too_large_for_cost_scaling_are_rounded_and_the_rest_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    heaviest: list[int] = []
    refine = cost_scaling.refine

    def counted(network: Network, flow: Flow, eps: int, most: int) -> bool:
        heaviest.append(int((network.arc >> network.bits).max(initial=0)) * network.scale)
        return bool(refine(network, flow, eps, most))

    monkeypatch.setattr(cost_scaling, "refine", counted)
    monkeypatch.setattr(cost_scaling, "_MOST_COST", 1 << 16)
    problems = [made_up(Random(seed), people=20, pairs=80, two_sides=True) for seed in range(40)]
    for problem in filter(lambda each: each.weight, problems):
        heavy = array(type_mask, (1_000_003 * weight + at % 977 for at, weight in enumerate(problem.weight)))
        heavier = replace(problem, weight=heavy)
        solution = ExactSolver().solve(heavier)
        check(heavier, solution)
        assert solution.value == PlainSolver().solve(heavier).value
    assert len(heaviest) > 30
    assert max(heaviest) <= 1 << 16


def test_prices_that_would_mix_tiers_are_noticed() -> None:
    units = (1 << 20, 1 << 16)
    assert kept_apart(np.array([0, 1 << 20, -(1 << 21) - 8_000, (1 << 16) + 8_000]), units)
    assert not kept_apart(np.array([9_000]), units)
    assert not kept_apart(np.array([3 << 20]), units)


def test_a_start_over_other_people_is_passed_over() -> None:
    small, large = made_up(Random(1), people=5), made_up(Random(2), people=30, pairs=60)
    solver = ExactSolver()
    assert solver.solve(large, solver.solve(small)).value == solver.solve(large).value


# The weighted blossom cases of Joris van Rantwijk's mwmatching.py (2008), which networkx and rustworkx test with too:
# pairs, and the published matching. Each needs another move of Edmonds' algorithm; people count from 1.
BLOSSOMS = {
    "S-blossom": ("1-2:8 1-3:9 2-3:10 3-4:7", "1-2 3-4"),
    "S-blossom, augmented through": ("1-2:8 1-3:9 2-3:10 3-4:7 1-6:5 4-5:6", "1-6 2-3 4-5"),
    "T-blossom": ("1-2:9 1-3:8 2-3:10 1-4:5 4-5:4 1-6:3", "1-6 2-3 4-5"),
    "T-blossom, other base": ("1-2:9 1-3:8 2-3:10 1-4:5 4-5:3 3-6:4", "1-2 3-6 4-5"),
    "nested": ("1-2:9 1-3:9 2-3:10 2-4:8 3-5:8 4-5:10 5-6:6", "1-3 2-4 5-6"),
    "relabelled and nested": ("1-2:10 1-7:10 2-3:12 3-4:20 3-5:20 4-5:25 5-6:10 6-7:10 7-8:8", "1-2 3-4 5-6 7-8"),
    "nested and expanded": (
        "1-2:8 1-3:8 2-3:10 2-4:12 3-5:12 4-5:14 4-6:12 5-7:12 6-7:14 7-8:12",
        "1-2 3-5 4-6 7-8",
    ),
    "S relabelled as T, expanded": ("1-2:23 1-5:22 1-6:15 2-3:25 3-4:22 4-5:25 4-8:14 5-7:13", "1-6 2-3 4-8 5-7"),
    "nested S, relabelled as T, expanded": (
        "1-2:19 1-3:20 1-8:8 2-3:25 2-4:18 3-5:18 4-5:13 4-7:7 5-6:7",
        "1-8 2-3 4-7 5-6",
    ),
    "nasty T expansion": (
        "1-2:45 1-5:45 2-3:50 3-4:45 4-5:50 1-6:30 3-9:35 4-8:35 5-7:26 9-10:5",
        "1-6 2-3 4-8 5-7 9-10",
    ),
}


@pytest.mark.parametrize("solver", [PlainSolver(), ExactSolver()], ids=["plain", "exact"])
@pytest.mark.parametrize("case", BLOSSOMS)
def test_published_blossom_cases(case: str, solver: RoundSolver) -> None:
    given, published = BLOSSOMS[case]
    rows = [(row.partition(":")[0], int(row.partition(":")[2])) for row in given.split()]
    ends = [tuple(int(end) for end in name.split("-")) for name, _ in rows]
    solution = solver.solve(problem_of(11, [(a, b, weight) for (a, b), (_, weight) in zip(ends, rows, strict=True)]))
    assert sorted(rows[at][0] for at in solution.chosen) == published.split()
    assert isinstance(solver, PlainSolver) or solution.bound == solution.value


def one_each(seed: int, people: int, pairs: int) -> MatchingProblem:
    """A problem without two sides in which nobody may have two pairs."""
    problem = made_up(Random(seed), people=people, pairs=pairs)
    return replace(problem, capacity=array(type_flag, [min(most, 1) for most in problem.capacity]))


def test_blossoms_prove_the_best_where_nobody_may_have_two_pairs() -> None:
    halves = 0
    for seed in range(150):
        problem = one_each(seed, people=24, pairs=90)
        solution = ExactSolver().solve(problem)
        check(problem, solution)
        assert solution.value == solution.bound == PlainSolver().solve(problem).value, seed
        halves += ExactSolver().solve(replace(problem, pricing=True)).bound > solution.bound
    assert halves > 15


def test_prices_of_blossoms_judge_further_pairs() -> None:
    for seed in range(300):
        random = Random(seed)
        problem = one_each(seed, people=9, pairs=16)
        people = len(problem.capacity)
        solution = ExactSolver().solve(problem)
        known = set(zip(problem.a, problem.b, strict=True))
        for a, b in sorted({*combinations(range(people), 2)} - known):
            most = (solution.prices[a] + solution.prices[b]) // solution.scale
            if 0 <= most <= max(problem.weight, default=0) and random.random() < 0.3:
                further = problem_with(problem, a, b, most)
                assert PlainSolver().solve(further).value == solution.value, seed


def test_any_start_of_the_blossoms_gives_the_best() -> None:
    for seed in range(200):
        random = np.random.default_rng(seed)
        problem = one_each(seed, people=40, pairs=200)
        one, other = (np.asarray(column, np.int32) for column in (problem.a, problem.b))
        weight = 2 * np.asarray(problem.weight, np.int64)
        price = random.integers(-5, 2 * weight.max(initial=0) + 5, len(problem.capacity))
        blank = np.zeros(len(weight), np.uint8)
        found = matched(one, other, weight, price, blank)
        assert weight[found.chosen > 0].sum() == found.bound
        again = matched(one, other, weight, found.price, found.chosen)
        assert again.bound == found.bound == matched(one, other, weight, 0 * price, blank).bound


def problem_with(problem: MatchingProblem, a: int, b: int, weight: int) -> MatchingProblem:
    """The problem with a further pair."""
    return replace(
        problem,
        a=problem.a + array(type_place, [a]),
        b=problem.b + array(type_place, [b]),
        weight=problem.weight + array(type_mask, [weight]),
    )
