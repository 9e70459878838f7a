"""The outbox: events, stored in the transaction of the change they report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables.outbox import outbox
from ygs.domain.events import Event, IntroductionDecided, IntroductionPublished, StatusChanged
from ygs.ports.repositories import MOST_PAGE

KINDS: Mapping[type[Event], str] = {
    IntroductionPublished: "introduced",
    IntroductionDecided: "decided",
    StatusChanged: "status_changed",
}


class SqlOutboxReader:
    """Events that wait for delivery."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        query = select(outbox.c.kind, outbox.c.body).where(outbox.c.delivered_at.is_(None))
        return [to_event(kind, body) for kind, body in await self.tx.rows(query.order_by(outbox.c.id).limit(limit))]


class SqlOutboxRepository(SqlOutboxReader):
    """Events, to be stored in the transaction of the change they report."""

    async def add(self, events: Iterable[Event], at: datetime) -> None:
        await insert_all(self.tx, outbox, [to_row(event, at) for event in events], skip_known=True)


def to_row(event: Event, at: datetime) -> dict[str, Any]:
    """An event as a row, not delivered yet."""
    return {
        "kind": KINDS[type(event)],
        "dedupe_key": dedupe_key(event, at),
        "body": asdict(event),
        "created_at": at,
    }


def to_event(kind: str, body: dict[str, Any]) -> Event:
    """The event that `to_row` wrote."""
    event: Event = next(each for each, name in KINDS.items() if name == kind)(**body)
    return event


def dedupe_key(event: Event, at: datetime) -> str:
    """The key by which a receiver recognises a repeated event. Only a status can change to the same value twice."""
    values = asdict(event).values()
    moment = [at.isoformat()] if isinstance(event, StatusChanged) else []
    return ":".join([KINDS[type(event)], *values, *moment])
