"""Idempotency records in memory."""

from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, StillRunning
from ygs.domain.idempotency import IdempotencyRecord


class MemoryIdempotencyRepository:
    """Idempotency records, by actor and key."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def find(self, actor: str, key: str) -> IdempotencyRecord | None:
        return (await self._tx.step()).idempotency_records.get((actor, key))

    async def add(self, record: IdempotencyRecord) -> None:
        tables = await self._tx.step()
        if (record.actor, record.key) in tables.idempotency_records:
            raise StillRunning(
                N_("the first request with that Idempotency-Key is still running: ask again in a moment")
            )
        tables.idempotency_records.put({(record.actor, record.key): record})

    async def save(self, record: IdempotencyRecord) -> None:
        (await self._tx.step()).idempotency_records.put({(record.actor, record.key): record})

    async def remove(self, actor: str, key: str) -> None:
        (await self._tx.step()).idempotency_records.drop([(actor, key)])

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [key for key, record in tables.idempotency_records.items() if record.started_at < before]
        tables.idempotency_records.drop(over)
        return len(over)
