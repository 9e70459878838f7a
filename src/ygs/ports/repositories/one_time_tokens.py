"""One-time tokens: short-lived secrets, stored by their digest."""

from datetime import datetime
from typing import Protocol

from ygs.domain.one_time_token import Ticket


class Tickets(Protocol):
    """Short-lived secrets."""

    async def find(self, digest: str) -> Ticket | None:
        """The ticket under that digest, used or not; nobody else changes it until the transaction ends."""
        ...

    async def add(self, ticket: Ticket) -> None:
        """Store a new ticket."""
        ...

    async def save(self, ticket: Ticket) -> None:
        """Store a changed ticket, which this transaction has read."""
        ...

    async def purge(self, before: datetime) -> int:
        """Remove those that expired before then, and say how many."""
        ...
