"""A market's pairs as a graph in arrays, and the state of a solution on the way to the optimum.

Each person is a node on one of two sides (two nodes, one on each side, when the market has no two sides). A node's
*price* is the least worth of one more introduction; a pair's *excess* is its weight less both prices. A solution is
optimal when every chosen pair has an excess of at least 0, every other pair of at most 0, and the number of a node's
pairs fits its price: none below ``-first``, one between ``-first`` and 0, its capacity above 0, either on the borders.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.jit import allocating_kernel, kernel

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
    start = np.zeros(nodes + 1, np.int64)
    # NumPy asks for huge pages, kernels do not: in an array of theirs all that reads it takes a tenth longer.
    pair = np.empty(2 * len(one), np.int32)
    _fill_rows(start, pair, one, other)
    return Graph(start, pair, one ^ other, weight, side)


@allocating_kernel
def _fill_rows(start: Ints, pair: Places, one: Places, other: Places) -> None:
    for e in range(len(one)):
        start[one[e] + 1] += 1
        start[other[e] + 1] += 1
    for v in range(len(start) - 1):
        start[v + 1] += start[v]
    at = start[:-1].copy()
    for e in range(len(one)):
        for v in (one[e], other[e]):
            pair[at[v]] = e
            at[v] += 1


@allocating_kernel
def two_sides(nodes: int, one: Places, other: Places) -> tuple[Flags, bool]:
    """A side for every node so that each pair crosses sides, and whether there is one; by joining trees.

    The first node of each component is its root, and on side 0.
    """
    parent = np.arange(nodes).astype(np.int32)
    side = np.zeros(nodes, np.uint8)
    for e in range(len(one)):
        a, a_side = _root(parent, side, one[e])
        b, b_side = _root(parent, side, other[e])
        if a == b and a_side == b_side:
            return side, False
        if a != b:
            parent[max(a, b)] = min(a, b)
            side[max(a, b)] = 1 ^ a_side ^ b_side
    for v in range(nodes):
        _root(parent, side, v)
    return side, True


@kernel
def _root(parent: Places, side: Flags, v: int) -> Any:
    """The root of a node's tree, and the node's side if the root's is 0; the way there is halved.

    `side`: of each node, if its parent's is 0.
    """
    away = np.uint8(0)
    while parent[v] != v:
        side[v] ^= side[parent[v]]
        parent[v] = parent[parent[v]]
        away ^= side[v]
        v = parent[v]
    return v, away


@allocating_kernel
def kth_worth(first: Any, k: Any) -> Any:
    """The worth of a person's k-th introduction besides its pair's weight."""
    return first if k == 1 else np.int64(0)
