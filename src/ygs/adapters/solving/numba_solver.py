"""The fast solver, in compiled integer arrays.

Cost scaling finds the choice and its prices, from nothing or from an earlier solution. Shortest paths add what it
leaves out, and take its place where little changed (docs/decisions/0041-cost-scaling.md has the figures). From an
earlier solution, prices move only where they must (`steady_prices`). A market without two sides is solved on its double
cover; `half_integral` decides the pairs that the cover chooses by half.
"""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.jit import compiling
from ygs.adapters.solving.augmenting_paths import choose_by_price, new_search, repair
from ygs.adapters.solving.cost_scaling import scale_costs
from ygs.adapters.solving.graph import Flags, Graph, Ints, Places, State, graph_of, two_sides
from ygs.adapters.solving.half_integral import decide_halves, kept_apart, total_of
from ygs.adapters.solving.lexicographic_weights import Folding, slack
from ygs.adapters.solving.steady_prices import steady_prices
from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.market import Column, type_mask, type_place
from ygs.ports.scoring_and_solving import MatchingProblem, Progress, Solution, silent

_OUT = 1 << 60  # The price of people who may be in no pair: no pair is worth it.
_FEW = 100  # So many paths are always worth repairing,
_FEW_OF = 400  # and one for each so many nodes.
_CHUNK = 20_000  # Nodes between two reports of progress.


@dataclass(frozen=True, slots=True)
class _Warm:
    """A solved problem, to start the next one from: prices per node, the keys of its pairs, and the chosen flags."""

    folding: Folding
    price: Ints
    keys: Ints
    chosen: Flags


