"""Markets without two sides: what the double cover chooses by half, decided by branching and bounding.

Where the cover's flow chooses a pair in one direction only, the pair lies on an odd cycle. One branch takes the pair,
the other leaves it; each starts from its parent's prices, so a branch costs a few short paths. The most promising
branch goes first. A small market is searched to the end, and its optimum proven; in a large one the search stops in
time, and what it found stands beside the cover's bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.solving.folding import Folding
from ygs.adapters.solving.graph import NEVER, Graph, Ints, Places, State
from ygs.adapters.solving.repair import repair, room, settle
from ygs.ports.matching import Progress

_MOST_WORK = 50_000_000  # pairs in the branches made, before a search that found something may stop
_MOST_HELD = 256 << 20  # bytes of branches waiting


@dataclass(frozen=True, slots=True)
class Decided:
    """Which pairs are chosen, as ascending positions, their total, and a total that no choice exceeds. `proven`: no
    choice among these pairs is better."""

    chosen: NDArray[Any]
    total: int
    bound: int
    proven: bool


@dataclass(slots=True)
class _Branch:
    state: State
    left: tuple[int, ...]
    taken: tuple[int, ...]
    fixed: int  # what the taken pairs are worth
    doubled: int  # twice what the rest is worth, at most

    @property
    def bound(self) -> int:
        return self.fixed + self.doubled // 2


def decide(graph: Graph, state: State, folding: Folding, a: Places, b: Places, progress: Progress) -> Decided:
    """Turn the double cover's choice, `state`, into one of whole pairs."""
    root = _Branch(state, (), (), 0, total_of(graph, state, folding))
    tree = _Tree(graph, folding, a, b)
    best, found, given_up, work = -1, root, -1, 0
    waiting = [root]
    while waiting:
        branch = waiting.pop()
        if branch.bound <= best:
            continue
        half = tree.half(branch)
        if half is None:
            best, found = branch.bound, branch
            continue
        if best >= 0 and work > _MOST_WORK:
            given_up = max(given_up, branch.bound)
            continue
        waiting += sorted(tree.children(branch, half), key=lambda child: child.bound)
        work += 2 * len(graph.weight)
        while len(waiting) > tree.room:
            given_up = max(given_up, waiting.pop(0).bound)
        progress("decide", len(waiting), len(waiting) + 1)
    whole = np.flatnonzero(found.state.chosen[: len(a)])
    chosen = np.sort(np.concatenate((whole, np.array(found.taken, np.int64))))
    return Decided(chosen, best, root.bound, given_up <= best)


class _Tree:
    """Makes branches: solves what is left of a problem once a pair is taken or left."""

    def __init__(self, graph: Graph, folding: Folding, a: Places, b: Places) -> None:
        self.graph, self.folding, self.a, self.b, self.pairs = graph, folding, a, b, len(a)
        self.search = room(len(graph.side))
        self.weight: Ints = graph.weight.copy()
        self.room = max(2, _MOST_HELD // (3 * len(a) + 30 * len(graph.side)))

    def half(self, branch: _Branch) -> int | None:
        """The first pair chosen by half, if any."""
        chosen = branch.state.chosen
        halves = np.flatnonzero(chosen[: self.pairs] != chosen[self.pairs :])
        return int(halves[0]) if len(halves) else None

    def children(self, branch: _Branch, pair: int) -> Iterator[_Branch]:
        """The branch that leaves a pair, and the one that takes it."""
        yield self._solved(branch.state.copy(), (*branch.left, pair), branch.taken, branch.fixed)
        copy = branch.state.copy()
        fixed = branch.fixed + int(self.weight[pair])
        people = len(self.graph.side) // 2
        for person in (int(self.a[pair]), int(self.b[pair])):
            fixed += _worth(copy.first[[person]], self.folding)
            copy.capacity[[person, person + people]] -= 1
            copy.first[[person, person + people]] = 0
        yield self._solved(copy, (*branch.left, pair), (*branch.taken, pair), fixed)

    def _solved(self, state: State, left: tuple[int, ...], taken: tuple[int, ...], fixed: int) -> _Branch:
        gone = np.array(left)
        gone = np.concatenate((gone, gone + self.pairs))
        self.graph.weight[gone] = NEVER
        settle(self.graph, state)
        repair(self.graph, state, self.search, 0, len(state.price))
        doubled = total_of(self.graph, state, self.folding)
        self.graph.weight[gone] = self.weight[gone]
        return _Branch(state, left, taken, fixed, doubled)


def total_of(graph: Graph, state: State, folding: Folding) -> int:
    """Twice what is chosen, in whole units."""
    return int(graph.weight[state.chosen != 0].sum()) + _worth(state.first[state.degree > 0], folding)


def _worth(first: Ints, folding: Folding) -> int:
    """What these firsts are in whole units: a first is a sum of units, and those are powers of two."""
    counts = (int(np.count_nonzero(first & unit)) for unit in folding.units)
    return sum(count * whole for count, whole in zip(counts, folding.whole, strict=True))


def kept_apart(price: Ints, units: tuple[int, ...]) -> bool:
    """Whether each price is at most two units of every tier, and less than an eighth of the last one besides.

    Then no two prices' sum, with a weight or a first, carries from one tier into the next, so that what is optimal in
    one number is optimal in the tiers' order.
    """
    rest = price
    for unit in units:
        digit = (rest + (unit >> 1)) // unit
        if len(digit) and int(np.abs(digit).max()) > 2:
            return False
        rest = rest - digit * unit
    return not len(rest) or int(np.abs(rest).max()) < units[-1] >> 3
