"""Deliveries: messages about events to somebody outside the service, by e-mail, text, push or webhook.

A delivery is sent at least once: a deliverer claims it under a lease, sends it outside any transaction, and stores how
that ended. When the deliverer dies in between, the lease ends and another one sends it again, so receivers recognise
a repeated message by the key of its event.

A delivery of a reminder tells that a member has not answered: no list and no log shows one.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, WrongStatus
from ygs.domain.events import Event, EventType
from ygs.domain.ids import DeliveryId

# How long after each failed attempt the next one follows: about 28 hours in all, after the specification Standard
# Webhooks.
RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
MOST_SENDS = len(RETRIES) + 1
# A receiver that asks for more time than this gets no more.
LONGEST_WAIT = timedelta(hours=24)
# Each wait is up to a tenth shorter or longer, so that what failed together does not come again together.
_JITTER = 0.1


class Channel(StrEnum):
    """How a message leaves the service."""

    EMAIL = "email"
    TEXT = "text"
    PUSH = "push"
    WEBHOOK = "webhook"


def channel_of(lane: str) -> Channel:
    """The channel of a lane."""
    return Channel(lane.partition(":")[0])


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # no attempt follows; staff may send it again


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One attempt to send a delivery. Times are UTC.

    `number`: 1 for the first attempt at this delivery. `status`: what the receiver answered, such as 503 of HTTP; None
    without an answer. `error`: a code, "" when it was delivered. Neither body nor address is kept.
    """

    delivery_id: DeliveryId
    number: int
    at: datetime
    milliseconds: int
    status: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDelivery:
    """A message about an event for one recipient by one channel. Times are UTC.

    `recipient_id`: the user's, or the webhook endpoint's. `due_at`: not sent before; the end of the lease while it is
    claimed. `attempts`: how often it was claimed since it was queued; `fence`: how often ever, which is the fencing
    token of the latest claim. `status` and `error`: of the latest attempt.
    """

    id: DeliveryId
    channel: Channel
    recipient_id: str
    event: Event
    due_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    fence: int = 0
    status: int | None = None
    error: str = ""
    finished_at: datetime | None = None

    @property
    def lane(self) -> str:
        """Deliveries of one lane wait for each other and for nobody else: one for each webhook endpoint, and one for
        each other channel."""
        return f"{self.channel}:{self.recipient_id}" if self.channel is Channel.WEBHOOK else self.channel.value

    @property
    def of_reminder(self) -> bool:
        """Whether it tells that somebody has not answered, so that nobody but its recipient may learn of it."""
        return self.event.type is EventType.INTRODUCTION_REMINDER

    @property
    def announces_introduction(self) -> bool:
        """Whether it tells a person, not another system, that an introduction waits for their answer."""
        return self.event.type is EventType.INTRODUCTION_PROPOSED and self.channel is not Channel.WEBHOOK

    def claimable(self, at: datetime) -> bool:
        """Whether a deliverer may claim it: it is due, or the lease of its deliverer is over."""
        return self.state is DeliveryState.WAITING and self.due_at <= at

    def claimed(self, *, at: datetime, seconds: int) -> Self:
        """The delivery, leased to a deliverer; `fence` is its token."""
        leased_until = at + timedelta(seconds=seconds)
        return replace(self, attempts=self.attempts + 1, fence=self.fence + 1, due_at=leased_until)

    def attempted(self, attempt: DeliveryAttempt, *, again: bool = False, wait: timedelta | None = None) -> Self:
        """The delivery after an attempt: delivered; waiting for the next one if `again`; or failed. `wait`: how
        long the receiver asked to be left alone."""
        after = replace(self, status=attempt.status, error=attempt.error)
        if not attempt.error:
            return replace(after, state=DeliveryState.DELIVERED, finished_at=attempt.at)
        if again and self.attempts < MOST_SENDS:
            return replace(after, due_at=attempt.at + max(self._retry_after(), min(wait or timedelta(), LONGEST_WAIT)))
        return replace(after, state=DeliveryState.FAILED, finished_at=attempt.at)

    def put_off(self, until: datetime) -> Self:
        """The delivery, given back unsent by its deliverer until it may be sent."""
        return replace(self, attempts=self.attempts - 1, due_at=until)

    def requeued(self, *, at: datetime) -> Self:
        """The delivery, to be sent again. `WrongStatus` while it waits anyway."""
        if self.state is DeliveryState.WAITING:
            raise WrongStatus(N_("this message is still being sent: there is nothing to send again"))
        return replace(self, state=DeliveryState.WAITING, attempts=0, due_at=at, finished_at=None)

    def _retry_after(self) -> timedelta:
        # Of the id, not random: the same in every process and in every replayed simulation.
        digest = hashlib.sha256(f"{self.id}:{self.fence}".encode()).digest()
        spread = int.from_bytes(digest[:4], "big") / (1 << 32)
        return RETRIES[self.attempts - 1] * (1 + _JITTER * (2 * spread - 1))
