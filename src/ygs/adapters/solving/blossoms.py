"""Exact pairs in a market without two sides: Edmonds' algorithm with blossoms, started from the double cover's prices.

A *blossom* is an odd set of people along a cycle of tight pairs, treated as one node. Everybody has a price, and so has
each blossom; a pair is *tight* when the prices of its ends, and of all blossoms around both, equal its weight. The
cover leaves a person without a pair on each odd cycle, at a price above 0. From each of them in turn an alternating
tree of tight pairs grows, while prices fall at its outer nodes and rise at its inner ones, until the tree reaches
somebody else without a pair, or the price of an outer person is 0. The prices then prove the choice (Edmonds 1965; the
start: Derigs and Metz 1986).

Prices are in half units. Weights are even in these, so the prices of a tree are all even or all odd, and stay whole.
"""

import heapq
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.graph import Flags, Ints, Places, graph_of

_FREE, _OUTER, _INNER = range(3)
_NONE = -1
_NEVER = 1 << 61

# A heap: the time, and the pair that becomes tight then, or ``-2 - blossom`` for an inner blossom that is worth 0.
Events: TypeAlias = list[tuple[Any, Any]]
Nodes: TypeAlias = list[Any]


class Matched(NamedTuple):
    """`chosen`: flags per pair. `price`: per person, and `bound`: the greatest total these allow, in half units."""

    chosen: Flags
    price: Ints
    bound: int


class _Pairs(NamedTuple):
    """Person ``v`` is in the pairs ``pair[start[v] : start[v + 1]]``; per pair both ends and the weight, half units."""

    start: Ints
    pair: Places
    one: Places
    other: Places
    weight: Ints


class _State(NamedTuple):
    """The choice and the prices, per person; and what is per *node*, a person or a blossom, numbered after people.

    Time is how far prices have moved since a tree began. Labels are those of outermost nodes in the tree.
    """

    price: Ints
    pair: Places  # the chosen pair, or _NONE
    top: Places  # the outermost node around a person
    worth: Ints  # per node: the price of a blossom
    around: Places  # the blossom around a node, or _NONE
    base: Places  # the person whose pair leads out of a node
    child: Places  # of a blossom: the child with the base; its children form a circle
    after: Places
    before: Places
    link: Places  # of a child: the pair to the child after it
    label: Flags
    entered: Ints  # the time of the label, to which the prices inside the node refer
    reached: Places  # of an inner node: the pair to its outer parent
    spare: Places  # numbers for blossoms
    spares: Ints  # how many of them are left
    stop: Ints  # when a tree ends at the latest, and how: by a pair, or ``-1 - person`` whose price is 0
    mark: Flags


def matched(one: Places, other: Places, weight: Ints, price: Ints, chosen: Flags) -> Matched:
    """Choose pairs of the greatest total weight, at most one a person.

    `weight` is in half units, and even. `price` may be any; the nearer to the best, the faster. `chosen` has at most
    one pair a person, of which the tight ones are kept.
    """
    people = len(price)
    graph = graph_of(people, one, other, weight, np.zeros(people, np.uint8))
    pairs = _Pairs(graph.start, graph.pair, one, other, weight)
    state = _blank(price)
    _keep_tight(pairs, state, chosen)
    bound = _match(pairs, state)
    kept = np.zeros(len(weight), np.uint8)
    kept[state.pair[state.pair >= 0]] = 1
    return Matched(kept, state.price, int(bound))


def _blank(price: Ints) -> _State:
    people = len(price)
    nodes = people + people // 2 + 1
    around, child, after, before, link, reached = (np.full(nodes, _NONE, np.int32) for _ in range(6))
    own = np.arange(nodes, dtype=np.int32)
    return _State(
        price=np.maximum(price, 0),
        pair=np.full(people, _NONE, np.int32),
        top=own[:people].copy(),
        worth=np.zeros(nodes, np.int64),
        around=around,
        base=own.copy(),
        child=child,
        after=after,
        before=before,
        link=link,
        label=np.zeros(nodes, np.uint8),
        entered=np.zeros(nodes, np.int64),
        reached=reached,
        spare=own[people:][::-1].copy(),
        spares=np.array([nodes - people]),
        stop=np.zeros(2, np.int64),
        mark=np.zeros(nodes, np.uint8),
    )


@allocating_kernel
def _keep_tight(pairs: _Pairs, state: _State, chosen: Flags) -> None:
    """Raise prices until no pair is worth more than both together, and take the chosen pairs that are tight."""
    for e in range(len(pairs.weight)):
        one = pairs.one[e]
        state.price[one] = max(state.price[one], pairs.weight[e] - state.price[pairs.other[e]])
    for e in range(len(pairs.weight)):
        if chosen[e] and state.price[pairs.one[e]] + state.price[pairs.other[e]] == pairs.weight[e]:
            state.pair[pairs.one[e]] = e
            state.pair[pairs.other[e]] = e


