"""Adjustments: single pairs whose weight in a round's last objective moves up or down by a bounded share.

An adjustment reorders pairs that are eligible anyway. It is a function of the pair's weight alone, so it fits whatever
a policy maximises.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ygs.domain.errors import N_, BadFile, InvalidFact
from ygs.domain.matching.snapshots import Column
from ygs.domain.matching.wishes import FULL

# The most by which any pair's weight may move, basis points: an adviser may reorder, not decide.
MOST_SHARE = 2_000
type_key = "q"
type_share = "h"


def adjusted(weight: int, share: int) -> int:
    """A weight (at least 0) moved by `share` basis points of itself, rounded towards the weight."""
    change = weight * abs(share) // FULL
    return weight + change if share > 0 else weight - change


@dataclass(frozen=True)
class Adjustments:
    """The adjusted pairs of one market: `keys` (int64, ascending) ``a * people + b`` of their places, and the `shares`
    (int16, basis points, not 0) by which their weights move."""

    keys: Column
    shares: Column

    @classmethod
    def of(cls, shares: Mapping[int, int]) -> "Adjustments":
        """The adjustments of these pairs, by key; `InvalidFact` for a share beyond `MOST_SHARE`. Skips shares of 0."""
        for share in shares.values():
            if abs(share) > MOST_SHARE:
                raise InvalidFact("share", N_("must be {least}..{most}"), least=-MOST_SHARE, most=MOST_SHARE)
        moved = sorted((key, share) for key, share in shares.items() if share)
        return cls(array(type_key, (key for key, _ in moved)), array(type_share, (share for _, share in moved)))

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def by_key(self) -> Mapping[int, int]:
        """The share of each adjusted pair, by key."""
        return dict(zip(self.keys, self.shares, strict=True))

    def columns(self) -> tuple[Column, Column]:
        """The columns, in the order of a snapshot."""
        return self.keys, self.shares

    @classmethod
    def from_snapshot(cls, columns: tuple[Column, ...], people: int) -> "Adjustments":
        """The adjustments of stored columns; `BadFile` when they are damaged."""
        if [column.typecode for column in columns] != [type_key, type_share] or len({*map(len, columns)}) != 1:
            raise BadFile(N_("the stored market is damaged: lock the week again"))
        stored = cls(*columns)
        bounded = all(0 < abs(share) <= MOST_SHARE for share in stored.shares)
        if not bounded or any(not 0 <= key < people**2 for key in stored.keys):
            raise BadFile(N_("the stored market is damaged: lock the week again"))
        return stored
