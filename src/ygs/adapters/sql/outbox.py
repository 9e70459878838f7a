"""Events, written with the change they tell of."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ygs.adapters.sql.bulk import insert_all
from ygs.adapters.sql.tables.outbox import outbox
from ygs.adapters.sql.transaction import Transaction
from ygs.domain.events import Decided, Event, Introduced, StatusChanged

KINDS = {Introduced: "introduced", Decided: "decided", StatusChanged: "status_changed"}


class SqlOutbox:
    """Events on their way out."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    async def add(self, events: Iterable[Event], at: datetime) -> None:
        """Write them down; one that is there already is not to be told twice."""
        await insert_all(self.tx, outbox, [to_row(event, at) for event in events], skip_known=True)


def to_row(event: Event, at: datetime) -> dict[str, Any]:
    """An event as a row, not delivered yet."""
    return {
        "kind": KINDS[type(event)],
        "dedupe_key": dedupe_key(event, at),
        "body": json.dumps(asdict(event), ensure_ascii=False),
        "created_at": at,
    }


def dedupe_key(event: Event, at: datetime) -> str:
    """By what a receiver knows that it has had an event already. Only a status can change to the same twice."""
    values = asdict(event).values()
    moment = [at.isoformat()] if isinstance(event, StatusChanged) else []
    return ":".join([KINDS[type(event)], *values, *moment])
