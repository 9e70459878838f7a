"""Cost scaling alone, without the repair that would hide its mistakes: its prices prove that its choice is the best."""

from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ygs.adapters.solving import cost_scaling
from ygs.adapters.solving.cost_scaling import scale_costs
from ygs.adapters.solving.graph import Graph, State, graph_of
from ygs.adapters.solving.network import Flow, Network

Column = NDArray[np.int64]


class Problem:
    """Pairs across two sides: rows of people of side 0, of side 1, and weights; capacities of both sides' people."""

    def __init__(self, sides: tuple[int, int], pairs: dict[tuple[int, int], int], capacity: list[int]) -> None:
        self.one = np.array([one for one, _ in pairs], np.int32)
        self.other = np.array([sides[0] + other for _, other in pairs], np.int32)
        self.weight = np.array(list(pairs.values()), np.int64)
        self.capacity = np.array(capacity, np.int32)
        self.side = np.repeat(np.array([0, 1], np.uint8), sides)

    @property
    def graph(self) -> Graph:
        return graph_of(len(self.side), self.one, self.other, self.weight, self.side)

    def blank(self) -> State:
        nodes = len(self.side)
        place, number = np.zeros(nodes, np.int32), np.zeros(nodes, np.int64)
        return State(
            price=number,
            capacity=self.capacity,
            first=number.copy(),
            degree=place,
            target=place.copy(),
            chosen=np.zeros(len(self.weight), np.uint8),
        )

    def is_proven(self, state: State) -> bool:
        """Whether the prices prove the choice, as `graph.py` says."""
        chosen = state.chosen != 0
        excess = self.weight - state.price[self.one] - state.price[self.other]
        possible = (self.capacity[self.one] > 0) & (self.capacity[self.other] > 0)
        degree = np.bincount(np.concatenate((self.one[chosen], self.other[chosen])), minlength=len(self.side))
        return bool(
            (possible | ~chosen).all()
            and (excess[chosen] >= 0).all()
            and (excess[possible & ~chosen] <= 0).all()
            and (degree <= self.capacity).all()
            and (state.price[(degree < self.capacity)] <= 0).all()
            and (state.price[degree > 0] >= 0).all()
        )


def made_up(random: Random, capacity: int) -> Problem:
    sides = random.randint(1, 14), random.randint(1, 14)
    heaviest = random.choice([0, 1, 3, 30, 10_000, 1 << random.randint(1, 50)])
    pairs = {
        (random.randrange(sides[0]), random.randrange(sides[1])): random.randint(0, heaviest)
        for _ in range(random.randint(1, 80))
    }
    return Problem(sides, pairs, [random.randint(capacity > 1, capacity) for _ in range(sum(sides))])


@pytest.mark.parametrize("capacity", [1, 2, 8])
def test_the_prices_prove_the_choice_from_any_start(capacity: int) -> None:
    for seed in range(150):
        random = Random(seed)
        problem = made_up(random, capacity)
        state = problem.blank()
        scale_costs(problem.graph, state, warm=False)
        assert problem.is_proven(state), seed
        problem.weight[random.randrange(len(problem.weight))] = random.randint(0, 20_000)
        scale_costs(problem.graph, state, warm=True)
        assert problem.is_proven(state), seed
        state.price[:] = [random.randint(-(1 << 60), 1 << 60) for _ in state.price]
        state.chosen[:] = [random.randint(0, 1) for _ in state.chosen]
        scale_costs(problem.graph, state, warm=True)
        assert problem.is_proven(state), seed


