"""Chance with a memory: every draw follows from a seed and a name, so that neither order nor size changes it."""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from random import Random


def dice(*name: object) -> Random:
    """Random numbers that follow from `name` alone, on every machine and in every process."""
    return Random("/".join(map(str, name)))  # noqa: S311 - a make-believe club needs no secrets


class Shares:
    """Values with their shares (any positive numbers), to draw from."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._values = tuple(shares)
        self._totals = tuple(accumulate(shares.values()))

    @classmethod
    def read(cls, table: str) -> "Shares":
        """From ``"value share, value share"``."""
        rows = (row.split() for row in table.split(","))
        return cls({value: float(share) for value, share in rows})

    def draw(self, rng: Random) -> str:
        """One value."""
        return rng.choices(self._values, cum_weights=self._totals)[0]

    def several(self, rng: Random, count: int) -> list[str]:
        """Up to `count` different values, the first drawn first."""
        return list(dict.fromkeys(rng.choices(self._values, cum_weights=self._totals, k=count)))


def weighted(rng: Random, choices: Iterable[tuple[str, float]]) -> str:
    """One of few values whose weights are worked out for the occasion."""
    values, weights = zip(*choices, strict=True)
    return str(rng.choices(values, weights)[0])
