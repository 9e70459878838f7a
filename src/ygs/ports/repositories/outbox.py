"""Events to be delivered once their transaction has committed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.events import Event
from ygs.ports.repositories import MOST_PAGE


class OutboxReader(Protocol):
    """Events on their way out."""

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        """Those not delivered yet, in the order they were written; at most `limit`."""
        ...


class OutboxRepository(OutboxReader, Protocol):
    """Events to be delivered once this transaction has committed."""

    async def add(self, events: Iterable[Event], at: datetime) -> None:
        """Write them down with the change they tell of.

        One that is there already is not told twice; only a status can change to the same at another time.
        """
        ...
