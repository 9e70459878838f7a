"""From pairs chosen by half to whole ones: round, then mend along alternating paths.

Rounding leaves a person of each odd cycle without a pair they should have. From each of them the cheapest alternating
paths are searched, by the cover's prices, to somebody else who has room or may better go without; paths that use a
person twice are passed over, which is where this is less than Edmonds' algorithm. What it finds is within a few basis
points a cycle of the bound, in time that hardly grows with the city.
"""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.augmenting_paths import rise, sink
from ygs.adapters.solving.graph import FAR, Flags, Graph, Ints, Places, State

_MOST_SEEN = 20_000  # places looked at from one person
_SWEEPS = 4


class _Reach(NamedTuple):
    """One search's room. Place ``v`` is a person who needs a pair, ``v + people`` one who has a pair too many."""

    distance: Ints
    by: Places
    mark: Flags
    seen: Places
    heap: Places
    place: Places
    visited: Flags


def mended(graph: Graph, state: State, pairs: int) -> Flags:
    """Which pairs to choose (flags); feasible, and usually very near the cover's bound."""
    people = len(state.price) // 2
    price = state.price[:people] + state.price[people:]
    capacity, first = state.capacity[:people], state.first[:people]
    chosen, degree = _rounded(graph, state.chosen, price, pairs)
    index = [np.zeros(2 * people, np.int32) for _ in range(4)]
    marks = np.zeros(2 * people, np.uint8), np.zeros(people, np.uint8)
    reach = _Reach(np.zeros(2 * people, np.int64), index[0], marks[0], index[1], index[2], index[3], marks[1])
    for _ in range(_SWEEPS):
        if not _sweep(graph, price, capacity, first, chosen, degree, reach):
            break
    return chosen