@pytest.mark.parametrize(("sides", "heaviest"), [((300, 300), 10_000), ((500, 60), 3), ((60, 500), 1 << 44)])
def test_a_market_in_which_many_compete_is_solved_as_scipy_solves_it(sides: tuple[int, int], heaviest: int) -> None:
    random = np.random.default_rng(1)
    attractive = random.integers(0, heaviest // 2, sides[1], endpoint=True)
    dense = random.integers(0, heaviest // 2, sides, endpoint=True) + attractive
    pairs = {(a, b): int(dense[a, b]) for a in range(sides[0]) for b in range(sides[1])}
    problem = Problem(sides, pairs, [1] * sum(sides))
    state = problem.blank()
    scale_costs(problem.graph, state, warm=False)
    assert problem.is_proven(state)
    assert int(problem.weight[state.chosen != 0].sum()) == int(dense[linear_sum_assignment(dense, maximize=True)].sum())


def test_the_same_start_gives_the_same_choice_and_prices() -> None:
    problem = made_up(Random(5), 4)
    states = [problem.blank(), problem.blank()]
    for state in states:
        scale_costs(problem.graph, state, warm=False)
    assert (states[0].chosen == states[1].chosen).all()
    assert (states[0].price == states[1].price).all()


def many(noise: int, room: tuple[int, ...]) -> Problem:
    """2,000 people. A pair's weight is what its people are worth, and some noise; with little of it, near ties."""
    random = Random(1)
    value = [random.randint(0, 6_000) for _ in range(2_000)]
    ends = {(one, random.randrange(1_000)) for one in range(1_000) for _ in range(20)}
    pairs = {(one, other): value[one] + value[1_000 + other] + random.randint(0, noise) for one, other in sorted(ends)}
    return Problem((1_000, 1_000), pairs, [random.choice(room) for _ in value])


Refined = list[tuple[int, bool]]


@pytest.fixture
def refined(monkeypatch: pytest.MonkeyPatch) -> Refined:
    """Each eps in turn, and whether the choice was made eps-optimal."""
    calls: Refined = []
    refine = cost_scaling.refine

    def noted(network: Network, flow: Flow, eps: int, most: int) -> bool:
        calls.append((eps, refine(network, flow, eps, most)))
        return calls[-1][1]

    monkeypatch.setattr(cost_scaling, "refine", noted)
    return calls


def test_a_start_that_is_far_off_is_given_up_for_none(refined: Refined) -> None:
    problem = many(2, (1, 8))
    cold, warm = problem.blank(), problem.blank()
    scale_costs(problem.graph, cold, warm=False)
    random = np.random.default_rng(1)
    warm.price[:] = random.integers(0, 12_000, len(warm.price))
    from_nothing = refined.copy()
    refined.clear()
    scale_costs(problem.graph, warm, warm=True)
    assert refined == [refined[0], *from_nothing]
    assert not refined[0][1]
    assert (warm.chosen == cold.chosen).all()
    assert (warm.price == cold.price).all()


def test_a_start_that_is_nearly_right_is_kept(refined: Refined) -> None:
    problem = many(12_000, (1,))
    state = problem.blank()
    scale_costs(problem.graph, state, warm=False)
    state.price[::100] += 100
    refined.clear()
    scale_costs(problem.graph, state, warm=True)
    assert refined[0][1]
    assert refined[0][0] > refined[-1][0] == 1
    assert problem.is_proven(state)


def test_the_last_eps_is_given_up_where_it_does_not_only_decide_ties(refined: Refined) -> None:
    problem = many(2, (1, 8))
    state = problem.blank()
    scale_costs(problem.graph, state, warm=False)
    assert (1, False) in refined
    further = refined[refined.index((1, False)) + 1 :]
    assert further[0][0] > 1
    assert refined[-1] == (1, True)
    assert problem.is_proven(state)


def test_room_that_no_pair_can_take_costs_no_bids(monkeypatch: pytest.MonkeyPatch) -> None:
    units: list[int] = []
    refine = cost_scaling.refine

    def counted(network: Network, flow: Flow, eps: int, most: int) -> bool:
        units.append(len(flow.holder))
        return bool(refine(network, flow, eps, most))

    monkeypatch.setattr(cost_scaling, "refine", counted)
    problem = Problem((3, 40), {(0, 1): 5, (1, 1): 4, (1, 2): 9}, [8] * 43)
    state = problem.blank()
    state.price[:] = 7
    scale_costs(problem.graph, state, warm=True)
    assert problem.is_proven(state)
    assert set(units) == {2 + 3 + 3 + 2}
    assert not state.price[3 + 3 :].any()


def test_a_weight_below_nothing_is_never_chosen() -> None:
    problem = Problem((1, 2), {(0, 0): -(1 << 58), (0, 1): 1}, [2, 1, 1])
    state = problem.blank()
    scale_costs(problem.graph, state, warm=False)
    assert state.chosen.tolist() == [0, 1]
