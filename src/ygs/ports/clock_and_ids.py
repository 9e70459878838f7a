"""The clock, and the maker of ids."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The current time."""

    def now(self) -> datetime:
        """The current time, UTC, with its time zone, to the microsecond."""
        ...


class SharedTime:
    """The base of clocks that tell the time of day. Where a store has a clock of its own, which services on several
    machines share, deadlines are decided by that one instead."""

    __slots__ = ()


class Ids(Protocol):
    """Makes ids."""

    def make(self, prefix: str) -> str:
        """A new id: ``prefix_`` and an upper-case ULID, greater than every earlier id of this maker."""
        ...
