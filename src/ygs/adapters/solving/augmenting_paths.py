"""From any prices to the exact optimum, in integers: successive shortest augmenting paths (Tomizawa 1971).

`settle` makes the prices of side 0 fit those of side 1, chooses the pairs that must then be chosen, and leaves some
nodes with a pair too few or too many; `repair` sends each of those along a shortest path to whoever can make up for it,
raising and lowering the prices on its way so that what holds elsewhere keeps holding. After a small change few nodes
are left over, so solving again is cheap.
"""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.graph import FAR, Flags, Graph, Ints, Places, State, kth_worth


class Search(NamedTuple):
    """Room for one shortest-path search after another: an indexed heap over the nodes."""

    distance: Ints
    heap: Places
    place: Places
    by: Places
    mark: Flags
    seen: Places


def room(nodes: int) -> Search:
    """Room for searches among so many nodes."""
    index = (np.zeros(nodes, np.int32) for _ in range(4))
    heap, place, by, seen = index
    return Search(np.zeros(nodes, np.int64), heap, place, by, np.zeros(nodes, np.uint8), seen)


@allocating_kernel
def settle(graph: Graph, state: State) -> None:
    """Price side 0 by side 1, choose what that demands, keep what it allows, and count degrees and targets."""
    most = np.empty(9, np.int64)
    for v in range(len(state.price)):
        if graph.side[v] == 0 and state.capacity[v]:
            state.price[v] = _asking(graph, state, v, most)
    state.degree[:] = 0
    for v in range(len(state.price)):
        if graph.side[v] == 0:
            _choose(graph, state, v)
    for v in range(len(state.price)):
        k = min(state.degree[v], state.capacity[v])
        while k < state.capacity[v] and state.price[v] + kth_worth(state.first[v], k + 1) > 0:
            k += 1
        while k > 0 and state.price[v] + kth_worth(state.first[v], k) < 0:
            k -= 1
        state.target[v] = k


@allocating_kernel
def _asking(graph: Graph, state: State, v: int, most: Ints) -> Any:
    """The highest price at which a node of side 0 still gets every pair it wants."""
    capacity, first = state.capacity[v], state.first[v]
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
    """Give the nodes `since`..`until` the pairs their prices ask for, and no others; returns how many paths it took."""
    paths = 0
    for v in range(since, until):
        while state.degree[v] != state.target[v]:
            _augment(graph, state, search, v)
            paths += 1
    return paths


@allocating_kernel
def _augment(graph: Graph, state: State, search: Search, root: int) -> None:
    """Move one pair too few (or too many) from `root` to where it costs least.

    On the *needing* side a path leaves through pairs not chosen, and on the other through chosen ones.
    """
    missing = state.degree[root] < state.target[root]
    needing = graph.side[root] if missing else 1 - graph.side[root]
    search.heap[0], search.place[root], search.distance[root] = root, 0, 0
    search.mark[root], search.seen[0], search.by[root] = 1, root, -1
    size, seen, best, end = 1, 1, FAR, -1
    while size and search.distance[search.heap[0]] < best:
        v = search.heap[0]
        size -= 1
        if size:
            search.heap[0] = search.heap[size]
            sink(search.distance, search.heap, search.place, 0, size)
        search.mark[v] = 2
        stop = search.distance[v] + _stopping(state, v, graph.side[v] == needing, v == root)
        if stop < best:
            best, end = stop, v
        size, seen = _widen(graph, state, search, v, graph.side[v] == needing, best, size, seen)
    for j in range(seen):
        v = search.seen[j]
        if search.mark[v] == 2 and search.distance[v] < best:
            change = best - search.distance[v]
            state.price[v] += -change if graph.side[v] == needing else change
        search.mark[v] = 0
    _turn(graph, state, search, root, end, needing, missing)


@allocating_kernel
def _stopping(state: State, v: int, needs: bool, root: bool) -> Any:
    """What it costs to end a path here: nothing where it makes up for the opposite, else what the price asks for."""
    degree, target = state.degree[v], state.target[v]
    if needs:
        if degree > target and not root:
            return np.int64(0)
        return state.price[v] + kth_worth(state.first[v], target) if target >= 1 else FAR
    if degree < target and not root:
        return np.int64(0)
    return -(state.price[v] + kth_worth(state.first[v], target + 1)) if target < state.capacity[v] else FAR


@allocating_kernel
def _widen(
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
            search.mark[y], search.seen[seen], search.heap[size], search.place[y] = 1, y, y, size
            size += 1
            seen += 1
        elif distance >= search.distance[y]:
            continue
        search.distance[y], search.by[y] = distance, e
        rise(search.distance, search.heap, search.place, search.place[y])
    return size, seen


@allocating_kernel
def _turn(graph: Graph, state: State, search: Search, root: int, end: int, needing: int, missing: bool) -> None:
    """Count the path's two ends, and swap what is chosen along it."""
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
def rise(distance: Ints, heap: Places, place: Places, i: int) -> None:
    """Restore the heap after the distance at its position `i` fell; `place`: where each node stands in it."""
    v = heap[i]
    while i and distance[heap[(i - 1) >> 1]] > distance[v]:
        heap[i] = heap[(i - 1) >> 1]
        place[heap[i]] = i
        i = (i - 1) >> 1
    heap[i], place[v] = v, i


@allocating_kernel
def sink(distance: Ints, heap: Places, place: Places, i: int, size: int) -> None:
    """Restore the heap after something farther was put at its position `i`."""
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
    heap[i], place[v] = v, i
