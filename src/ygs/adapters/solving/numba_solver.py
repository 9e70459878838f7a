"""The solver for whole cities, in compiled integer arrays.

Cold, it starts from OR-Tools' flow; warm, from an earlier solution's prices. Either way shortest paths make what it
starts from exact (docs/decisions/0004-round-solver.md has the figures). Markets without two sides are solved on their
double cover; what that chooses by half is decided by `halves`.
"""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.jit import compiling
from ygs.adapters.solving.augmenting_paths import repair, room, settle
from ygs.adapters.solving.graph import Flags, Graph, Ints, Places, State, graph_of, two_sides
from ygs.adapters.solving.half_integral import decide, kept_apart, total_of
from ygs.adapters.solving.lexicographic_weights import Folding, reached, slack
from ygs.adapters.solving.min_cost_flow import cold_start
from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.market import Column, type_mask, type_place
from ygs.ports.scoring_and_solving import MatchingProblem, Progress, Solution, silent

_OUT = 1 << 60  # a price at which nobody is wanted, for people who may be in no pair
_FEW = 100  # paths that are never too many to repair
_CHUNK = 20_000  # people between two words of progress


@dataclass(frozen=True, slots=True)
class _Warm:
    """A solved problem to start the next one from: prices per node, and its pairs' keys with what was chosen."""

    folding: Folding
    price: Ints
    keys: Ints
    chosen: Flags


class ExactSolver:
    """Proven optimal whenever the market has two sides; otherwise the best found, with a proven bound."""

    def solve(self, problem: MatchingProblem, start: Solution | None = None, progress: Progress = silent) -> Solution:
        """The best choice; cold, or from an earlier solution over the same people in a fraction of the time."""
        warm = start.warm if start is not None and isinstance(start.warm, _Warm) else None
        people = len(problem.capacity)
        if not people or (warm is not None and len(warm.price) not in (people, 2 * people)):
            warm = None
        folding = Folding.of(problem, warm.folding if warm else None)
        graph, twofold = _graph(problem)
        state = _blank(problem, folding, twofold)
        with compiling(progress, repair):
            if warm is None or not _resumed(problem, warm, graph, state):
                progress("solve", 0, len(state.price))
                cold_start(graph, state)
                settle(graph, state)
            _relax(graph, state, progress)
        if folding.spaced and not kept_apart(state.price[state.capacity > 0], folding.units):
            raise RoundRefused(
                N_("the objectives of this market cannot be kept apart: lower wait_bonus, or plan by region")
            )
        return _solution(problem, folding, graph, state, twofold, progress)


def _relax(graph: Graph, state: State, progress: Progress) -> None:
    search, nodes = room(len(state.price)), len(state.price)
    for since in range(0, nodes, _CHUNK):
        repair(graph, state, search, since, min(since + _CHUNK, nodes))
        progress("solve", min(since + _CHUNK, nodes), nodes)


def _graph(problem: MatchingProblem) -> tuple[Graph, bool]:
    """The pairs as a graph of two sides, and whether that took a double cover: person ``v`` as ``v`` and as
    ``v + people``, pair ``e`` as ``e`` and as ``e + pairs``."""
    people = len(problem.capacity)
    a, b = np.asarray(problem.a, np.int32), np.asarray(problem.b, np.int32)
    weight: Ints = np.asarray(problem.weight, np.int64)
    side, crossing = two_sides(people, a, b)
    if crossing:
        return graph_of(people, a, b, weight.copy(), side), False
    both = np.repeat(np.array([0, 1], np.uint8), people)
    one, other = np.concatenate((a, b)), np.concatenate((b + people, a + people))
    return graph_of(2 * people, one, other.astype(np.int32), np.tile(weight, 2), both), True


def _blank(problem: MatchingProblem, folding: Folding, twofold: bool) -> State:
    copies = 2 if twofold else 1
    nodes = copies * len(problem.capacity)
    return State(
        price=np.zeros(nodes, np.int64),
        capacity=np.tile(np.asarray(problem.capacity, np.int32), copies),
        first=np.tile(np.array(folding.firsts(problem, folding.units), np.int64), copies),
        degree=np.zeros(nodes, np.int32),
        target=np.zeros(nodes, np.int32),
        chosen=np.zeros(copies * len(problem.a), np.uint8),
    )


def _resumed(problem: MatchingProblem, warm: _Warm, graph: Graph, state: State) -> bool:
    """Take over the prices of the same people and what was chosen of the pairs that are still there; whether that left
    so little to repair that it is faster than a cold start. If not, `state` is as before."""
    nodes, people = len(state.price), len(problem.capacity)
    price = warm.price
    if nodes < len(price):
        price = (price[:people] + price[people:]) // 2
    state.price[:] = np.tile(price, nodes // len(price))
    keys = _keys(problem)
    order = np.argsort(warm.keys, kind="stable")
    if len(order) and len(keys):
        at = np.searchsorted(warm.keys, keys, sorter=order).clip(max=len(order) - 1)
        known = warm.keys[order[at]] == keys
        old = warm.chosen.reshape(-1, len(warm.keys))[:, order[at]] * known
        state.chosen.reshape(nodes // people, -1)[:] = old[: nodes // people]
    settle(graph, state)
    if int(np.abs(state.degree - state.target).sum()) <= max(_FEW, nodes // 100):
        return True
    state.price[:], state.chosen[:] = 0, 0
    return False


def _keys(problem: MatchingProblem) -> Ints:
    keys: Ints = np.asarray(problem.a, np.int64) * len(problem.capacity) + np.asarray(problem.b, np.int64)
    return keys


def _solution(
    problem: MatchingProblem, folding: Folding, graph: Graph, state: State, twofold: bool, progress: Progress
) -> Solution:
    warm = _Warm(folding, state.price.copy(), _keys(problem), state.chosen.copy())
    people, pairs = len(problem.capacity), len(problem.a)
    price, scale, bound = state.price, 1, None
    apart: int | None = 0
    chosen: NDArray[Any] = np.flatnonzero(state.chosen[:pairs])
    if twofold:
        price, scale = state.price[:people] + state.price[people:], 2
    if twofold and problem.pricing:
        chosen, bound, apart = chosen[:0], folding.unfold(total_of(graph, state, folding) // 2), None
    elif twofold:
        decided = decide(graph, state, folding, np.asarray(problem.a), np.asarray(problem.b), progress)
        chosen, bound = decided.chosen, folding.unfold(decided.bound)
        known = decided.proven and (not folding.spaced or decided.bound - decided.total < folding.whole[-1])
        apart = slack(scale, decided.bound, decided.total) if known else None
    prices = np.where(np.asarray(problem.capacity) == 0, _OUT, price)
    column = _column(type_place, chosen.astype(np.int32))
    value = reached(problem, column)
    return Solution(column, value, bound or value, _column(type_mask, prices.astype(np.int64)), scale, apart, warm)


def _column(typecode: str, values: Places | Ints) -> Column:
    column = array(typecode)
    column.frombytes(values.tobytes())
    return column
