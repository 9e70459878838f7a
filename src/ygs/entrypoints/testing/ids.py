"""Ids that are the same in every run."""

from ulid import ULID

from ygs.entrypoints.testing.clock import NOON

_FIRST = int(NOON.timestamp() * 1000) << 80


def numbered(prefix: str, number: int) -> str:
    """The id of that number, from 0: ``prefix_`` and a valid ULID; later numbers are greater."""
    return f"{prefix}_{ULID.from_int(_FIRST + number)}"


class CountingIds:
    """`Ids` that count: the n-th id made, whatever its prefix, is ``numbered(prefix, start + n)``."""

    def __init__(self, start: int = 1) -> None:
        self._next = start

    def make(self, prefix: str) -> str:
        """The next id."""
        made, self._next = numbered(prefix, self._next), self._next + 1
        return made
