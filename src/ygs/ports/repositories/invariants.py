"""The invariants a store can check over its own rows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that the stored data breaks: its name, the ids concerned, and what it says."""

    invariant: str
    ids: tuple[str, ...]
    explanation: str


class InvariantReader(Protocol):
    """The invariants the store itself can look over."""

    def violations(self) -> AsyncIterator[Violation]:
        """Everything in the store that breaks an invariant: pairs introduced twice in any order, people beyond their
        slots, introductions of unknown users or weeks, weeks published that do not say when, versions below 1."""
        ...
