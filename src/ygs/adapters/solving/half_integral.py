"""Markets without two sides: decides the pairs that the double cover chooses by half.

A pair that the cover's flow chooses in one direction only lies on a cycle. Where nobody may have more than one pair,
`blossoms` finds the best choice, whose bound is its own total. Else rounding and improving gives a choice very near the
cover's bound. Then one branch takes such a pair, another leaves it; each starts from its parent's prices, so a
branch costs a few short paths. A small market is searched to the end, and its optimum proven. In a large market,
leaving one pair only moves the odd cycle elsewhere; the search stops after a limit, and the best choice is returned
with the cover's bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.jit import compiling
from ygs.adapters.solving.alternating_paths import round_and_improve, rounded
from ygs.adapters.solving.augmenting_paths import choose_by_price, new_search, repair
from ygs.adapters.solving.blossoms import matched
from ygs.adapters.solving.graph import NEVER, Graph, Ints, Places, State
from ygs.adapters.solving.lexicographic_weights import Folding
from ygs.ports.scoring_and_solving import Progress

_MOST_WORK = 20_000_000  # Pairs in all branches before the search stops: a few seconds.
_MOST_HELD = 256 << 20  # Bytes of waiting branches.


@dataclass(frozen=True, slots=True)
class FixedHalves:
    """A choice of whole pairs: ascending positions, its total, and a `bound` that no choice exceeds.

    `proven`: no choice among these pairs is better. `price`: per person, in half units, from which the bound follows.
    """

    chosen: NDArray[Any]
    total: int
    bound: int
    proven: bool
    price: Ints


@dataclass(slots=True)
class _Branch:
    state: State
    left: tuple[int, ...]
    taken: tuple[int, ...]
    fixed: int  # The worth of the taken pairs.
    doubled: int  # Twice the greatest possible worth of the rest.

    @property
    def bound(self) -> int:
        return self.fixed + self.doubled // 2


def decide_halves(
    graph: Graph, state: State, folding: Folding, a: Places, b: Places, progress: Progress
) -> FixedHalves:
    """Find a choice of whole pairs from the double cover's choice, `state`."""
    if folding.spaced or int(state.capacity.max(initial=0)) > 1:
        return branch_and_bound(graph, state, folding, a, b, progress)
    progress("decide", 0, 1)
    with compiling(progress, rounded):
        decided = _by_blossoms(graph, state, a, b)
    progress("decide", 1, 1)
    return decided


def _by_blossoms(graph: Graph, state: State, a: Places, b: Places) -> FixedHalves:
    """The best choice of at most one pair a person, which all have capacity 1 or 0.

    A pair is then its people's first, so it weighs as much more as their firsts.
    """
    people = len(state.price) // 2
    first = state.first[:people]
    price = _of_both(state.price)
    allowed = np.flatnonzero(state.capacity[a] & state.capacity[b])
    one = a[allowed]
    other = b[allowed]
    weight = 2 * (graph.weight[allowed] + first[one] + first[other])
    start = np.where(state.capacity[:people] > 0, price + 2 * first, 0)
    whole, _ = rounded(graph, state.chosen, price, len(a))
    found = matched(one, other, weight, start, whole[allowed])
    at = np.flatnonzero(found.chosen)
    total = int(weight[at].sum()) // 2
    return FixedHalves(allowed[at], total, found.bound // 2, proven=True, price=found.price - 2 * first)


def branch_and_bound(
    graph: Graph, state: State, folding: Folding, a: Places, b: Places, progress: Progress
) -> FixedHalves:
    """Find a choice of whole pairs, where people may have several, from the double cover's choice, `state`."""
    root = _Branch(state, (), (), 0, total_of(graph, state, folding))
    tree = _SearchTree(graph, folding, state.first, a, b)
    best = -1
    chosen = np.zeros(0, np.int64)
    fewest = len(a) + 1
    given_up = -1
    work = 0
    waiting = [root]
    while waiting:
        branch = waiting.pop()
        if branch.bound <= best:
            continue
        halves = tree.halves(branch)
        if len(halves) < fewest or not len(halves):
            fewest = len(halves)
            rounded = tree.round_and_improve(branch)
            best, chosen = max((best, chosen), (tree.total(rounded), rounded), key=lambda each: each[0])
        if not len(halves):
            continue
        if work > _MOST_WORK:
            given_up = max(given_up, branch.bound)
        else:
            waiting += sorted(tree.children(branch, int(halves[0])), key=lambda child: child.bound)
            work += 2 * len(graph.weight)
            progress("decide", work, max(work, _MOST_WORK))
        while len(waiting) > tree.most_waiting:
            given_up = max(given_up, waiting.pop(0).bound)
    return FixedHalves(chosen, best, root.bound, proven=given_up <= best, price=_of_both(state.price))


class _SearchTree:
    """Makes the branches: takes or leaves a pair and solves the rest."""

    def __init__(self, graph: Graph, folding: Folding, first: Ints, a: Places, b: Places) -> None:
        self.graph = graph
        self.folding = folding
        self.a = a
        self.b = b
        self.pairs = len(a)
        self.search = new_search(len(graph.side))
        self.weight: Ints = graph.weight.copy()
        self.first = first.copy()
        self.most_waiting = max(2, _MOST_HELD // (3 * len(a) + 30 * len(graph.side)))

    def halves(self, branch: _Branch) -> NDArray[Any]:
        """The pairs chosen by half, ascending."""
        chosen = branch.state.chosen
        return np.flatnonzero(chosen[: self.pairs] != chosen[self.pairs :])

    def round_and_improve(self, branch: _Branch) -> NDArray[Any]:
        """A choice of whole pairs near the branch's optimum, ascending; optimal when no pair is chosen by half."""
        self._forbid(branch.left)
        whole = np.flatnonzero(round_and_improve(self.graph, branch.state, self.pairs))
        self._allow(branch.left)
        return np.sort(np.concatenate((whole, np.array(branch.taken, np.int64))))

    def total(self, chosen: NDArray[Any]) -> int:
        """The total of a choice of whole pairs, in whole units."""
        people = np.unique(np.concatenate((self.a[chosen], self.b[chosen])))
        return int(self.weight[chosen].sum()) + _worth(self.first[people], self.folding)

    def children(self, branch: _Branch, pair: int) -> Iterator[_Branch]:
        """The branch that leaves a pair, and the branch that takes it."""
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
        self._forbid(left)
        choose_by_price(self.graph, state)
        repair(self.graph, state, self.search, 0, len(state.price))
        doubled = total_of(self.graph, state, self.folding)
        self._allow(left)
        return _Branch(state, left, taken, fixed, doubled)

    def _forbid(self, left: tuple[int, ...]) -> None:
        for copy in (0, self.pairs):
            self.graph.weight[np.array(left, np.int64) + copy] = NEVER

    def _allow(self, left: tuple[int, ...]) -> None:
        for at in (*left, *(at + self.pairs for at in left)):
            self.graph.weight[at] = self.weight[at]


def _of_both(price: Ints) -> Ints:
    """The cover's prices, of two nodes a person, as prices per person in half units."""
    people = len(price) // 2
    return price[:people] + price[people:]


def total_of(graph: Graph, state: State, folding: Folding) -> int:
    """The total of the double cover's choice, which is twice that of the pairs, in whole units."""
    return int(graph.weight[state.chosen != 0].sum()) + _worth(state.first[state.degree > 0], folding)


def _worth(first: Ints, folding: Folding) -> int:
    """The sum of these firsts in whole units; a first is a sum of units, which are powers of two."""
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
