"""Prices move only where they must: among the optimal ones, towards those of the solution the solver starts from."""

from array import array
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ygs.adapters.solving import numba_solver
from ygs.adapters.solving.graph import Graph, Ints, State, graph_of
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.adapters.solving.steady_prices import aims, steady_prices
from ygs.domain.matching.market import type_flag, type_mask, type_place
from ygs.entrypoints.testing.contracts.solving import check, made_up, problem_of
from ygs.ports.scoring_and_solving import MatchingProblem, Solution


@dataclass(frozen=True)
class Steadied:
    """A solution, and what it was steadied from."""

    graph: Graph
    before: State
    aims: Ints
    after: State
    solution: Solution


def steadied(problem: MatchingProblem, start: Solution, few: int = 100) -> Steadied | None:
    """The solution from a start; None if there was nothing to steady. More than `few` changes are not only repaired."""
    seen: list[tuple[Graph, State, Ints, State]] = []

    def watched(graph: Graph, state: State, former: Ints) -> None:
        before = state.copy()
        steady_prices(graph, state, former)
        seen.append((graph, before, aims(graph, before, former), state))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numba_solver, "steady_prices", watched)
        patch.setattr(numba_solver, "_FEW", few)
        solution = ExactSolver().solve(problem, start)
    return Steadied(*seen[0], solution) if seen else None


def is_optimal(graph: Graph, state: State) -> bool:
    """Whether prices prove a choice, pair by pair and node by node."""
    one = np.repeat(np.arange(len(state.price)), np.diff(graph.start))
    other = graph.ends[graph.pair] ^ one
    excess = graph.weight[graph.pair] - state.price[one] - state.price[other]
    chosen = state.chosen[graph.pair] != 0
    able = (state.capacity[one] > 0) & (state.capacity[other] > 0)
    pairs = np.bincount(one[chosen], minlength=len(state.price))
    proven = (able | ~chosen).all() and (excess[chosen] >= 0).all() and (excess[able & ~chosen] <= 0).all()
    nodes = (column.tolist() for column in (state.price, state.capacity, state.first, pairs))
    return bool(proven) and all(fits(*node) for node in zip(*nodes, strict=True))


def fits(price: int, capacity: int, first: int, pairs: int) -> bool:
    """Whether nobody gains by one pair more or less at their price; the first pair is worth `first` besides."""
    gains = price + (0 if pairs else first)
    keeps = price + (first if pairs == 1 else 0)
    return pairs <= capacity and (pairs == capacity or gains <= 0) and (not pairs or keeps >= 0)


def changed(problem: MatchingProblem, random: Random) -> MatchingProblem:
    """A problem of the same people with some pairs, capacities, tiers or weights of its own, or just the same."""
    kept = [at for at in range(len(problem.a)) if random.random() < 0.8]
    a, b, weight = (array(c.typecode, [c[at] for at in kept]) for c in (problem.a, problem.b, problem.weight))
    roomier = array(type_flag, [random.randint(0, 3) for _ in problem.capacity])
    return random.choice(
        (
            problem,
            replace(problem, a=a, b=b, weight=weight),
            replace(problem, capacity=roomier),
            replace(problem, tiers=problem.tiers[1:]),
            replace(problem, weight=array(type_mask, [random.randint(0, 99) + each for each in problem.weight])),
            made_up(random, people=len(problem.capacity), pairs=len(problem.a)),
        )
    )


def some(random: Random) -> Steadied | None:
    problem = made_up(random, people=12, pairs=40, two_sides=True)
    return steadied(problem, ExactSolver().solve(changed(problem, random)), random.choice((0, 100)))


randoms = st.randoms(use_true_random=False)


@given(randoms)
@settings(max_examples=200, deadline=None)
def test_steadied_prices_are_optimal_and_between_the_old_ones_and_their_aims(random: Random) -> None:
    found = some(random)
    if found is None:
        return
    after = found.after
    able = after.capacity > 0
    assert is_optimal(found.graph, after)
    assert (after.chosen == found.before.chosen).all()
    assert np.asarray(found.solution.prices)[able].tolist() == after.price[able].tolist()
    low = np.minimum(found.before.price, found.aims)
    high = np.maximum(found.before.price, found.aims)
    assert ((low <= after.price) & (after.price <= high))[able].all()
    assert (after.price == found.before.price)[~able].all()
    if is_optimal(found.graph, after._replace(price=found.aims)):
        assert (after.price == found.aims)[able].all()


@given(randoms)
@settings(max_examples=200, deadline=None)
def test_no_price_can_go_nearer_to_its_aim_alone(random: Random) -> None:
    found = some(random)
    if found is None:
        return
    for v in range(len(found.after.price)):
        step = np.sign(found.aims[v] - found.after.price[v])
        if found.after.capacity[v] and step:
            price = found.after.price.copy()
            price[v] += step
            assert not is_optimal(found.graph, found.after._replace(price=price))


@given(randoms)
@settings(max_examples=100, deadline=None)
def test_people_without_a_pair_have_the_highest_price_that_fits(random: Random) -> None:
    found = some(random)
    if found is not None:
        free = (found.after.degree == 0) & (found.after.capacity > 0)
        assert (found.after.price[free] == -found.after.first[free]).all()


