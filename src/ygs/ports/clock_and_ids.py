"""What the outside world decides: the time, and names for new things."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """This moment, UTC, time zone aware, to the microsecond."""
        ...


class Ids(Protocol):
    """Names for new things."""

    def make(self, prefix: str) -> str:
        """A new id, ``prefix_`` and an upper-case ULID; each is greater than all made before it by this maker."""
        ...
