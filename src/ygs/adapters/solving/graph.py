"""A market's pairs as a graph in arrays, and the state of a solution while it is being made exact.

Everybody stands on one of two sides (twice, once on each, when the market has no two sides). A node's *price* is what
one more introduction of theirs must be worth; a pair's *excess* is its weight less both prices. A solution is optimal
when every chosen pair has an excess of at least 0, every other one of at most 0, and every node is in as many pairs as
its price asks for: none below ``-first``, one between ``-first`` and 0, all it may above 0, either on the borders.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.jit import allocating_kernel

Flags: TypeAlias = NDArray[np.uint8]
Ints: TypeAlias = NDArray[np.int64]
Places: TypeAlias = NDArray[np.int32]

FAR = np.int64(1) << 60
# The weight of a pair that may not be chosen: below every price's reach, far enough from overflow.
NEVER = -(np.int64(1) << 58)


class Graph(NamedTuple):
    """Pairs by number: `weight`, and `ends`, both ends XORed, so that ``ends[pair] ^ one == other``. Around node ``v``
    are the pairs ``pair[start[v] : start[v + 1]]``. `side`: 0 or 1."""

    start: Ints
    pair: Places
    ends: Places
    weight: Ints
    side: Flags


class State(NamedTuple):
    """Per node its `price`, `capacity`, `first` worth, `degree` (chosen pairs) and `target` (what its price asks for);
    per pair whether it is `chosen`."""

    price: Ints
    capacity: Places
    first: Ints
    degree: Places
    target: Places
    chosen: Flags

    def copy(self) -> "State":
        """The same, to be changed."""
        price, first, chosen = self.price.copy(), self.first.copy(), self.chosen.copy()
        return State(price, self.capacity.copy(), first, self.degree.copy(), self.target.copy(), chosen)


def graph_of(nodes: int, one: Places, other: Places, weight: Ints, side: Flags) -> Graph:
    """The graph of these pairs (each once)."""
    start, pair = _around(nodes, one, other)
    return Graph(start, pair, one ^ other, weight, side)


@allocating_kernel
def _around(nodes: int, one: Places, other: Places) -> tuple[Ints, Places]:
    start = np.zeros(nodes + 1, np.int64)
    for e in range(len(one)):
        start[one[e] + 1] += 1
        start[other[e] + 1] += 1
    for v in range(nodes):
        start[v + 1] += start[v]
    at = start[:-1].copy()
    pair = np.empty(2 * len(one), np.int32)
    for e in range(len(one)):
        for v in (one[e], other[e]):
            pair[at[v]] = e
            at[v] += 1
    return start, pair


@allocating_kernel
def two_sides(nodes: int, one: Places, other: Places) -> tuple[Flags, bool]:
    """A side for every node so that each pair crosses, and whether that succeeded; by looking around breadth first."""
    start, pair = _around(nodes, one, other)
    side = np.full(nodes, 2, np.uint8)
    queue = np.empty(nodes, np.int32)
    for root in range(nodes):
        if side[root] != 2:
            continue
        side[root], queue[0], head, tail = 0, root, 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for i in range(start[v], start[v + 1]):
                e = pair[i]
                u = one[e] ^ other[e] ^ v
                if side[u] == side[v]:
                    return side, False
                if side[u] == 2:
                    side[u] = 1 - side[v]
                    queue[tail] = u
                    tail += 1
    return side, True


@allocating_kernel
def kth_worth(first: Any, k: Any) -> Any:
    """What a person's k-th introduction is worth besides its pair's weight."""
    return first if k == 1 else np.int64(0)
