"""Choosing pairs exactly: the specification that every fast solver is tested against.

Each person has a capacity and a *first*: the worth of their being in any pair at all (a round folds its promises and
longest waits into it). The best pairing chooses pairs, each at most once, of the greatest total of weights and firsts.

When the people fall into two sides, this is a flow, found by successive best paths (Ford and Fulkerson 1957; Tomizawa
1971). When they do not, each person stands on both sides of a *double cover*; its flow, halved, is the optimum in which
a pair may also be chosen by half, and its prices bound every plan (Balinski 1965). Branch and bound decides the pairs
chosen by half. All numbers are integers of any size, so nothing can overflow and no tie is lost.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import TypeAlias

from ygs.domain.errors import N_, RoundRefused

WeightedPair: TypeAlias = tuple[int, int, int]  # two people's places, and what the pair is worth, at least 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """The best choice and its proof.

    `chosen`: ascending positions of the pairs. `total`: weights and firsts reached. `prices`, in units of 1/`scale`,
    and `bound`: a further pair can matter only when ``scale * weight > prices[a] + prices[b]``; without such a pair,
    nothing exceeds `bound`, which is `total` unless choosing by half would be better. A person of capacity 0 has the
    price 0, and no pair.
    """

    chosen: tuple[int, ...]
    total: int
    bound: int
    prices: tuple[int, ...]
    scale: int


@dataclass(frozen=True, slots=True)
class _Branch:
    """A branch of the search: the people, the undecided pairs (position -> pair), and the pairs taken on the way."""

    capacity: tuple[int, ...]
    first: tuple[int, ...]
    open: dict[int, WeightedPair]
    taken: tuple[int, ...] = ()
    total: int = 0

    def take(self, position: int) -> "_Branch":
        """The branch on which the pair is chosen."""
        a, b, weight = self.open[position]
        capacity = list(self.capacity)
        first = list(self.first)
        total = self.total + weight + first[a] + first[b]
        for person in (a, b):
            capacity[person] -= 1
            first[person] = 0
        left = {at: pair for at, pair in self.open.items() if at != position}
        return _Branch(tuple(capacity), tuple(first), left, (*self.taken, position), total)

    def leave(self, position: int) -> "_Branch":
        """The branch on which the pair is not chosen."""
        return replace(self, open={at: pair for at, pair in self.open.items() if at != position})


@dataclass(frozen=True, slots=True)
class _Relaxed:
    """The best choice when a pair may be chosen by half: halves per position (absent: none), its total doubled, prices
    in halves."""

    halves: dict[int, int]
    doubled: int
    prices: tuple[int, ...]


def best_pairing(capacity: Sequence[int], first: Sequence[int], pairs: Sequence[WeightedPair]) -> Pairing:
    """The pairs of greatest total; `RoundRefused` when a weight or first is negative or a pair comes twice.

    For people on two sides the work grows with people times pairs; otherwise it may double with every odd cycle.
    """
    _check(first, pairs)
    root_branch = _Branch(tuple(capacity), tuple(first), dict(enumerate(pairs)))
    sides = two_sides(len(capacity), [pair[:2] for pair in pairs])
    root = _relax(root_branch, sides)
    chosen, total = _branch_and_bound(root_branch, root, sides)
    if all(price % 2 == 0 for price in root.prices):
        return Pairing(
            chosen=chosen, total=total, bound=root.doubled // 2, prices=tuple(p // 2 for p in root.prices), scale=1
        )
    return Pairing(chosen=chosen, total=total, bound=root.doubled // 2, prices=root.prices, scale=2)


def two_sides(people: int, pairs: Sequence[tuple[int, int]]) -> list[int] | None:
    """A side, 0 or 1, per person so that each pair crosses sides; None when an odd cycle makes that impossible."""
    near: list[list[int]] = [[] for _ in range(people)]
    for a, b in pairs:
        near[a].append(b)
        near[b].append(a)
    side = [-1] * people
    for start in range(people):
        if side[start] < 0:
            side[start] = 0
            queue = deque([start])
            while queue:
                person = queue.popleft()
                for other in near[person]:
                    if side[other] == side[person]:
                        return None
                    if side[other] < 0:
                        side[other] = 1 - side[person]
                        queue.append(other)
    return side


def _check(first: Sequence[int], pairs: Sequence[WeightedPair]) -> None:
    if any(weight < 0 for _, _, weight in pairs) or any(worth < 0 for worth in first):
        raise RoundRefused(N_("a pair cannot be worth less than nothing: weights and firsts must be at least 0"))
    if len({frozenset(pair[:2]) for pair in pairs}) < len(pairs) or any(a == b for a, b, _ in pairs):
        raise RoundRefused(N_("a pair is given twice, or pairs a person with themselves: give each pair once"))


def _branch_and_bound(branch: _Branch, root: _Relaxed, sides: list[int] | None) -> tuple[tuple[int, ...], int]:
    """Decide the pairs chosen by half: the most promising branch first, cutting branches that cannot beat the best."""
    best: tuple[tuple[int, ...], int] = ((), -1)
    waiting = [(branch, root)]
    while waiting:
        branch, relaxed = waiting.pop()
        if branch.total + relaxed.doubled // 2 <= best[1]:
            continue
        half = next((at for at, halves in sorted(relaxed.halves.items()) if halves == 1), None)
        if half is None:
            best = tuple(sorted((*branch.taken, *relaxed.halves))), branch.total + relaxed.doubled // 2
            continue
        branches = [(each, _relax(each, sides)) for each in (branch.leave(half), branch.take(half))]
        waiting += sorted(branches, key=lambda each: each[0].total + each[1].doubled // 2)
    return best


def _relax(branch: _Branch, sides: list[int] | None) -> _Relaxed:
    """Solve the flow over two sides, or over the double cover when there are none."""
    people = len(branch.capacity)
    cover = _Flow(2 * people)
    for person, (capacity, first) in enumerate(zip(branch.capacity, branch.first, strict=True)):
        for copy in (person, person + people):
            if sides is None or copy == person + people * sides[person]:
                cover.add_person(copy, capacity, first, giver=copy < people)
    arcs = {}
    for position, (a, b, weight) in branch.open.items():
        if branch.capacity[a] and branch.capacity[b]:
            for giver, taker in ((a, b), (b, a)):
                if sides is None or not sides[giver]:
                    arcs[cover.add(giver, taker + people, weight)] = position
    cover.run()
    return _halve(cover, arcs, people, twice=2 if sides is not None else 1)


def _halve(cover: "_Flow", arcs: dict[int, int], people: int, twice: int) -> _Relaxed:
    halves: dict[int, int] = {}
    for arc, position in arcs.items():
        if cover.used[arc]:
            halves[position] = halves.get(position, 0) + twice
    price = cover.prices()
    return _Relaxed(halves, cover.total * twice, tuple((price[v] + price[v + people]) * twice for v in range(people)))


class _Flow:
    """A flow of units from an outside node over givers and takers back to it, along arcs that carry one unit each."""

    def __init__(self, nodes: int) -> None:
        self.source = nodes
        self.sink = nodes + 1
        self.tail: list[int] = []
        self.head: list[int] = []
        self.reward: list[int] = []
        self.used: list[bool] = []
        self.at: list[list[int]] = [[] for _ in range(nodes + 2)]
        self.height = [0] * (nodes + 2)  # so that no open arc leads upwards: reward <= height[from] - height[to]
        self.total = 0

    def add(self, tail: int, head: int, reward: int) -> int:
        """Add an arc; its number."""
        self.tail.append(tail)
        self.head.append(head)
        self.reward.append(reward)
        self.used.append(False)
        self.at[tail].append(len(self.tail) - 1)
        self.at[head].append(len(self.tail) - 1)
        return len(self.tail) - 1

    def add_person(self, node: int, capacity: int, first: int, *, giver: bool) -> None:
        """Link a person to the source or the sink once per unit of capacity; only the first unit has a reward."""
        for worth in [first, *[0] * (capacity - 1)][:capacity]:
            self.add(*((self.source, node) if giver else (node, self.sink)), worth)

    def run(self) -> None:
        """Send units along the best path until none is worth anything; the paths' worth never rises."""
        self._start()
        while (step := self._best_path()) is not None and step[0] >= 0:
            self.total += step[0]
            self._turn(step[1])

    def _start(self) -> None:
        """Set the heights for the empty flow: the most reward a unit could still collect on its way to the sink."""
        for group in (1, 2, 3):  # Takers, then givers, then the source: each height depends on the next node's.
            for arc, (tail, head) in enumerate(zip(self.tail, self.head, strict=True)):
                if group == (3 if tail == self.source else 1 if head == self.sink else 2):
                    self.height[tail] = max(self.height[tail], self.reward[arc] + self.height[head])

    def _open(self, node: int) -> Iterator[tuple[int, int, int]]:
        """The open arcs of a node, used arcs backwards included: arc, next node, reward."""
        for arc in self.at[node]:
            if self.tail[arc] == node and not self.used[arc]:
                yield arc, self.head[arc], self.reward[arc]
            elif self.head[arc] == node and self.used[arc]:
                yield arc, self.tail[arc], -self.reward[arc]

    def _best_path(self) -> tuple[int, dict[int, int]] | None:
        """Dijkstra over reduced rewards: the worth of the best path, and the last arc to each node."""
        lost = {self.source: 0}
        by: dict[int, int] = {}
        heap = [(0, self.source)]
        visited = set()
        while heap:
            distance, node = heappop(heap)
            if node in visited:
                continue
            visited.add(node)
            for arc, onward, reward in self._open(node):
                further = distance + self.height[node] - self.height[onward] - reward
                if onward not in visited and (onward not in lost or further < lost[onward]):
                    lost[onward] = further
                    by[onward] = arc
                    heappush(heap, (further, onward))
        if self.sink not in lost:
            return None
        worth = self.height[self.source] - self.height[self.sink] - lost[self.sink]
        for node, height in enumerate(self.height):
            self.height[node] = height + min(lost.get(node, lost[self.sink]), lost[self.sink])
        return worth, by

    def _turn(self, by: dict[int, int]) -> None:
        node = self.sink
        while node != self.source:
            arc = by[node]
            self.used[arc] = not self.used[arc]
            node = self.tail[arc] if self.used[arc] else self.head[arc]

    def prices(self) -> list[int]:
        """The dual prices of all nodes at the optimum, by Bellman-Ford."""
        far = len(self.at) * (1 + max(self.reward, default=0))
        best = [-far] * len(self.at)
        best[self.source] = best[self.sink] = 0
        queue = deque((self.source, self.sink))
        while queue:
            node = queue.popleft()
            for _, onward, reward in self._open(node):
                if best[node] + reward > best[onward]:
                    best[onward] = best[node] + reward
                    queue.append(onward)
        for node, worth in enumerate(best):
            if worth == -far:  # Unreachable: the person has no possible partner.
                best[node] = -max((self.reward[arc] for arc in self.at[node]), default=0)
        half = (len(self.at) - 2) // 2
        return [-worth for worth in best[:half]] + best[half : 2 * half]
