"""The exact optimum from any prices, in integers: successive shortest augmenting paths (Tomizawa 1971).

`choose_by_price` sets the prices of side 0 by those of side 1 and chooses the pairs that these prices demand, which
leaves some nodes with a pair too few or too many. `repair` sends each of those along a shortest path to a node that can
balance it, and adjusts the prices along the way so that the optimality conditions hold elsewhere. After a small change
few nodes are unbalanced, so solving again is cheap.
"""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.graph import FAR, Flags, Graph, Ints, Places, State, kth_worth


class Search(NamedTuple):
    """The state of shortest-path searches, which reuse it: an indexed heap over the nodes."""

    distance: Ints
    heap: Places
    place: Places
    by: Places
    mark: Flags
    seen: Places


def new_search(nodes: int) -> Search:
    """Empty state for searches among `nodes` nodes."""
    heap, place, by, seen = (np.zeros(nodes, np.int32) for _ in range(4))
    return Search(np.zeros(nodes, np.int64), heap, place, by, np.zeros(nodes, np.uint8), seen)


@allocating_kernel
def choose_by_price(graph: Graph, state: State) -> None:
    """Set side 0's prices by side 1's, choose the pairs they demand, keep those they allow; set degrees and targets."""
    most = np.empty(9, np.int64)
    state.degree[:] = 0
    for v in range(len(state.price)):
        if graph.side[v] == 0:
            if state.capacity[v]:
                state.price[v] = _highest_price(graph, state, v, most)
            _choose(graph, state, v)
    for v in range(len(state.price)):
        k = min(state.degree[v], state.capacity[v])
        while k < state.capacity[v] and state.price[v] + kth_worth(state.first[v], k + 1) > 0:
            k += 1
        while k > 0 and state.price[v] + kth_worth(state.first[v], k) < 0:
            k -= 1
        state.target[v] = k


@allocating_kernel
def _highest_price(graph: Graph, state: State, v: int, most: Ints) -> Any:
    """The highest price at which a node of side 0 still gets every pair with a positive gain."""
    capacity = state.capacity[v]
    first = state.first[v]
    most[: capacity + 1] = -FAR
    for i in range(graph.start[v], graph.start[v + 1]):
        e = graph.pair[i]
        y = graph.ends[e] ^ v
        if not state.capacity[y]:
            continue
        gain = graph.weight[e] - state.price[y]
        j = capacity
        if gain > most[j]:
            while j > 0 and most[j - 1] < gain:
                most[j] = most[j - 1]
                j -= 1
            most[j] = gain
    wanted = 0
    while wanted < capacity and most[wanted] + kth_worth(first, wanted + 1) > 0:
        wanted += 1
    if wanted == 0:
        return max(-first, most[0])
    return most[wanted - 1] if wanted == capacity else min(most[wanted - 1], np.int64(0))


@allocating_kernel
def _choose(graph: Graph, state: State, v: int) -> None:
    for i in range(graph.start[v], graph.start[v + 1]):
        e = graph.pair[i]
        y = graph.ends[e] ^ v
        excess = graph.weight[e] - state.price[v] - state.price[y]
        if not state.capacity[v] or not state.capacity[y] or excess < 0:
            state.chosen[e] = 0
        elif excess > 0:
            state.chosen[e] = 1
        state.degree[v] += state.chosen[e]
        state.degree[y] += state.chosen[e]


@allocating_kernel
def repair(graph: Graph, state: State, search: Search, since: int, until: int) -> int:
    """Bring the nodes `since`..`until` to their targets; returns the number of augmenting paths."""
    paths = 0
    for v in range(since, until):
        while state.degree[v] != state.target[v]:
            _augment(graph, state, search, v)
            paths += 1
    return paths


