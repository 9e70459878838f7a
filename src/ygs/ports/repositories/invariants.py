"""Invariants that a store checks over its own rows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that the stored data breaks: its name, the ids concerned, and an explanation."""

    invariant: str
    ids: tuple[str, ...]
    explanation: str


class InvariantReader(Protocol):
    """Checks of the stored data."""

    def violations(self) -> AsyncIterator[Violation]:
        """Yield every violation: pairs that were introduced twice, also after one of them left and came back, people
        with more introductions than slots, introductions of unknown users or weeks, published weeks without a time,
        members whom the directory leaves out or shows otherwise than they are, versions below 1."""
        ...
