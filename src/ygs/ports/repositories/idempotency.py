"""Replies to commands that may come twice, kept under their clients' keys."""

from datetime import datetime
from typing import Protocol

from ygs.domain.idempotency import IdempotencyRecord


class IdempotencyRepository(Protocol):
    """Commands under their clients' keys."""

    async def find(self, actor: str, key: str) -> IdempotencyRecord | None:
        """The command of that actor under that key."""
        ...

    async def add(self, command: IdempotencyRecord) -> None:
        """Store a new one; `StillRunning` when another was faster."""
        ...

    async def save(self, command: IdempotencyRecord) -> None:
        """Store its reply."""
        ...

    async def remove(self, actor: str, key: str) -> None:
        """Forget it, so that it may be tried anew; nothing there is fine."""
        ...

    async def purge(self, before: datetime) -> int:
        """Remove those started before then, and say how many."""
        ...
