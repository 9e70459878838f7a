"""Canaries in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.canaries import Canary
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import UserId
from ygs.domain.text import storable_text


class MemoryCanaryReader:
    """Canaries, to be read."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def find(self, account: UserId) -> Canary | None:
        return (await self._tx.step()).canaries.get(account)

    async def all(self) -> Sequence[Canary]:
        return sorted((await self._tx.step()).canaries.values(), key=lambda each: each.id)


class MemoryCanaryRepository(MemoryCanaryReader):
    """Canaries, to be changed."""

    async def add(self, canary: Canary) -> None:
        tables = await self._tx.step()
        storable_text("phone", canary.phone or "")
        others = tables.canaries.values()
        is_known = any(each.id == canary.id or (each.phone and each.phone == canary.phone) for each in others)
        if is_known or canary.account in tables.canaries:
            raise Conflict(N_("that account has a canary, or another has its phone: use it, or take another phone"))
        tables.canaries.put({canary.account: canary})

    async def mark_used(self, account: UserId, at: datetime) -> None:
        tables = await self._tx.step()
        if account in tables.canaries:
            tables.canaries.put({account: replace(tables.canaries[account], used_at=at)})