@allocating_kernel
def _augment(graph: Graph, state: State, search: Search, root: int) -> None:
    """Move a missing (or surplus) pair from `root` to the node where it costs least.

    A path leaves nodes of the *needing* side by pairs that are not chosen, and nodes of the other side by chosen pairs.
    """
    missing = state.degree[root] < state.target[root]
    needing = graph.side[root] if missing else 1 - graph.side[root]
    search.heap[0] = root
    search.place[root] = 0
    search.distance[root] = 0
    search.mark[root] = 1
    search.seen[0] = root
    search.by[root] = -1
    size = 1
    seen = 1
    best = FAR
    end = -1
    while size and search.distance[search.heap[0]] < best:
        v = search.heap[0]
        size -= 1
        if size:
            search.heap[0] = search.heap[size]
            sift_down(search.distance, search.heap, search.place, 0, size)
        search.mark[v] = 2
        stop = search.distance[v] + _end_cost(state, v, graph.side[v] == needing, v == root)
        if stop < best:
            best = stop
            end = v
        size, seen = _relax_pairs(graph, state, search, v, graph.side[v] == needing, best, size, seen)
    for j in range(seen):
        v = search.seen[j]
        if search.mark[v] == 2 and search.distance[v] < best:
            change = best - search.distance[v]
            state.price[v] += -change if graph.side[v] == needing else change
        search.mark[v] = 0
    _flip(graph, state, search, root, end, needing, missing)


@allocating_kernel
def _end_cost(state: State, v: int, needs: bool, root: bool) -> Any:
    """The cost of ending a path here: 0 at a node with the opposite imbalance, else the change of its own worth."""
    degree = state.degree[v]
    target = state.target[v]
    if needs:
        if degree > target and not root:
            return np.int64(0)
        return state.price[v] + kth_worth(state.first[v], target) if target >= 1 else FAR
    if degree < target and not root:
        return np.int64(0)
    return -(state.price[v] + kth_worth(state.first[v], target + 1)) if target < state.capacity[v] else FAR


@allocating_kernel
def _relax_pairs(
    graph: Graph, state: State, search: Search, v: int, needs: bool, best: Any, size: int, seen: int
) -> tuple[int, int]:
    for i in range(graph.start[v], graph.start[v + 1]):
        e = graph.pair[i]
        y = graph.ends[e] ^ v
        if (state.chosen[e] != 0) == needs or search.mark[y] == 2 or not state.capacity[y]:
            continue
        excess = graph.weight[e] - state.price[v] - state.price[y]
        distance = search.distance[v] + (-excess if needs else excess)
        if distance >= best:
            continue
        if search.mark[y] == 0:
            search.mark[y] = 1
            search.seen[seen] = y
            search.heap[size] = y
            search.place[y] = size
            size += 1
            seen += 1
        elif distance >= search.distance[y]:
            continue
        search.distance[y] = distance
        search.by[y] = e
        sift_up(search.distance, search.heap, search.place, search.place[y])
    return size, seen


@allocating_kernel
def _flip(graph: Graph, state: State, search: Search, root: int, end: int, needing: int, missing: bool) -> None:
    """Adjust the degrees and targets of the path's two ends, and flip the choice along it."""
    if graph.side[end] == needing:
        if end == root or state.degree[end] <= state.target[end]:
            state.target[end] -= 1
        state.degree[end] -= end != root
    else:
        if end == root or state.degree[end] >= state.target[end]:
            state.target[end] += 1
        state.degree[end] += end != root
    if end != root:
        state.degree[root] += 1 if missing else -1
    while end != root:
        e = search.by[end]
        state.chosen[e] = 1 - state.chosen[e]
        end = graph.ends[e] ^ end


@allocating_kernel
def sift_up(distance: Ints, heap: Places, place: Places, i: int) -> None:
    """Restore the heap after the distance at position `i` fell; `place`: each node's position in the heap."""
    v = heap[i]
    while i and distance[heap[(i - 1) >> 1]] > distance[v]:
        heap[i] = heap[(i - 1) >> 1]
        place[heap[i]] = i
        i = (i - 1) >> 1
    heap[i] = v
    place[v] = i


@allocating_kernel
def sift_down(distance: Ints, heap: Places, place: Places, i: int, size: int) -> None:
    """Restore the heap after a greater distance was put at position `i`."""
    v = heap[i]
    while True:
        j = 2 * i + 1
        if j + 1 < size and distance[heap[j + 1]] < distance[heap[j]]:
            j += 1
        if j >= size or distance[heap[j]] >= distance[v]:
            break
        heap[i] = heap[j]
        place[heap[i]] = i
        i = j
    heap[i] = v
    place[v] = i
