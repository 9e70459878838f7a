"""One-time tokens in memory."""

from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict
from ygs.domain.one_time_token import OneTimeToken
from ygs.domain.text import storable_text


class MemoryOneTimeTokenRepository:
    """Short-lived secrets."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def find(self, digest: str) -> OneTimeToken | None:
        return (await self._tx.step()).one_time_tokens.get(digest)

    async def add(self, one_time_token: OneTimeToken) -> None:
        tables = await self._tx.step()
        if one_time_token.digest in tables.one_time_tokens:
            raise Conflict(N_("that one-time token is written already"))
        for text in one_time_token.data.values():
            storable_text("one_time_token", text)
        tables.one_time_tokens.put({one_time_token.digest: one_time_token})

    async def save(self, one_time_token: OneTimeToken) -> None:
        (await self._tx.step()).one_time_tokens.put({one_time_token.digest: one_time_token})

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [
            digest for digest, one_time_token in tables.one_time_tokens.items() if one_time_token.expires_at < before
        ]
        tables.one_time_tokens.drop(over)
        return len(over)
