"""A heuristic from pairs chosen by half to whole pairs: round them, then improve along alternating paths.

Rounding leaves one person of each odd cycle without a pair. From each of them Dijkstra's algorithm finds the cheapest
alternating paths, by the cover's prices, to somebody with free capacity or with a pair of less worth. It skips paths
that use a person twice, unlike Edmonds' algorithm, which contracts odd cycles. The result is within a few basis points
per cycle of the bound, and the time hardly grows with the market.
"""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.augmenting_paths import sift_down, sift_up
from ygs.adapters.solving.graph import FAR, Flags, Graph, Ints, Places, State

_MOST_SEEN = 20_000  # Places reached from one person.
_SWEEPS = 4


class _PathSearch(NamedTuple):
    """The state of a path search. Place ``v`` is a person who needs a pair, ``v + people`` one with a pair too many."""

    distance: Ints
    by: Places
    mark: Flags
    seen: Places
    heap: Places
    place: Places
    visited: Flags


def round_and_improve(graph: Graph, state: State, pairs: int) -> Flags:
    """Choose whole pairs (flags); the choice is feasible, and usually very near the cover's bound."""
    people = len(state.price) // 2
    price = state.price[:people] + state.price[people:]
    capacity = state.capacity[:people]
    first = state.first[:people]
    chosen, degree = rounded(graph, state.chosen, price, pairs)
    index = [np.zeros(2 * people, np.int32) for _ in range(4)]
    marks = np.zeros(2 * people, np.uint8), np.zeros(people, np.uint8)
    search = _PathSearch(np.zeros(2 * people, np.int64), index[0], marks[0], index[1], index[2], index[3], marks[1])
    for _ in range(_SWEEPS):
        if not _improve_all(graph, price, capacity, first, chosen, degree, search):
            break
    return chosen


