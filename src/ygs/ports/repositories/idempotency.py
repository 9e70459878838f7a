"""Idempotency records: replies to requests that a client may repeat, stored under the client's key."""

from datetime import datetime
from typing import Protocol

from ygs.domain.idempotency import IdempotencyRecord


class IdempotencyRepository(Protocol):
    """Idempotency records, by actor and key."""

    async def find(self, actor: str, key: str) -> IdempotencyRecord | None:
        """The record of an actor's key, or None; locked until commit."""
        ...

    async def add(self, record: IdempotencyRecord) -> None:
        """Store a new record; `StillRunning` when there is one for its key."""
        ...

    async def save(self, record: IdempotencyRecord) -> None:
        """Store the reply of a record."""
        ...

    async def remove(self, actor: str, key: str) -> None:
        """Delete a record, if there is one, so that the request can be tried again."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the records that were started before that moment; return how many."""
        ...
