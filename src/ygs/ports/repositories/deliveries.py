"""Deliveries of events to somebody outside the service, and the attempts to send them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.deliveries import Channel, DeliveryAttempt, DeliveryState, EventDelivery
from ygs.domain.ids import DeliveryId
from ygs.ports.repositories import MOST_PAGE


class DeliveryReader(Protocol):
    """Deliveries, to be read."""

    async def get(self, id: DeliveryId) -> EventDelivery:
        """The delivery, locked until a writing transaction ends, or `NotFound`."""
        ...

    async def due_lanes(self, at: datetime) -> Collection[str]:
        """The lanes in which a delivery can be claimed."""
        ...

    async def page(
        self,
        *,
        channel: Channel | None = None,
        recipient_id: str | None = None,
        state: DeliveryState | None = None,
        after: DeliveryId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[EventDelivery]:
        """At most `limit` deliveries, of one channel, recipient and state if given, before `after`, the newest first.

        Those of reminders are left out: they tell who has not answered.
        """
        ...

    async def attempts(self, ids: Collection[DeliveryId]) -> Sequence[DeliveryAttempt]:
        """The attempts to send these deliveries, ascending by delivery and number, in one statement."""
        ...


class DeliveryRepository(DeliveryReader, Protocol):
    """Deliveries, to be changed."""

    async def add_all(self, deliveries: Sequence[EventDelivery]) -> None:
        """Add deliveries in a bounded number of statements. A recipient has one delivery of an event by each channel:
        others are left out."""
        ...

    async def claim(self, lane: str, *, at: datetime, seconds: int, limit: int) -> Sequence[EventDelivery]:
        """Claim at most `limit` deliveries of a lane, those that have been due for longest.

        No two deliverers get the same delivery before its lease of so many seconds ends, and none waits for another.
        """
        ...

    async def record(self, deliveries: Sequence[EventDelivery], attempts: Sequence[DeliveryAttempt]) -> None:
        """Store claimed deliveries after their attempts, in a bounded number of statements.

        A delivery that was claimed again, sent again by staff or deleted meanwhile is left out, its attempt too.
        """
        ...

    async def save(self, delivery: EventDelivery) -> None:
        """Store a delivery that `get` returned in this transaction."""
        ...

    async def requeue_since(self, channel: Channel, recipient_id: str, since: datetime, *, at: datetime) -> int:
        """Queue a recipient's failed deliveries of events since that moment again, in one statement; return how many.

        Those of reminders are left out.
        """
        ...

    async def remove(self, ids: Collection[DeliveryId]) -> None:
        """Delete deliveries with their attempts."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the deliveries that ended before that moment, with their attempts; return how many."""
        ...