@allocating_kernel
def rounded(graph: Graph, half: Flags, price: Ints, pairs: int) -> tuple[Flags, Places]:
    """Keep the whole pairs, and every other pair along the walks that the half pairs form.

    Everybody inside a walk keeps as many pairs as before. An open walk begins and ends with people whose next pair is
    worth nothing, and a closed walk of even length leaves nobody out. Only closed walks of odd length cost something:
    there, the person with the lowest price loses a pair.
    """
    people = len(price)
    chosen = half[:pairs] & half[pairs:]
    used = np.zeros(pairs, np.uint8)
    halves = np.zeros(people, np.int32)
    at = graph.start[:people].copy()
    for v in range(people):
        for i in range(graph.start[v], graph.start[v + 1]):
            e = graph.pair[i] % pairs
            halves[v] += half[e] != half[e + pairs]
    along = np.empty(halves.sum() // 2 + 1, np.int32)
    by = np.empty(halves.sum() // 2 + 1, np.int32)
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
    """Walk along unused half pairs from a person until there are none; returns the length.

    The walk leaves person ``along[i]`` by pair ``by[i]`` and ends at ``along[length]``.
    """
    people = len(halves)
    pairs = len(used)
    length = 0
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
def _improve_all(
    graph: Graph, price: Ints, capacity: Places, first: Ints, chosen: Flags, degree: Places, search: _PathSearch
) -> int:
    """Search from everybody for whom one more pair is worth something; returns the number of flipped paths."""
    flipped = 0
    for v in range(len(capacity)):
        if degree[v] < capacity[v] and price[v] + 2 * (first[v] if degree[v] == 0 else 0) > 0:
            seen = _search_from(graph, price, capacity, chosen, search, v)
            flipped += _flip_best_path(graph, price, capacity, first, chosen, degree, search, v, seen)
            for j in range(seen):
                search.mark[search.seen[j]] = 0
    return flipped


@allocating_kernel
def _search_from(graph: Graph, price: Ints, capacity: Places, chosen: Flags, search: _PathSearch, root: int) -> int:
    """Run Dijkstra from one person along alternating pairs; returns the number of places reached."""
    people = len(capacity)
    pairs = len(chosen)
    search.heap[0] = root
    search.place[root] = 0
    search.distance[root] = 0
    search.by[root] = -1
    search.mark[root] = 1
    search.seen[0] = root
    size = seen = 1
    while size and seen < _MOST_SEEN:
        place = search.heap[0]
        size -= 1
        if size:
            search.heap[0] = search.heap[size]
            sift_down(search.distance, search.heap, search.place, 0, size)
        search.mark[place] = 2
        needs = place < people
        v = place if needs else place - people
        for i in range(graph.start[v], graph.start[v + 1]):
            e = graph.pair[i] % pairs
            y = (graph.ends[graph.pair[i]] ^ v) - people
            onward = y + people if needs else y
            if (chosen[e] != 0) == needs or not capacity[y] or search.mark[onward] == 2:
                continue
            lacking = price[v] + price[y] - 2 * graph.weight[graph.pair[i]]
            distance = search.distance[place] + max(np.int64(0), lacking if needs else -lacking)
            if search.mark[onward] == 0:
                search.mark[onward] = 1
                search.seen[seen] = onward
                search.heap[size] = onward
                search.place[onward] = size
                size += 1
                seen += 1
            elif distance >= search.distance[onward]:
                continue
            search.distance[onward] = distance
            search.by[onward] = graph.pair[i]
            sift_up(search.distance, search.heap, search.place, search.place[onward])
    return seen


@allocating_kernel
def _flip_best_path(
    graph: Graph,
    price: Ints,
    capacity: Places,
    first: Ints,
    chosen: Flags,
    degree: Places,
    search: _PathSearch,
    root: int,
    seen: int,
) -> int:
    """Flip the best path that uses nobody twice and has a gain, of the ten most promising ends; returns how many."""
    people = len(capacity)
    worth = price[root] + 2 * (first[root] if degree[root] == 0 else 0)
    for _ in range(10):
        best = np.int64(0)
        end = -1
        for j in range(1, seen):
            place = search.seen[j]
            if search.mark[place] == 2:
                gain = worth - search.distance[place] + _end_gain(price, capacity, first, degree, place, people)
                if gain > best:
                    best = gain
                    end = place
        if end < 0:
            return 0
        search.mark[end] = 3  # Examined.
        if _gain(graph, first, degree, search, root, end) > 0:
            _flip(graph, chosen, degree, search, root, end, people)
            return 1
    return 0


@allocating_kernel
def _end_gain(price: Ints, capacity: Places, first: Ints, degree: Places, place: int, people: int) -> Any:
    """The gain of ending a path here: a person with free capacity gets a pair, or a person loses one."""
    if place >= people:
        v = place - people
        return price[v] + 2 * (first[v] if degree[v] == 0 else 0) if degree[v] < capacity[v] else -FAR
    return -price[place] - 2 * (first[place] if degree[place] == 1 else 0)


@allocating_kernel
def _gain(graph: Graph, first: Ints, degree: Places, search: _PathSearch, root: int, end: int) -> Any:
    """The exact gain of flipping a path; 0 when it uses a person twice."""
    people = len(degree)
    gain = np.int64(0)
    place = end
    simple = True
    while True:
        v = place % people
        simple = simple and not search.visited[v]
        search.visited[v] = 1
        if place == root or not simple:
            break
        arc = search.by[place]
        gain += graph.weight[arc] if place >= people else -graph.weight[arc]
        place = _before(graph, place, arc, people)
    last = place
    place = end
    while True:
        search.visited[place % people] = 0
        if place == last:
            break
        place = _before(graph, place, search.by[place], people)
    if not simple:
        return np.int64(0)
    gain += first[root] if degree[root] == 0 else 0
    if end >= people:
        return gain + (first[end - people] if degree[end - people] == 0 else 0)
    return gain - (first[end] if degree[end] == 1 else 0)


@allocating_kernel
def _before(graph: Graph, place: int, arc: int, people: int) -> int:
    """The previous place of a path, along an arc that leads from the person's first copy to the other's second."""
    if place >= people:
        return int(graph.ends[arc] ^ place)
    return int(graph.ends[arc] ^ (place + people)) + people


@allocating_kernel
def _flip(graph: Graph, chosen: Flags, degree: Places, search: _PathSearch, root: int, end: int, people: int) -> None:
    degree[root] += 1
    degree[end % people] += 1 if end >= people else -1
    while end != root:
        arc = search.by[end]
        chosen[arc % len(chosen)] ^= 1
        end = _before(graph, end, arc, people)
