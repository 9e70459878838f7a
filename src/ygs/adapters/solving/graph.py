"""A market's pairs as a graph in arrays, and the state of a solution on the way to the optimum.

Each person is a node on one of two sides (two nodes, one on each side, when the market has no two sides). A node's
*price* is the least worth of one more introduction; a pair's *excess* is its weight less both prices. A solution is
optimal when every chosen pair has an excess of at least 0, every other pair of at most 0, and the number of a node's
pairs fits its price: none below ``-first``, one between ``-first`` and 0, its capacity above 0, either on the borders.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.jit import allocating_kernel

Flags: TypeAlias = NDArray[np.uint8]
Ints: TypeAlias = NDArray[np.int64]
Places: TypeAlias = NDArray[np.int32]

FAR = np.int64(1) << 60
# The weight of a pair that may not be chosen: no prices reach so low, and it is far from overflow.
NEVER = -(np.int64(1) << 58)


class Graph(NamedTuple):
    """A graph in compressed rows: node ``v`` is in the pairs ``pair[start[v] : start[v + 1]]``.

    `weight`: per pair. `ends`: per pair, both ends XORed, so that ``ends[pair] ^ one == other``. `side`: per node, 0 or
    1.
    """

    start: Ints
    pair: Places
    ends: Places
    weight: Ints
    side: Flags


class State(NamedTuple):
    """Per node: `price`, `capacity`, `first` (the extra worth of its first pair), `degree` (the number of chosen pairs)
    and `target` (the number that fits its price). Per pair: whether it is `chosen`."""

    price: Ints
    capacity: Places
    first: Ints
    degree: Places
    target: Places
    chosen: Flags

    def copy(self) -> "State":
        """A copy that can be changed."""
        price = self.price.copy()
        first = self.first.copy()
        chosen = self.chosen.copy()
        return State(price, self.capacity.copy(), first, self.degree.copy(), self.target.copy(), chosen)


def graph_of(nodes: int, one: Places, other: Places, weight: Ints, side: Flags) -> Graph:
    """Build the graph of these pairs, each given once."""
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
    """A side for every node so that each pair crosses sides, and whether there is one; by breadth-first search."""
    start, pair = _around(nodes, one, other)
    side = np.full(nodes, 2, np.uint8)
    queue = np.empty(nodes, np.int32)
    for root in range(nodes):
        if side[root] != 2:
            continue
        side[root] = 0
        queue[0] = root
        head = 0
        tail = 1
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
    """The worth of a person's k-th introduction besides its pair's weight."""
    return first if k == 1 else np.int64(0)