@allocating_kernel
def _rounded(graph: Graph, half: Flags, price: Ints, pairs: int) -> tuple[Flags, Places]:
    """Keep the whole pairs, and every other one along the walks that the half ones make.

    Everybody inside a walk keeps as many pairs as before. An open walk begins and ends with people who are worth
    nothing more, and a closed one of even length leaves nobody out, so only closed walks of odd length cost
    something: there the person goes without who is worth least.
    """
    people = len(price)
    chosen, used = half[:pairs] & half[pairs:], np.zeros(pairs, np.uint8)
    halves, at = np.zeros(people, np.int32), graph.start[:people].copy()
    for v in range(people):
        for i in range(graph.start[v], graph.start[v + 1]):
            e = graph.pair[i] % pairs
            halves[v] += half[e] != half[e + pairs]
    along, by = np.empty(halves.sum() // 2 + 1, np.int32), np.empty(halves.sum() // 2 + 1, np.int32)
    for closed in range(2):
        for v in range(people):
            while halves[v] > 0 and (closed or halves[v] % 2):
                length = _walk(graph, half, used, halves, at, v, along, by)
                _take_every_other(chosen, price, along, by, length)
    degree = np.zeros(people, np.int32)
    for v in range(people):
        for i in range(graph.start[v], graph.start[v + 1]):
            degree[v] += chosen[graph.pair[i] % pairs]
    return chosen, degree


@allocating_kernel
def _walk(graph: Graph, half: Flags, used: Flags, halves: Places, at: Ints, v: int, along: Places, by: Places) -> int:
    """Walk unused half pairs from a person until there are none; returns how many. Person ``along[i]`` is left by pair
    ``by[i]``; the last one walked to stands behind them."""
    people, pairs, length = len(halves), len(used), 0
    along[0] = v
    while halves[v] > 0:
        arc = graph.pair[at[v]]
        e = arc % pairs
        at[v] += 1
        if half[e] == half[e + pairs] or used[e]:
            continue
        used[e] = 1
        y = (graph.ends[arc] ^ v) - people
        halves[v] -= 1
        halves[y] -= 1
        by[length] = e
        length += 1
        along[length] = v = y
    return length


@allocating_kernel
def _take_every_other(chosen: Flags, price: Ints, along: Places, by: Places, length: int) -> None:
    first = 0
    if length % 2 == 0 and price[along[0]] < price[along[length]]:
        first = 1
    if length % 2 and along[0] == along[length]:
        for i in range(length):
            if price[along[i]] < price[along[first]]:
                first = i
        first += 1
        for step in range(0, length - 1, 2):
            chosen[by[(first + step) % length]] = 1
        return
    for i in range(first, length, 2):
        chosen[by[i]] = 1


@allocating_kernel
def _sweep(
    graph: Graph, price: Ints, capacity: Places, first: Ints, chosen: Flags, degree: Places, reach: _Reach
) -> int:
    """Search from everybody who is worth a pair more; how many paths were turned."""
    turned = 0
    for v in range(len(capacity)):
        if degree[v] < capacity[v] and price[v] + 2 * (first[v] if degree[v] == 0 else 0) > 0:
            seen = _look(graph, price, capacity, chosen, reach, v)
            turned += _take_best(graph, price, capacity, first, chosen, degree, reach, v, seen)
            for j in range(seen):
                reach.mark[reach.seen[j]] = 0
    return turned


@allocating_kernel
def _look(graph: Graph, price: Ints, capacity: Places, chosen: Flags, reach: _Reach, root: int) -> int:
    """Dijkstra from one person along alternating pairs; how many places it saw."""
    people, pairs = len(capacity), len(chosen)
    reach.heap[0], reach.place[root], reach.distance[root], reach.by[root] = root, 0, 0, -1
    reach.mark[root], reach.seen[0] = 1, root
    size = seen = 1
    while size and seen < _MOST_SEEN:
        place = reach.heap[0]
        size -= 1
        if size:
            reach.heap[0] = reach.heap[size]
            sink(reach.distance, reach.heap, reach.place, 0, size)
        reach.mark[place] = 2
        needs = place < people
        v = place if needs else place - people
        for i in range(graph.start[v], graph.start[v + 1]):
            e = graph.pair[i] % pairs
            y = (graph.ends[graph.pair[i]] ^ v) - people
            onward = y + people if needs else y
            if (chosen[e] != 0) == needs or not capacity[y] or reach.mark[onward] == 2:
                continue
            lacking = price[v] + price[y] - 2 * graph.weight[graph.pair[i]]
            distance = reach.distance[place] + max(np.int64(0), lacking if needs else -lacking)
            if reach.mark[onward] == 0:
                reach.mark[onward], reach.seen[seen], reach.heap[size], reach.place[onward] = 1, onward, onward, size
                size += 1
                seen += 1
            elif distance >= reach.distance[onward]:
                continue
            reach.distance[onward], reach.by[onward] = distance, graph.pair[i]
            rise(reach.distance, reach.heap, reach.place, reach.place[onward])
    return seen


@allocating_kernel
def _take_best(
    graph: Graph,
    price: Ints,
    capacity: Places,
    first: Ints,
    chosen: Flags,
    degree: Places,
    reach: _Reach,
    root: int,
    seen: int,
) -> int:
    """Turn the best path that uses nobody twice and gains something, of the ten most promising ends."""
    people = len(capacity)
    worth = price[root] + 2 * (first[root] if degree[root] == 0 else 0)
    for _ in range(10):
        best, end = np.int64(0), -1
        for j in range(1, seen):
            place = reach.seen[j]
            if reach.mark[place] == 2:
                gain = worth - reach.distance[place] + _ending(price, capacity, first, degree, place, people)
                if gain > best:
                    best, end = gain, place
        if end < 0:
            return 0
        reach.mark[end] = 3  # looked at
        if _gain(graph, first, degree, reach, root, end) > 0:
            _turn(graph, chosen, degree, reach, root, end, people)
            return 1
    return 0


@allocating_kernel
def _ending(price: Ints, capacity: Places, first: Ints, degree: Places, place: int, people: int) -> Any:
    """What ending a path here adds: somebody with room gets a pair, or somebody goes without one."""
    if place >= people:
        v = place - people
        return price[v] + 2 * (first[v] if degree[v] == 0 else 0) if degree[v] < capacity[v] else -FAR
    return -price[place] - 2 * (first[place] if degree[place] == 1 else 0)


@allocating_kernel
def _gain(graph: Graph, first: Ints, degree: Places, reach: _Reach, root: int, end: int) -> Any:
    """What turning a path really gains; nothing when it uses a person twice."""
    people = len(degree)
    gain, place, simple = np.int64(0), end, True
    while True:
        v = place % people
        simple = simple and not reach.visited[v]
        reach.visited[v] = 1
        if place == root or not simple:
            break
        arc = reach.by[place]
        gain += graph.weight[arc] if place >= people else -graph.weight[arc]
        place = _before(graph, place, arc, people)
    last, place = place, end
    while True:
        reach.visited[place % people] = 0
        if place == last:
            break
        place = _before(graph, place, reach.by[place], people)
    if not simple:
        return np.int64(0)
    gain += first[root] if degree[root] == 0 else 0
    if end >= people:
        return gain + (first[end - people] if degree[end - people] == 0 else 0)
    return gain - (first[end] if degree[end] == 1 else 0)


@allocating_kernel
def _before(graph: Graph, place: int, arc: int, people: int) -> int:
    """The place a path came from, along an arc that leads from the person's first copy to the other's second."""
    if place >= people:
        return int(graph.ends[arc] ^ place)
    return int(graph.ends[arc] ^ (place + people)) + people


@allocating_kernel
def _turn(graph: Graph, chosen: Flags, degree: Places, reach: _Reach, root: int, end: int, people: int) -> None:
    degree[root] += 1
    degree[end % people] += 1 if end >= people else -1
    while end != root:
        arc = reach.by[end]
        chosen[arc % len(chosen)] ^= 1
        end = _before(graph, end, arc, people)
