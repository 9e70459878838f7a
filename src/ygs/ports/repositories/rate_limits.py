"""Rate limits: counters of attempts, shared by all processes."""

from datetime import datetime
from typing import Protocol

from ygs.domain.rate_limit import AttemptCount


class RateLimitRepository(Protocol):
    """Counters of attempts by key.

    `get` locks a counter until commit. Lock users and accounts before it and add to the audit log after it, so that no
    two transactions wait for each other.
    """

    async def get(self, key: str, at: datetime) -> AttemptCount:
        """The attempts under a key, or a count of none from `at` on; locked until commit."""
        ...

    async def save(self, key: str, attempts: AttemptCount) -> None:
        """Store attempts that this transaction has read."""
        ...

    async def give_back(self, key: str) -> None:
        """Count one attempt less under a key, as `AttemptCount.give_back` does, if there are any."""
        ...

    async def forget(self, key: str) -> None:
        """Delete the attempts under a key, if there are any."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the counters whose period began before that moment; return how many."""
        ...