@allocating_kernel
def _match(pairs: _Pairs, state: _State) -> int:
    """Grow a tree from everybody who has no pair and a price above 0; returns the bound of all prices."""
    people = len(state.price)
    for v in range(people):
        if state.pair[v] < 0 and state.price[v] > 0:
            _grow_tree(pairs, state, v)
    bound = np.int64(0)
    for v in range(people):
        bound += state.price[v]
    for blossom in range(people, len(state.worth)):
        if state.worth[blossom]:
            bound += state.worth[blossom] * (len(_people_in(state, blossom)) // 2)
    return int(bound)


@allocating_kernel
def _grow_tree(pairs: _Pairs, state: _State, root: int) -> None:
    """Grow a tree until it ends, flip the path to its end, and settle the prices."""
    events = [(np.int64(0), np.int64(0))]
    tree = [np.int64(root)]
    events.clear()
    tree.clear()
    state.stop[0] = _NEVER
    _make_outer(pairs, state, state.top[root], 0, events, tree)
    while events and events[0][0] < state.stop[0]:
        now, what = heapq.heappop(events)
        if what >= 0:
            _use_pair(pairs, state, what, now, events, tree)
        elif _is_worthless(state, -2 - what, now):
            _expand(pairs, state, -2 - what, now, events, tree)
    _flip_to_end(pairs, state)
    for node in tree:
        _settle(state, node, state.stop[0])
    for node in tree:
        if node >= len(state.price) and state.around[node] < 0:
            _take_apart(state, node)


@allocating_kernel
def _use_pair(pairs: _Pairs, state: _State, e: int, now: int, events: Events, tree: Nodes) -> None:
    """Grow the tree, or close a blossom, by a pair that is tight; what became of it since may have made it useless."""
    one = pairs.one[e]
    other = pairs.other[e]
    if state.label[state.top[one]] != _OUTER:
        one, other = other, one
    there = state.top[other]
    if state.label[state.top[one]] != _OUTER or there == state.top[one] or state.label[there] == _INNER:
        return
    if _price(state, one, now) + _price(state, other, now) != pairs.weight[e]:
        return
    if state.label[there] == _OUTER:
        _shrink(pairs, state, e, now, events, tree)
        return
    _enter(state, there, _INNER, now, tree)
    state.reached[there] = e
    _await_worthless(state, there, now, events)
    _make_outer(pairs, state, state.top[_partner(pairs, state, there)], now, events, tree)


@allocating_kernel
def _price(state: _State, v: int, now: int) -> int:
    """The price of a person at a time."""
    node = state.top[v]
    if state.label[node] == _FREE:
        return int(state.price[v])
    moved = now - state.entered[node]
    return int(state.price[v] - moved if state.label[node] == _OUTER else state.price[v] + moved)


@allocating_kernel
def _partner(pairs: _Pairs, state: _State, node: int) -> int:
    """The person that the base of a node is paired with."""
    base = state.base[node]
    e = state.pair[base]
    return int(pairs.one[e] ^ pairs.other[e] ^ base)


@allocating_kernel
def _enter(state: _State, node: int, label: int, now: int, tree: Nodes) -> None:
    state.label[node] = label
    state.entered[node] = now
    tree.append(np.int64(node))


@allocating_kernel
def _make_outer(pairs: _Pairs, state: _State, node: int, now: int, events: Events, tree: Nodes) -> None:
    _enter(state, node, _OUTER, now, tree)
    for v in _people_in(state, node):
        _await_pairs(pairs, state, v, now, events)


@allocating_kernel
def _await_pairs(pairs: _Pairs, state: _State, v: int, now: int, events: Events) -> None:
    """Note when the pairs of a person who just became outer, or free, become tight, and when the price will be 0."""
    outer = state.label[state.top[v]] == _OUTER
    if outer and now + state.price[v] < state.stop[0]:
        state.stop[0] = now + state.price[v]
        state.stop[1] = -1 - v
    for i in range(pairs.start[v], pairs.start[v + 1]):
        e = pairs.pair[i]
        u = pairs.one[e] ^ pairs.other[e] ^ v
        there = state.top[u]
        label = state.label[there]
        if there == state.top[v] or label == _INNER or not (outer or label == _OUTER):
            continue
        time = state.price[v] + _price(state, u, now) - pairs.weight[e]
        time = now + (time >> 1 if outer and label == _OUTER else time)
        if time >= state.stop[0]:
            continue
        if label == _FREE and state.pair[state.base[there]] < 0:
            state.stop[0] = time
            state.stop[1] = e
        else:
            heapq.heappush(events, (np.int64(time), np.int64(e)))


@allocating_kernel
def _await_worthless(state: _State, node: int, now: int, events: Events) -> None:
    """Note when an inner blossom will be worth nothing."""
    time = now + (state.worth[node] >> 1)
    if node >= len(state.price) and time < state.stop[0]:
        heapq.heappush(events, (np.int64(time), np.int64(-2 - node)))


@allocating_kernel
def _is_worthless(state: _State, node: int, now: int) -> bool:
    inner = state.label[node] == _INNER and state.around[node] < 0
    return bool(inner and state.worth[node] == 2 * (now - state.entered[node]))


@allocating_kernel
def _settle(state: _State, node: int, now: int) -> None:
    """Bring the prices inside an outermost node up to date, and take its label off."""
    label = state.label[node]
    if label == _FREE:
        return
    moved = now - state.entered[node] if label == _OUTER else state.entered[node] - now
    for v in _people_in(state, node):
        state.price[v] -= moved
    if node >= len(state.price):
        state.worth[node] += 2 * moved
    state.label[node] = _FREE


@allocating_kernel
def _people_in(state: _State, node: int) -> Places:
    """The people inside a node, in the order of its circles."""
    people = len(state.price)
    many = 0
    found = np.empty(8, np.int32)
    at = node
    while True:
        while at >= people:
            at = state.child[at]
        if many == len(found):
            found = np.concatenate((found, np.empty(many, np.int32)))
        found[many] = at
        many += 1
        while at != node and state.after[at] == state.child[state.around[at]]:
            at = state.around[at]
        if at == node:
            return found[:many]
        at = state.after[at]


@allocating_kernel
def _shrink(pairs: _Pairs, state: _State, e: int, now: int, events: Events, tree: Nodes) -> None:
    """Make a blossom of the circle that a tight pair between two outer nodes closes."""
    here = _path_up(pairs, state, state.top[pairs.one[e]])
    there = _path_up(pairs, state, state.top[pairs.other[e]])
    mine = len(here)
    theirs = len(there)
    while mine > 1 and theirs > 1 and here[mine - 2] == there[theirs - 2]:
        mine -= 1
        theirs -= 1
    state.spares[0] -= 1
    blossom = state.spare[state.spares[0]]
    first = here[mine - 1]
    last = first
    for k in range(mine - 2, -1, -1):
        _attach(state, last, here[k], _pair_up(state, here[k]))
        last = here[k]
    link = e
    for k in range(theirs - 1):
        _attach(state, last, there[k], link)
        last = there[k]
        link = _pair_up(state, last)
    _attach(state, last, first, link)
    state.child[blossom] = first
    state.base[blossom] = state.base[first]
    state.worth[blossom] = 0
    _close(pairs, state, blossom, now, events, tree)


@allocating_kernel
def _path_up(pairs: _Pairs, state: _State, node: int) -> Nodes:
    """The nodes from an outer one up to the root."""
    path = [np.int64(node)]
    while state.pair[state.base[node]] >= 0:
        inner = state.top[_partner(pairs, state, node)]
        e = state.reached[inner]
        outside = pairs.one[e] if state.top[pairs.one[e]] != inner else pairs.other[e]
        node = state.top[outside]
        path.append(np.int64(inner))
        path.append(np.int64(node))
    return path


@allocating_kernel
def _pair_up(state: _State, node: int) -> int:
    """The pair that leads from a node of the tree to its parent."""
    return int(state.pair[state.base[node]] if state.label[node] == _OUTER else state.reached[node])


@allocating_kernel
def _attach(state: _State, node: int, following: int, e: int) -> None:
    state.after[node] = following
    state.before[following] = node
    state.link[node] = e


@allocating_kernel
def _close(pairs: _Pairs, state: _State, blossom: int, now: int, events: Events, tree: Nodes) -> None:
    """Make the children of a new blossom part of it; those that were inner become outer with it."""
    inner = [np.int64(0)]
    inner.clear()
    at = state.child[blossom]
    while True:
        if state.label[at] == _INNER:
            inner.append(np.int64(at))
        _settle(state, at, now)
        state.around[at] = blossom
        at = state.after[at]
        if at == state.child[blossom]:
            break
    for v in _people_in(state, blossom):
        state.top[v] = blossom
    _enter(state, blossom, _OUTER, now, tree)
    for node in inner:
        for v in _people_in(state, node):
            _await_pairs(pairs, state, v, now, events)


@allocating_kernel
def _expand(pairs: _Pairs, state: _State, blossom: int, now: int, events: Events, tree: Nodes) -> None:
    """Put an inner blossom's children in its place: in the tree those between where it was reached and its base."""
    _settle(state, blossom, now)
    e = state.reached[blossom]
    entry = pairs.one[e] if state.top[pairs.one[e]] == blossom else pairs.other[e]
    node = _child_around(state, entry, blossom)
    base = state.child[blossom]
    forward = _steps(state, node, base) % 2 == 0
    children = _release(state, blossom)
    _enter(state, node, _INNER, now, tree)
    state.reached[node] = e
    while node != base:
        outer = state.after[node] if forward else state.before[node]
        _enter(state, outer, _OUTER, now, tree)
        node = state.after[outer] if forward else state.before[outer]
        _enter(state, node, _INNER, now, tree)
        state.reached[node] = state.link[outer] if forward else state.link[node]
    for each in children:
        if state.label[each] == _INNER:
            _await_worthless(state, each, now, events)
        else:
            for v in _people_in(state, each):
                _await_pairs(pairs, state, v, now, events)


@allocating_kernel
def _child_around(state: _State, node: int, blossom: int) -> int:
    while state.around[node] != blossom:
        node = state.around[node]
    return node


@allocating_kernel
def _steps(state: _State, node: int, until: int) -> int:
    steps = 0
    while node != until:
        node = state.after[node]
        steps += 1
    return steps


@allocating_kernel
def _release(state: _State, blossom: int) -> Nodes:
    """Make the children of an outermost blossom outermost, and give its number back; returns the children."""
    children = [np.int64(state.child[blossom])]
    at = state.after[state.child[blossom]]
    while at != state.child[blossom]:
        children.append(np.int64(at))
        at = state.after[at]
    for each in children:
        state.around[each] = _NONE
        for v in _people_in(state, each):
            state.top[v] = each
    state.child[blossom] = _NONE
    state.spare[state.spares[0]] = blossom
    state.spares[0] += 1
    return children


@allocating_kernel
def _take_apart(state: _State, blossom: int) -> None:
    """Release the children of an outermost blossom that is worth nothing, and theirs."""
    left = [np.int64(blossom)]
    while left:
        node = left.pop()
        if node >= len(state.price) and state.child[node] >= 0 and state.worth[node] == 0:
            left.extend(_release(state, node))


@allocating_kernel
def _flip_to_end(pairs: _Pairs, state: _State) -> None:
    """Give the root a pair: flip the choice along the path from where the tree ended."""
    e = state.stop[1]
    v = -1 - e
    if e >= 0:
        v = pairs.one[e]
        if state.label[state.top[v]] != _OUTER:
            v = pairs.other[e]
        beyond = pairs.one[e] ^ pairs.other[e] ^ v
        _rotate(pairs, state, state.top[beyond], beyond)
        state.pair[beyond] = e
    e = max(e, np.int64(_NONE))
    while True:
        node = state.top[v]
        before = state.pair[state.base[node]]
        inner = state.top[_partner(pairs, state, node)] if before >= 0 else _NONE
        _rotate(pairs, state, node, v)
        state.pair[v] = e
        if before < 0:
            return
        e = state.reached[inner]
        inside = pairs.one[e] if state.top[pairs.one[e]] == inner else pairs.other[e]
        _rotate(pairs, state, inner, inside)
        state.pair[inside] = e
        v = pairs.one[e] ^ pairs.other[e] ^ inside


@allocating_kernel
def _rotate(pairs: _Pairs, state: _State, node: int, v: int) -> None:
    """Make a person the base of a node, and choose pairs inside for everybody else in it."""
    left = [(np.int64(node), np.int64(v))]
    while left:
        blossom, base = left.pop()
        if blossom < len(state.price):
            continue
        child = _child_around(state, base, blossom)
        left.append((np.int64(child), np.int64(base)))
        forward = _steps(state, child, state.child[blossom]) % 2 == 0
        at = child
        while at != state.child[blossom]:
            one = state.after[at] if forward else state.before[at]
            other = state.after[one] if forward else state.before[one]
            e = state.link[one] if forward else state.link[other]
            inside = pairs.one[e] if _is_inside(state, pairs.one[e], one) else pairs.other[e]
            left.append((np.int64(one), np.int64(inside)))
            left.append((np.int64(other), np.int64(pairs.one[e] ^ pairs.other[e] ^ inside)))
            state.pair[pairs.one[e]] = e
            state.pair[pairs.other[e]] = e
            at = other
        state.child[blossom] = child
        state.base[blossom] = base


@allocating_kernel
def _is_inside(state: _State, v: int, node: int) -> bool:
    at = v
    while at != node and state.around[at] >= 0:
        at = state.around[at]
    return bool(at == node)
