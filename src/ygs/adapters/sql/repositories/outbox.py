"""The outbox: events, stored in the transaction of the change they report."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_each
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.outbox import outbox
from ygs.domain.events import Event, EventType
from ygs.ports.repositories import MOST_PAGE


class SqlOutboxReader:
    """Events that wait to be dispatched."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        query = select(outbox).where(outbox.c.dispatched_at.is_(None)).order_by(outbox.c.id).limit(limit)
        if self.tx.locking and self.tx.postgresql:
            query = query.with_for_update(skip_locked=True)
        return [to_event(row) for row in await self.tx.rows(query)]


class SqlOutboxRepository(SqlOutboxReader):
    """Events, to be changed."""

    async def add(self, events: Iterable[Event]) -> None:
        await insert_each(self.tx, outbox, list(events), to_row, skip_known=True)

    async def mark_dispatched(self, events: Collection[Event], at: datetime) -> None:
        dispatched = update(outbox).where(among(outbox.c.dedupe_key, [event.key for event in events]))
        await self.tx.run(dispatched.values(dispatched_at=at))

    async def remove(self, events: Collection[Event]) -> None:
        await self.tx.run(delete(outbox).where(among(outbox.c.dedupe_key, [event.key for event in events])))

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(outbox).where(outbox.c.dispatched_at < before))


def to_row(event: Event) -> dict[str, Any]:
    """An event as a row, not dispatched yet."""
    return {
        "type": event.type.value,
        "dedupe_key": event.key,
        "user_id": event.user_id,
        "ids": event.ids,
        "created_at": event.at,
    }


def to_event(row: Found) -> Event:
    """The event that `to_row` wrote."""
    return Event(type=EventType(row.type), key=row.dedupe_key, at=row.created_at, **row.ids)
