"""The audit log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.audit import ChainedEntry, ChainHead, Entry
from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE


class AuditReader(Protocol):
    """The audit log."""

    async def head(self) -> ChainHead:
        """Where it stands."""
        ...

    async def page(self, *, after: int = 0, limit: int = MOST_PAGE) -> Sequence[ChainedEntry]:
        """The kept entries numbered above `after`, ascending; at most `limit`."""
        ...

    async def about(
        self, subject: UserId, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ChainedEntry]:
        """What was done with or read of one user, latest first, those numbered below `before`; at most `limit`."""
        ...


class AuditRepository(AuditReader, Protocol):
    """The audit log, to be added to."""

    async def add(self, *entries: Entry) -> None:
        """Write down what this transaction does, sealed to what was written before it.

        One log has one end: who adds waits for others who added until they commit. So add last, just before the end.
        """
        ...

    async def trim(self, before: datetime) -> int:
        """Let go of the oldest entries, those before then, in a way that still verifies; say how many."""
        ...
