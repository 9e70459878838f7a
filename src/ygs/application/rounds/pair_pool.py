"""The pair pool: eligible pairs that a strategy chooses from. Searches of the market add more."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import TypeAlias

from ygs.domain.matching.market import Column, Pairs, type_mask

# Makes of two places and a worth the weight of the pair in the last objective.
Weigh: TypeAlias = Callable[[int, int, int], int]


class PairPool:
    """Eligible pairs of a market, without duplicates.

    A pair has a position in the pool, and a key ``a * people + b`` that does not depend on the pool. `weight` (int64):
    each pair's weight in the last objective, as `weigh` (`Terms.weight`) computes it from places and worth.
    """

    def __init__(self, people: int, pairs: Pairs, weigh: Weigh) -> None:
        self.people = people
        self.pairs = pairs
        self._weigh = weigh
        self.weight = array(type_mask, map(weigh, pairs.a, pairs.b, pairs.worth))
        # Keys of the initial pairs, ascending, for binary search; positions of pairs added later, by key.
        self._initial = array(type_mask, (a * people + b for a, b in zip(pairs.a, pairs.b, strict=True)))
        self._added: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    def find(self, key: int) -> int | None:
        """Return the position of the pair with this key, or None if it is not in the pool."""
        at = bisect_left(self._initial, key)
        return at if at < len(self._initial) and self._initial[at] == key else self._added.get(key)

    def add(self, found: Pairs, barred: frozenset[int]) -> int:
        """Add the pairs that are neither in the pool nor barred. Return how many were added."""
        before = len(self)
        for a, b, a_to_b, b_to_a, mutual, worth in found.rows():
            key = a * self.people + b
            if key not in barred and self.find(key) is None:
                self._added[key] = len(self)
                self.pairs.add(a, b, a_to_b, b_to_a, mutual, worth)
                self.weight.append(self._weigh(a, b, worth))
        return len(self) - before

    def columns(self, *columns: Column, without: frozenset[int]) -> list[Column]:
        """Return copies of columns over the pairs, without the rows of the pairs with these keys."""
        positions = sorted((at for key in without if (at := self.find(key)) is not None), reverse=True)
        copies = [column[:] for column in columns]
        for copy in copies:
            for at in positions:
                del copy[at]
        return copies

    def by_people(self, chosen: Iterable[tuple[int, int]]) -> Pairs:
        """Return the pairs of these people, in this order; `KeyError` for a pair that is not in the pool."""
        return self.at(self._position(a * self.people + b) for a, b in chosen)

    def at(self, positions: Iterable[int]) -> Pairs:
        """Return the pairs at these positions, in this order."""
        pairs = self.pairs
        selected = Pairs.none()
        for at in positions:
            selected.add(
                pairs.a[at], pairs.b[at], pairs.a_to_b[at], pairs.b_to_a[at], pairs.mutual[at], pairs.worth[at]
            )
        return selected

    def is_in(self, position: int, keys: frozenset[int]) -> bool:
        """Whether the pair at this position has one of these keys."""
        return bool(keys) and self.pairs.a[position] * self.people + self.pairs.b[position] in keys

    def partner(self, position: int, person: int) -> int:
        """Return the other person of the pair at this position."""
        return self.pairs.a[position] + self.pairs.b[position] - person

    def satisfaction(self, position: int, by: int) -> int:
        """Return how far the pair meets the wishes of one of its people, `by`, in basis points."""
        return (self.pairs.a_to_b if self.pairs.a[position] == by else self.pairs.b_to_a)[position]

    def _position(self, key: int) -> int:
        at = self.find(key)
        if at is None:
            raise KeyError(key)
        return at