class ExactSolver:
    """A `RoundSolver` whose result is proven optimal for a market of two sides, and otherwise has a proven bound."""

    def solve(self, problem: MatchingProblem, start: Solution | None = None, progress: Progress = silent) -> Solution:
        warm = start.warm if start is not None and isinstance(start.warm, _Warm) else None
        people = len(problem.capacity)
        if not people or (warm is not None and len(warm.price) not in (people, 2 * people)):
            warm = None
        heaviest = int(np.asarray(problem.weight).max(initial=0))
        folding = Folding.of(problem, heaviest, warm.folding if warm else None)
        graph, double_cover = _graph(problem)
        state = _blank(problem, folding, double_cover)
        with compiling(progress, repair):
            nodes = len(state.price)
            left = nodes if warm is None else _resumed(problem, warm, graph, state)
            if warm is None or left > _worth_repairing(state):
                progress("solve", 0, nodes)
                scale_costs(graph, state, warm=left < nodes // 2)
                choose_by_price(graph, state)
            _relax(graph, state, progress)
            if warm is not None and not double_cover:
                _steady(graph, state, folding, _former(warm, problem, state))
        if folding.spaced and not kept_apart(state.price[state.capacity > 0], folding.units):
            raise RoundRefused(
                N_("the objectives of this market cannot be kept apart: lower wait_bonus, or plan by region")
            )
        return _solution(problem, folding, graph, state, double_cover, progress)


def _relax(graph: Graph, state: State, progress: Progress) -> None:
    search = new_search(len(state.price))
    nodes = len(state.price)
    for since in range(0, nodes, _CHUNK):
        repair(graph, state, search, since, min(since + _CHUNK, nodes))
        progress("solve", min(since + _CHUNK, nodes), nodes)


def _graph(problem: MatchingProblem) -> tuple[Graph, bool]:
    """The pairs as a graph of two sides, and whether it is a double cover.

    A double cover has person ``v`` as the nodes ``v`` and ``v + people``, pair ``e`` as ``e`` and ``e + pairs``.
    """
    people = len(problem.capacity)
    a = np.asarray(problem.a, np.int32)
    b = np.asarray(problem.b, np.int32)
    weight: Ints = np.asarray(problem.weight, np.int64)
    side, crossing = two_sides(people, a, b)
    if crossing:
        return graph_of(people, a, b, weight.copy(), side), False
    both = np.repeat(np.array([0, 1], np.uint8), people)
    one = np.concatenate((a, b))
    other = np.concatenate((b + people, a + people))
    return graph_of(2 * people, one, other.astype(np.int32), np.tile(weight, 2), both), True


def _blank(problem: MatchingProblem, folding: Folding, double_cover: bool) -> State:
    copies = 2 if double_cover else 1
    nodes = copies * len(problem.capacity)
    first = np.zeros(len(problem.capacity), np.int64)
    for unit, tier in zip(folding.units, problem.tiers, strict=True):
        first[np.asarray(tier) != 0] += unit
    return State(
        price=np.zeros(nodes, np.int64),
        capacity=np.tile(np.asarray(problem.capacity, np.int32), copies),
        first=np.tile(first, copies),
        degree=np.zeros(nodes, np.int32),
        target=np.zeros(nodes, np.int32),
        chosen=np.zeros(copies * len(problem.a), np.uint8),
    )


def _worth_repairing(state: State) -> int:
    """Up to so many nodes with a pair too few or too many, shortest paths are faster than cost scaling."""
    return max(_FEW, len(state.price) // _FEW_OF)


def _resumed(problem: MatchingProblem, warm: _Warm, graph: Graph, state: State) -> int:
    """Start from an earlier solution's prices and its choice among the pairs that are still there.

    Returns how many pairs nodes have too few or too many.
    """
    nodes = len(state.price)
    people = len(problem.capacity)
    state.price[:] = _former(warm, problem, state)
    if len(warm.keys) and len(problem.a):
        copies = nodes // people
        state.chosen.reshape(copies, -1)[:] = _chosen_again(_keys(problem), warm)[:copies]
    choose_by_price(graph, state)
    return int(np.abs(state.degree - state.target).sum())


def _chosen_again(keys: Ints, warm: _Warm) -> Flags:
    """Which of the pairs with these keys the earlier solution chose, per copy of its people.

    Mostly pairs were only added at the end, which takes no search.
    """
    old = warm.chosen.reshape(-1, len(warm.keys))
    chosen = np.zeros((len(old), len(keys)), np.uint8)
    if np.array_equal(keys[: len(warm.keys)], warm.keys):
        chosen[:, : len(warm.keys)] = old
        return chosen
    order = np.argsort(warm.keys, kind="stable")
    at = order[np.searchsorted(warm.keys, keys, sorter=order).clip(max=len(order) - 1)]
    np.multiply(old[:, at], warm.keys[at] == keys, out=chosen)
    return chosen


def _former(warm: _Warm, problem: MatchingProblem, state: State) -> Ints:
    """An earlier solution's prices, per node: one may be of a double cover and the other not."""
    people = len(problem.capacity)
    price = warm.price
    if len(state.price) < len(price):
        price = (price[:people] + price[people:]) // 2
    return np.tile(price, len(state.price) // len(price))


def _steady(graph: Graph, state: State, folding: Folding, former: Ints) -> None:
    """Move the prices towards former ones, unless they then mixed the tiers."""
    price = state.price.copy()
    steady_prices(graph, state, former)
    if folding.spaced and not kept_apart(state.price[state.capacity > 0], folding.units):
        state.price[:] = price


def _keys(problem: MatchingProblem) -> Ints:
    keys: Ints = np.asarray(problem.a, np.int64) * len(problem.capacity) + np.asarray(problem.b, np.int64)
    return keys


def _solution(
    problem: MatchingProblem, folding: Folding, graph: Graph, state: State, double_cover: bool, progress: Progress
) -> Solution:
    warm = _Warm(folding, state.price.copy(), _keys(problem), state.chosen.copy())
    people = len(problem.capacity)
    pairs = len(problem.a)
    price = state.price
    scale = 1
    bound = None
    apart: int | None = 0
    chosen: NDArray[Any] = np.flatnonzero(state.chosen[:pairs])
    if double_cover:
        price = state.price[:people] + state.price[people:]
        scale = 2
    if double_cover and problem.pricing:
        chosen = chosen[:0]
        bound = folding.unfold(total_of(graph, state, folding) // 2)
        apart = None
    elif double_cover:
        decided = decide_halves(graph, state, folding, np.asarray(problem.a), np.asarray(problem.b), progress)
        chosen = decided.chosen
        price = decided.price
        bound = folding.unfold(decided.bound)
        known = decided.proven and (not folding.spaced or decided.bound - decided.total < folding.whole[-1])
        apart = slack(scale, decided.bound, decided.total) if known else None
    prices = np.where(np.asarray(problem.capacity) == 0, _OUT, price)
    value = _reached(problem, chosen)
    column = _column(type_place, chosen.astype(np.int32))
    return Solution(column, value, bound or value, _column(type_mask, prices.astype(np.int64)), scale, apart, warm)


def _reached(problem: MatchingProblem, chosen: NDArray[Any]) -> tuple[int, ...]:
    """`reached`, by columns."""
    introduced = np.zeros(len(problem.capacity), np.bool_)
    introduced[np.asarray(problem.a)[chosen]] = True
    introduced[np.asarray(problem.b)[chosen]] = True
    counts = (int(np.count_nonzero(np.asarray(tier)[introduced])) for tier in problem.tiers)
    return (*counts, int(np.asarray(problem.weight)[chosen].sum()))


def _column(typecode: str, values: Places | Ints) -> Column:
    column = array(typecode)
    column.frombytes(values.tobytes())
    return column
