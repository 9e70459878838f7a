"""The outbox: events that are dispatched after their transaction has committed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.events import Event
from ygs.ports.repositories import MOST_PAGE


class OutboxReader(Protocol):
    """The outbox, to be read."""

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        """At most `limit` events that are not dispatched yet, in the order in which they were added.

        Inside `write()` they are locked until it ends, and those that another transaction has locked are left out, so
        that several workers share them.
        """
        ...


class OutboxRepository(OutboxReader, Protocol):
    """The outbox, to be changed."""

    async def add(self, events: Iterable[Event]) -> None:
        """Add events in the transaction of the change that they report. One whose key is there is not added again."""
        ...

    async def mark_dispatched(self, events: Collection[Event], at: datetime) -> None:
        """Mark events as dispatched."""
        ...

    async def remove(self, events: Collection[Event]) -> None:
        """Delete events, as if they had never been added."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the events that were dispatched before that moment; return how many."""
        ...
