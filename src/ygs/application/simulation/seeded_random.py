"""Seeded random numbers: a draw depends on a seed and a name, never on the order or number of draws."""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from random import Random


def dice(*name: object) -> Random:
    """Random numbers that depend on `name` alone, on every machine and in every process."""
    return Random("/".join(map(str, name)))  # noqa: S311 - a simulated club needs no secrets


class Shares:
    """Values with their shares (any positive numbers), to draw from."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._values = tuple(shares)
        self._totals = tuple(accumulate(shares.values()))

    @classmethod
    def read(cls, table: str) -> "Shares":
        """Read ``"value share, value share"``."""
        rows = (row.split() for row in table.split(","))
        return cls({value: float(share) for value, share in rows})

    def draw(self, rng: Random) -> str:
        """Draw one value."""
        return rng.choices(self._values, cum_weights=self._totals)[0]

    def several(self, rng: Random, count: int) -> list[str]:
        """Draw up to `count` different values."""
        return list(dict.fromkeys(rng.choices(self._values, cum_weights=self._totals, k=count)))


def weighted(rng: Random, choices: Iterable[tuple[str, float]]) -> str:
    """Draw one of a few weighted values."""
    values, weights = zip(*choices, strict=True)
    return str(rng.choices(values, weights)[0])
