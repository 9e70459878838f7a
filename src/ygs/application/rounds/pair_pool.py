"""The pair pool: eligible pairs that a strategy chooses from. Searches of the market add more."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, repeat
from operator import add, mul
from typing import TypeAlias

from ygs.domain.matching.market import Column, Pairs, type_mask

# Makes of pairs the column (int64) of their weights in the last objective.
Weigh: TypeAlias = Callable[[Pairs], Column]

_AT_ONCE = 1 << 16  # Keys compared at once, as a set: some megabytes.
_FEW_OF = 50  # One key in so many is found faster by bisection than by a look at all.


class PairPool:
    """Eligible pairs of a market, without duplicates.

    A pair has a position in the pool, and a key ``a * people + b`` that does not depend on the pool. `weight` (int64):
    each pair's weight in the last objective, as `weigh` (`Terms.weights`) computes it. A pair takes 34 bytes: 18 in
    `pairs`, 8 for its weight and 8 for its key.
    """

    def __init__(self, people: int, pairs: Pairs, weigh: Weigh) -> None:
        self.people = people
        self.pairs = pairs
        self._weigh = weigh
        self.weight = weigh(pairs)
        # The keys (int64) of what was added at once, ascending, and the position of the first; searched by bisection.
        self._runs = [(0, self._keys(pairs))]

    @classmethod
    def of_batches(cls, people: int, batches: Sequence[Pairs], weigh: Weigh) -> "PairPool":
        """Return the pool that had these `batches`."""
        pool = cls(people, batches[0], weigh)
        for batch in batches[1:]:
            pool.add(batch, frozenset())
        return pool

    def batches(self) -> tuple[Pairs, ...]:
        """Return copies of the pairs, by when they were added."""
        ends = [*(first for first, _ in self._runs[1:]), len(self)]
        columns = self.pairs.columns()
        rows = [slice(first, end) for (first, _), end in zip(self._runs, ends, strict=True)]
        return tuple(Pairs(*(column[some] for column in columns)) for some in rows)

    def __len__(self) -> int:
        return len(self.pairs)

    def reweigh(self, weigh: Weigh) -> None:
        """Weigh the pairs, and those that are added later, anew."""
        self._weigh = weigh
        self.weight = weigh(self.pairs)

    def find(self, key: int) -> int | None:
        """Return the position of the pair with this key, or None if it is not in the pool."""
        for first, keys in self._runs:
            at = bisect_left(keys, key)
            if at < len(keys) and keys[at] == key:
                return first + at
        return None

    def add(self, found: Pairs, barred: frozenset[int]) -> int:
        """Add the pairs that are neither in the pool nor barred; `found` ascends by key. Return how many were added."""
        keys = self._keys(found)
        fresh = bytes(self._are_fresh(keys, barred))
        chosen = Pairs(*(array(each.typecode, compress(each, fresh)) for each in found.columns()))
        if len(chosen):
            self._runs.append((len(self), array(type_mask, compress(keys, fresh))))
            self.weight.extend(self._weigh(chosen))
            self.pairs.extend(chosen)
        return len(chosen)

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

    def _keys(self, pairs: Pairs) -> Column:
        return array(type_mask, map(add, map(mul, pairs.a, repeat(self.people)), pairs.b))

    def _are_fresh(self, keys: Column, barred: frozenset[int]) -> Iterator[bool]:
        """Whether each of these ascending keys is neither in the pool nor barred."""
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            fresh = set(some).difference(barred)
            for _, held in self._runs:
                fresh.difference_update(_known(held, some))
            yield from map(fresh.__contains__, some)


def _known(held: Column, keys: Column) -> Sequence[int]:
    """Keys that are held, all of the given ones among them; both ascend."""
    first = bisect_left(held, keys[0])
    last = bisect_right(held, keys[-1])
    if len(keys) * _FEW_OF >= last - first:
        return held[first:last]
    return [key for key in keys if bisect_left(held, key, first, last) < bisect_right(held, key, first, last)]
