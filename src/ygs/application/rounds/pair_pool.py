"""The pairs a round works with: some of the market's to begin with, more as the market is looked over."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from ygs.domain.matching.market import Column, Pairs, type_mask


class PairPool:
    """Eligible pairs of a market, each once, found again by their keys ``a * people + b``.

    `weight` (int64): each one's worth in the last objective, its people's `bonus` included.
    """

    def __init__(self, people: int, pairs: Pairs, bonus: Column) -> None:
        self.people = people
        self.pairs = pairs
        self.bonus = bonus
        self.weight = self._weights(pairs)
        self._first = array(type_mask, (a * people + b for a, b in zip(pairs.a, pairs.b, strict=True)))  # ascending
        self._later: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    def find(self, key: int) -> int | None:
        """The position of a pair, None when it is not held."""
        at = bisect_left(self._first, key)
        return at if at < len(self._first) and self._first[at] == key else self._later.get(key)

    def add(self, found: Pairs, barred: frozenset[int]) -> int:
        """Hold those of the pairs that are neither held nor barred yet; returns how many there were."""
        before = len(self)
        rows = zip(found.a, found.b, found.a_to_b, found.b_to_a, found.mutual, strict=True)
        for a, b, a_to_b, b_to_a, mutual in rows:
            key = a * self.people + b
            if key not in barred and self.find(key) is None:
                self._later[key] = len(self)
                self.pairs.add(a, b, a_to_b, b_to_a, mutual)
                self.weight.append(mutual + self.bonus[a] + self.bonus[b])
        return len(self) - before

    def columns(self, *columns: Column, without: frozenset[int]) -> list[Column]:
        """Copies of columns over the pairs, without those of the given keys."""
        positions = sorted((at for key in without if (at := self.find(key)) is not None), reverse=True)
        copies = [column[:] for column in columns]
        for copy in copies:
            for at in positions:
                del copy[at]
        return copies

    def these(self, chosen: Iterable[tuple[int, int]]) -> Pairs:
        """Held pairs by their people, with their scores, in that order; `KeyError` for a pair that is not held."""
        return self.at(self._position(a * self.people + b) for a, b in chosen)

    def at(self, positions: Iterable[int]) -> Pairs:
        """Held pairs by position, with their scores, in that order."""
        pairs = self.pairs
        those = Pairs.none()
        for at in positions:
            those.add(pairs.a[at], pairs.b[at], pairs.a_to_b[at], pairs.b_to_a[at], pairs.mutual[at])
        return those

    def is_in(self, position: int, keys: frozenset[int]) -> bool:
        """Whether a pair is one of those keys'."""
        return bool(keys) and self.pairs.a[position] * self.people + self.pairs.b[position] in keys

    def partner(self, position: int, person: int) -> int:
        """The other person of a pair."""
        return self.pairs.a[position] + self.pairs.b[position] - person

    def liked(self, position: int, by: int) -> int:
        """How satisfied one person of a pair would be with the other, basis points."""
        return (self.pairs.a_to_b if self.pairs.a[position] == by else self.pairs.b_to_a)[position]

    def _position(self, key: int) -> int:
        at = self.find(key)
        if at is None:
            raise KeyError(key)
        return at

    def _weights(self, pairs: Pairs) -> Column:
        bonus = self.bonus
        rows = zip(pairs.a, pairs.b, pairs.mutual, strict=True)
        return array(type_mask, (mutual + bonus[a] + bonus[b] for a, b, mutual in rows))
