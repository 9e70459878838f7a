"""Deliveries in memory."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.deliveries import Channel, DeliveryAttempt, DeliveryState, EventDelivery
from ygs.domain.errors import NotFound
from ygs.domain.ids import DeliveryId
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryDeliveryReader:
    """Deliveries."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: DeliveryId) -> EventDelivery:
        tables = await self._tx.step()
        if id not in tables.deliveries:
            raise NotFound("delivery", id)
        return tables.deliveries[id]

    async def due_lanes(self, at: datetime) -> Collection[str]:
        tables = await self._tx.step()
        return {each.lane for each in tables.deliveries.values() if each.claimable(at)}

    async def page(
        self,
        *,
        channel: Channel | None = None,
        recipient_id: str | None = None,
        state: DeliveryState | None = None,
        after: DeliveryId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[EventDelivery]:
        tables = await self._tx.step()
        newest = sorted((each for each in tables.deliveries if after is None or each < after), reverse=True)
        found = (
            each
            for each in map(tables.deliveries.__getitem__, newest)
            if not each.of_reminder
            and channel in (None, each.channel)
            and recipient_id in (None, each.recipient_id)
            and state in (None, each.state)
        )
        return list(islice(found, limit))

    async def attempts(self, ids: Collection[DeliveryId]) -> Sequence[DeliveryAttempt]:
        tables = await self._tx.step()
        return [attempt for each in sorted(ids) for attempt in tables.delivery_attempts.get(each, ())]


class MemoryDeliveryRepository(MemoryDeliveryReader):
    """Deliveries, to be changed."""

    async def add_all(self, deliveries: Sequence[EventDelivery]) -> None:
        tables = await self._tx.step()
        new = dict[DeliveryId, EventDelivery]()
        keys = dict[tuple[str, str, str], DeliveryId]()
        for delivery in deliveries:
            storable_text("recipient", delivery.recipient_id)
            key = _key(delivery)
            if key not in tables.delivery_keys and key not in keys:
                new[delivery.id] = delivery
                keys[key] = delivery.id
        tables.deliveries.put(new)
        tables.delivery_keys.put(keys)

    async def claim(self, lane: str, *, at: datetime, seconds: int, limit: int) -> Sequence[EventDelivery]:
        tables = await self._tx.step()
        due = [each for each in tables.deliveries.values() if each.lane == lane and each.claimable(at)]
        longest = sorted(due, key=lambda each: (each.due_at, each.id))[:limit]
        claimed = [each.claimed(at=at, seconds=seconds) for each in longest]
        tables.deliveries.put({each.id: each for each in claimed})
        return claimed

    async def record(self, deliveries: Sequence[EventDelivery], attempts: Sequence[DeliveryAttempt]) -> None:
        tables = await self._tx.step()
        mine = {each.id: each for each in _still_claimed(tables, deliveries)}
        tables.deliveries.put(mine)
        for attempt in attempts:
            if attempt.delivery_id in mine:
                earlier = tables.delivery_attempts.get(attempt.delivery_id, ())
                tables.delivery_attempts.put({attempt.delivery_id: (*earlier, attempt)})

    async def save(self, delivery: EventDelivery) -> None:
        tables = await self._tx.step()
        tables.deliveries.put({delivery.id: delivery})

    async def requeue_since(self, channel: Channel, recipient_id: str, since: datetime, *, at: datetime) -> int:
        tables = await self._tx.step()
        again = [
            each.requeued(at=at)
            for each in tables.deliveries.values()
            if (each.channel, each.recipient_id, each.state) == (channel, recipient_id, DeliveryState.FAILED)
            and each.event.at >= since
            and not each.of_reminder
        ]
        tables.deliveries.put({each.id: each for each in again})
        return len(again)

    async def remove(self, ids: Collection[DeliveryId]) -> None:
        tables = await self._tx.step()
        drop_deliveries(tables, [tables.deliveries[each] for each in ids if each in tables.deliveries])

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        ended = [each for each in tables.deliveries.values() if each.finished_at and each.finished_at < before]
        drop_deliveries(tables, ended)
        return len(ended)


def drop_deliveries(tables: SnapshotTables, deliveries: Collection[EventDelivery]) -> None:
    """Remove deliveries with their attempts."""
    tables.delivery_keys.drop([_key(each) for each in deliveries])
    tables.delivery_attempts.drop([each.id for each in deliveries])
    tables.deliveries.drop([each.id for each in deliveries])


def _key(delivery: EventDelivery) -> tuple[str, str, str]:
    return delivery.channel, delivery.recipient_id, delivery.event.key


def _still_claimed(tables: SnapshotTables, deliveries: Sequence[EventDelivery]) -> Iterator[EventDelivery]:
    for each in deliveries:
        stored = tables.deliveries.get(each.id)
        if stored and stored.state is DeliveryState.WAITING and stored.fence == each.fence:
            yield each
