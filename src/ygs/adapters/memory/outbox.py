"""Events in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.events import Event, StatusChanged
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryOutboxReader:
    """Events that wait for delivery."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        return list(islice((await self._tx.step()).events.values(), limit))


class MemoryOutboxRepository(MemoryOutboxReader):
    """Events, to be stored in the transaction of the change they report."""

    async def add(self, events: Iterable[Event], at: datetime) -> None:
        tables = await self._tx.step()
        # Only a status can change to the same value more than once, and each time is an event.
        new = {(event, at if isinstance(event, StatusChanged) else None): event for event in events}
        for event in new.values():
            storable_text("event", event.user_id)
        tables.events.put(new)
