"""The port of channels: how messages about events reach people and systems outside the service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType, Protocol, TypeAlias

from ygs.domain.deliveries import Channel, DeliveryAttempt, EventDelivery
from ygs.domain.events import Event
from ygs.domain.ids import DeliveryId, UserId
from ygs.ports.storage import Reading, Writing


# Not frozen: whatever an exception passes through may set its traceback.
@dataclass(unsafe_hash=True)
class TryAgain(Exception):
    """The message was not sent, and may be later. `error`: a code; `status`: what the receiver answered, if anything;
    `wait`: how long it asked to be left alone."""

    error: str
    status: int | None = None
    wait: timedelta | None = None


@dataclass(unsafe_hash=True)
class Refused(Exception):
    """The receiver will never take this message. `gone`: nor any other, since the address is no longer there."""

    error: str
    status: int | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """How an attempt to send a delivery ended. `gone`: the recipient's address is no longer there."""

    delivery: EventDelivery
    attempt: DeliveryAttempt
    gone: bool = False


# Sends one message once and returns the receiver's status, if it has one. Raises `TryAgain` or `Refused`.
Send: TypeAlias = Callable[[], Awaitable[int | None]]


class DeliveryChannel(Protocol):
    """One way out of the service: whom it takes which events to, and how."""

    @property
    def channel(self) -> Channel:
        """Which one it is."""
        ...

    def opens_at(self, at: datetime) -> datetime:
        """When what is ready at that moment may be sent: at once, or after the night."""
        ...

    async def recipients(
        self, tx: Writing, events: Sequence[Event], notified: Sequence[tuple[UserId, Event]]
    ) -> Sequence[tuple[str, Event]]:
        """Whom this channel takes which event to, in a bounded number of statements: ids of users or of endpoints.

        `events`: events of the outbox; `notified`: the people who get notices of them. Reminders are in `notified`
        only, and concern nobody but the person beside them.
        """
        ...

    async def prepare(self, reading: Reading, deliveries: Sequence[EventDelivery]) -> Mapping[DeliveryId, Send]:
        """What sends each of these deliveries, in a bounded number of statements. One that is left out has nobody to go
        to any more, and fails."""
        ...

    async def record(self, tx: Writing, outcomes: Sequence[SendOutcome]) -> None:
        """Store what the outcomes tell of their recipients, such as that an address is gone, in the transaction that
        stores the outcomes."""
        ...


# The channels of this service.
DeliveryChannels = NewType("DeliveryChannels", tuple[DeliveryChannel, ...])
