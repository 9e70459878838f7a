"""Counters of attempts, shared by all processes."""

from datetime import datetime
from typing import Protocol

from ygs.domain.rate_limit import AttemptCount


class RateLimitRepository(Protocol):
    """Who tried what how often: kept in the store, so that all processes count together.

    What `get` returned stays locked: ask for users and accounts first, and for the audit log last, so that no two
    transactions wait for each other.
    """

    async def get(self, key: str, at: datetime) -> AttemptCount:
        """What was tried under a key, none yet since `at` when nothing; nobody else changes it meanwhile."""
        ...

    async def save(self, key: str, attempts: AttemptCount) -> None:
        """Store what this transaction has got."""
        ...

    async def give_back(self, key: str) -> None:
        """One try fewer under a key, as `AttemptCount.give_back` has it; nothing there is fine."""
        ...

    async def forget(self, key: str) -> None:
        """Start over under a key; nothing there is fine."""
        ...

    async def purge(self, before: datetime) -> int:
        """Remove those that were last counted from before then, and say how many."""
        ...
