"""The outbox: events that are delivered after their transaction has committed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.events import Event
from ygs.ports.repositories import MOST_PAGE


class OutboxReader(Protocol):
    """The outbox, to be read."""

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        """At most `limit` events that are not delivered yet, in the order in which they were added."""
        ...


class OutboxRepository(OutboxReader, Protocol):
    """The outbox, to be added to."""

    async def add(self, events: Iterable[Event], at: datetime) -> None:
        """Add events in the transaction of the change that they report.

        An event that is there already is not added again. A status change counts as another event at another time.
        """
        ...
