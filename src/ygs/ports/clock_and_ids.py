"""The clock, and the generator of ids."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The current time."""

    def now(self) -> datetime:
        """The current time, UTC, with its time zone, to the microsecond."""
        ...


class SharedTime:
    """The base of clocks that tell the time of day.

    If the store has a clock of its own, which services on several machines share, that one decides deadlines instead.
    """

    __slots__ = ()


class Ids(Protocol):
    """Makes ids."""

    def make(self, prefix: str) -> str:
        """Return a new id: ``prefix_`` and an upper-case ULID, greater than every earlier id of this object."""
        ...
