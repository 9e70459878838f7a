"""Of all optimal prices, ones near the prices of an earlier solution.

Optimal prices are seldom unique. A search of the market at prices proves what it need not look at again at later ones,
and a proof holds of two people as long as their prices do not fall, together. So prices that move only where the new
solution demands it save looks (docs/decisions/0054-steady-prices.md has the figures).

Which prices are optimal follows from the choice: a chosen pair's excess is at least 0, any other's at most 0, and each
node's price fits its number of pairs. These limit differences between the prices of one side and the negative prices of
the other. So of all optimal prices that are on one side no higher than some bounds, on the other no lower than some,
one is nearest to every bound at once (they form a lattice): `_approach` finds it by one shortest-path search.
"""

from typing import Any

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.augmenting_paths import sift_down, sift_up
from ygs.adapters.solving.graph import FAR, Graph, Ints, Places, State, kth_worth


def steady_prices(graph: Graph, state: State, former: Ints) -> None:
    """Move the optimal prices of a finished state towards `former`, within those that are optimal.

    Each price ends between what it was and `aims`, and no price can go nearer to its aim unless another leaves its own.
    Nothing overflows: the former prices and these are within a few units of the first tier (2**54 at most), the shift
    within their difference, and a distance is at most that of a price from its aim, and one pair's excess.
    """
    target = aims(graph, state, former)
    for rising in (0, 1):
        _approach(graph, state, target, rising)


def aims(graph: Graph, state: State, former: Ints) -> Ints:
    """The prices to move towards, per node: the former ones, shifted between the sides, and fit to the node's pairs.

    What proofs are about is the sum of two prices, one of each side. So one number may be added to all prices of
    one side and taken from those of the other: the number that leaves the least to move in all.
    """
    across = np.where(graph.side == 0, 1, -1)
    able = state.capacity > 0
    moved = ((state.price - former) * across)[able]
    shift = np.partition(moved, len(moved) // 2)[len(moved) // 2] if len(moved) else 0
    target = former + shift * across
    _fit(state, target)
    return target


@allocating_kernel
def _fit(state: State, target: Ints) -> None:
    """Bring prices to within what the number of a node's pairs allows; those of nodes without one to the highest.

    A high price of somebody without a pair is best: it limits no other price, and rules out further pairs.
    """
    for v in range(len(target)):
        pairs = state.degree[v]
        high = -kth_worth(state.first[v], pairs + 1) if pairs < state.capacity[v] else FAR
        low = -kth_worth(state.first[v], pairs) if pairs else high
        target[v] = min(max(target[v], low), high)


def _approach(graph: Graph, state: State, target: Ints, rising: int) -> None:
    """Raise prices on the side `rising` and lower those on the other, each as far towards its target as all can.

    A pair that is not chosen lets its lowered price move no farther than its excess and the raised one do; a chosen
    pair the raised one. So how far a node moves is its distance from what limits it.
    """
    sign = np.where(graph.side == rising, 1, -1)
    distance = np.where(state.capacity > 0, np.maximum((target - state.price) * sign, 0), 0)
    _limit_all(graph, state, distance, np.flatnonzero(distance).astype(np.int32), rising)
    state.price[:] += distance * sign


@allocating_kernel
def _limit_all(graph: Graph, state: State, distance: Ints, heap: Places, rising: int) -> None:
    """Lower distances to what all nodes allow. Most are 0 from the start, and only the others (`heap`) need order."""
    nodes = len(distance)
    size = len(heap)
    place = np.empty(nodes, np.int32)
    for i in range(size):
        place[heap[i]] = i
    for i in range(size // 2 - 1, -1, -1):
        sift_down(distance, heap, place, i, size)
    for v in range(nodes):
        if not distance[v] and state.capacity[v]:
            _limit(graph, state, distance, heap, place, v, graph.side[v] == rising)
    while size:
        v = heap[0]
        size -= 1
        if size:
            heap[0] = heap[size]
            sift_down(distance, heap, place, 0, size)
        _limit(graph, state, distance, heap, place, v, graph.side[v] == rising)


@allocating_kernel
def _limit(graph: Graph, state: State, distance: Ints, heap: Places, place: Places, v: int, rises: Any) -> None:
    for i in range(graph.start[v], graph.start[v + 1]):
        e = graph.pair[i]
        if (state.chosen[e] != 0) == rises:
            continue
        y = graph.ends[e] ^ v
        if distance[y] <= distance[v]:
            continue  # Settled, or without capacity, or nothing could limit it further.
        excess = graph.weight[e] - state.price[v] - state.price[y]
        most = distance[v] + (-excess if rises else excess)
        if most < distance[y]:
            distance[y] = most
            sift_up(distance, heap, place, place[y])
