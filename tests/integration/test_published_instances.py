"""The solvers on problems whose optimum others published: OR-Library's assign100, and Machol and Wien's hard ones."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.entrypoints.testing.contracts.solving import check, problem_of
from ygs.ports.scoring_and_solving import MatchingProblem, RoundSolver, Solution

ASSIGN100 = Path(__file__).parents[1] / "data" / "assign100.txt"
CHEAPEST = 305

SOLVERS: dict[str, RoundSolver] = {"plain": PlainSolver(), "exact": ExactSolver()}

Costs = NDArray[np.int64]


def assign100() -> Costs:
    size, *costs = map(int, ASSIGN100.read_text("ascii").split())
    return np.array(costs, np.int64).reshape(size, size)


def machol_wien(size: int) -> Costs:
    """Cost i * j: Munkres' algorithm does most work on it (Machol and Wien, Operations Research 24, 1976)."""
    return np.outer(np.arange(1, size + 1), np.arange(1, size + 1))


def cheapest_machol_wien(size: int) -> int:
    """The most expensive row with the cheapest column, and so on: the rearrangement inequality."""
    return size * (size + 1) * (size + 2) // 6


def as_problem(costs: Costs, further: tuple[tuple[int, int, int], ...] = ()) -> MatchingProblem:
    """Rows and columns as people, and what a pair saves against the dearest as its weight: then the best pairs are an
    assignment of everybody, since one more pair never lowers the total. `further`: pairs of people behind these."""
    size, most = len(costs), int(costs.max())
    pairs = [(i, size + j, most - int(costs[i, j])) for i in range(size) for j in range(size)]
    people = max([2 * size - 1, *(b for _, b, _ in further)]) + 1
    return problem_of(people, [*pairs, *further])


def cost(costs: Costs, solution: Solution, further: int = 0) -> int:
    """What the assignment of a solution costs; `further`: what it makes with pairs that are not of it."""
    return len(costs) * int(costs.max()) - (solution.value[-1] - further)


def is_certified(problem: MatchingProblem, solution: Solution) -> bool:
    """Whether the prices alone prove that no plan is better: they add up to the total, and no pair exceeds its two."""
    prices, a, b = (np.array(column) for column in (solution.prices, problem.a, problem.b))
    covered = prices[a] + prices[b] >= np.array(problem.weight)
    return bool(covered.all()) and prices.min() >= 0 and int(prices.sum()) == solution.value[-1]


def test_the_copy_of_assign100_is_whole() -> None:
    costs = assign100()
    assert (costs.shape, costs.min(), costs.max()) == ((100, 100), 1, 100)
    assert costs[linear_sum_assignment(costs)].sum() == CHEAPEST


@pytest.mark.parametrize("name", SOLVERS)
def test_assign100_costs_what_was_published(name: str) -> None:
    costs = assign100()
    problem = as_problem(costs)
    solution = SOLVERS[name].solve(problem)
    check(problem, solution)
    assert (cost(costs, solution), solution.value) == (CHEAPEST, solution.bound)
    assert is_certified(problem, solution)


def test_assign100_costs_the_same_beside_three_people_who_make_two_sides_impossible() -> None:
    costs = assign100()
    problem = as_problem(costs, further=((200, 201, 4), (200, 202, 4), (201, 202, 5)))
    solution = ExactSolver().solve(problem)
    check(problem, solution)
    assert cost(costs, solution, further=5) == CHEAPEST
    assert solution.slack is not None


SIZES = [("plain", 1), ("plain", 9), ("plain", 40), *(("exact", size) for size in (1, 2, 9, 40, 150, 300))]


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_the_hard_instances_of_machol_and_wien_cost_their_closed_form(name: str, size: int) -> None:
    costs = machol_wien(size)
    problem = as_problem(costs)
    solution = SOLVERS[name].solve(problem)
    check(problem, solution)
    assert (cost(costs, solution), solution.value) == (cheapest_machol_wien(size), solution.bound)
    assert is_certified(problem, solution)
