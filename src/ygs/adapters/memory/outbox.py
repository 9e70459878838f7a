"""Events in memory."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import islice

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.events import Event
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryOutboxReader:
    """Events that wait to be dispatched."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        tables = await self._tx.step()
        waiting = (event for key, event in tables.events.items() if key not in tables.dispatched)
        return list(islice(waiting, limit))


class MemoryOutboxRepository(MemoryOutboxReader):
    """Events, to be changed."""

    async def add(self, events: Iterable[Event]) -> None:
        tables = await self._tx.step()
        new = {event.key: event for event in events if event.key not in tables.events}
        for key in new:
            storable_text("event", key)
        tables.events.put(new)

    async def mark_dispatched(self, events: Collection[Event], at: datetime) -> None:
        tables = await self._tx.step()
        tables.dispatched.put({event.key: at for event in events if event.key in tables.events})

    async def remove(self, events: Collection[Event]) -> None:
        tables = await self._tx.step()
        keys = [event.key for event in events]
        tables.events.drop(keys)
        tables.dispatched.drop(keys)

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [key for key, at in tables.dispatched.items() if at < before]
        tables.events.drop(old)
        tables.dispatched.drop(old)
        return len(old)
