"""One-time tokens: short-lived secrets, stored by their digest."""

from datetime import datetime
from typing import Protocol

from ygs.domain.one_time_token import OneTimeToken


class OneTimeTokenRepository(Protocol):
    """Short-lived secrets."""

    async def find(self, digest: str) -> OneTimeToken | None:
        """The one-time token under that digest, used or not; nobody else changes it until the transaction ends."""
        ...

    async def add(self, one_time_token: OneTimeToken) -> None:
        """Store a new one-time token."""
        ...

    async def save(self, one_time_token: OneTimeToken) -> None:
        """Store a changed one-time token, which this transaction has read."""
        ...

    async def purge(self, before: datetime) -> int:
        """Remove those that expired before then, and say how many."""
        ...
