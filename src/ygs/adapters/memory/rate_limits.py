"""Counters of attempts in memory."""

from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.rate_limit import AttemptCount


class MemoryRateLimitRepository:
    """Counts of attempts, by key."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, key: str, at: datetime) -> AttemptCount:
        return (await self._tx.step()).rate_limits.get(key) or AttemptCount(since=at)

    async def save(self, key: str, attempts: AttemptCount) -> None:
        (await self._tx.step()).rate_limits.put({key: attempts})

    async def give_back(self, key: str) -> None:
        tables = await self._tx.step()
        if key in tables.rate_limits:
            tables.rate_limits.put({key: tables.rate_limits[key].give_back()})

    async def forget(self, key: str) -> None:
        (await self._tx.step()).rate_limits.drop([key])

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [key for key, attempts in tables.rate_limits.items() if attempts.since < before]
        tables.rate_limits.drop(over)
        return len(over)
