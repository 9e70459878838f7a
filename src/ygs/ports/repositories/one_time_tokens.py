"""One-time tokens: short-lived secrets, stored by their digest."""

from datetime import datetime
from typing import Protocol

from ygs.domain.one_time_token import OneTimeToken


class OneTimeTokenRepository(Protocol):
    """One-time tokens, by the digest of their secret."""

    async def find(self, digest: str) -> OneTimeToken | None:
        """The token with that digest, used or not, or None; locked until commit."""
        ...

    async def add(self, one_time_token: OneTimeToken) -> None:
        """Store a new token."""
        ...

    async def save(self, one_time_token: OneTimeToken) -> None:
        """Store a changed token that this transaction has read."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the tokens that expired before that moment; return how many."""
        ...