@given(randoms)
@settings(max_examples=200, deadline=None)
def test_any_start_gives_the_best_and_prices_that_judge_further_pairs(random: Random) -> None:
    problem = made_up(random, people=7, pairs=8, two_sides=True)
    solution = ExactSolver().solve(problem, ExactSolver().solve(changed(problem, random)))
    check(problem, solution)
    assert solution.value == solution.bound == PlainSolver().solve(problem).value
    known = set(zip(problem.a, problem.b, strict=True))
    for a in range(len(problem.capacity)):
        for b in range(a + 1, len(problem.capacity), 2):
            most = solution.prices[a] + solution.prices[b]
            if (a, b) not in known and 0 <= most <= 218_000:
                further = replace(
                    problem,
                    a=problem.a + array(type_place, [a]),
                    b=problem.b + array(type_place, [b]),
                    weight=problem.weight + array(type_mask, [most]),
                )
                assert PlainSolver().solve(further).value == solution.value


def two_couples(price: list[int], capacity: list[int], weights: list[int]) -> tuple[Graph, State]:
    """People 0 and 1 of one side, 2 and 3 of the other; the pairs 0-2, 0-3, 1-2, 1-3, of which the first and last are
    chosen, and the second where 0 has room for two."""
    one = np.array([0, 0, 1, 1], np.int32)
    other = np.array([2, 3, 2, 3], np.int32)
    room = np.array(capacity, np.int32)
    chosen = np.array([1, capacity[0] - 1, 0, 2 - capacity[0]], np.uint8)
    degree = np.bincount(np.concatenate((one, other)), np.tile(chosen, 2)).astype(np.int32)
    graph = graph_of(4, one, other, np.array(weights, np.int64), np.array([0, 0, 1, 1], np.uint8))
    state = State(np.array(price, np.int64), room, np.zeros(4, np.int64), degree, degree, chosen)
    assert is_optimal(graph, state)
    return graph, state


def test_former_prices_are_shifted_between_the_sides_before_prices_move_towards_them() -> None:
    graph, state = two_couples([5, 5, 5, 5], [1, 1, 1, 1], [10, 9, 3, 10])
    steady_prices(graph, state, np.array([8 - 30, 4 - 30, 2 + 30, 6 + 30], np.int64))
    assert [int(state.price[a] + state.price[b]) for a in (0, 1) for b in (2, 3)] == [10, 14, 6, 10]


@pytest.mark.parametrize(("former", "now"), [(9, 4), (3, 3)])
def test_the_excess_of_a_chosen_pair_limits_a_price_that_rises(former: int, now: int) -> None:
    graph, state = two_couples([6, 0, 0, 0], [2, 1, 1, 1], [10, 6, 0, 0])
    steady_prices(graph, state, np.array([6, 0, former, 0], np.int64))
    assert state.price.tolist() == [6, 0, now, 0]


@pytest.mark.parametrize(("former", "now"), [(1, 3), (4, 4)])
def test_the_excess_of_a_pair_that_is_not_chosen_limits_a_price_that_falls(former: int, now: int) -> None:
    graph, state = two_couples([5, 5, 5, 5], [1, 1, 1, 1], [10, 8, 0, 10])
    steady_prices(graph, state, np.array([former, 5, 5, 5], np.int64))
    assert state.price.tolist() == [now, 5, 5, 5]


def test_more_prices_stay_where_few_pairs_are_added() -> None:
    before = after = 0.0
    for seed in range(6):
        random = Random(seed)
        pairs = {(a, b): random.randint(1, 10_000) for a in range(60) for b in random.sample(range(60, 120), 12)}
        few = problem_of(120, [(a, b, weight) for (a, b), weight in pairs.items()])
        pairs |= {(a, random.randrange(60, 120)): 9_000 for a in random.sample(range(60), 3)}
        more = problem_of(120, [(a, b, weight) for (a, b), weight in pairs.items()])
        found = steadied(more, ExactSolver().solve(few))
        assert found is not None
        before += float(np.mean(found.before.price == found.aims))
        after += float(np.mean(found.after.price == found.aims))
    assert after > before + 0.5


def test_the_same_problem_again_changes_no_sum_of_two_prices() -> None:
    for seed in range(50):
        problem = made_up(Random(seed), people=12, pairs=40, two_sides=True)
        once = ExactSolver().solve(problem, ExactSolver().solve(problem))
        again = ExactSolver().solve(problem, once)
        for a in range(len(problem.capacity)):
            for b in range(a + 1, len(problem.capacity), 2):
                assert again.prices[a] + again.prices[b] == once.prices[a] + once.prices[b], seed


def test_prices_that_would_mix_the_tiers_are_not_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    def mixing(graph: Graph, state: State, former: Ints) -> None:
        state.price[:] += 100

    monkeypatch.setattr("ygs.adapters.solving.lexicographic_weights.MOST", 1 << 12)
    monkeypatch.setattr(numba_solver, "steady_prices", mixing)
    pairs = [(a, b, 3) for a in range(20) for b in range(20, 40)]
    problem = problem_of(40, pairs, tiers=[[1] * 40, [1] * 40])
    assert ExactSolver().solve(problem, ExactSolver().solve(problem)).value == (40, 40, 60)
