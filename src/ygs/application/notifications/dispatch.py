"""The dispatcher: turns the events of the outbox into notices, and into deliveries by the service's channels."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ygs.application.polling import poll
from ygs.domain.deliveries import EventDelivery
from ygs.domain.errors import Unavailable
from ygs.domain.events import ADMIN_EVENTS, Event
from ygs.domain.ids import DeliveryId, NoticeId, UserId
from ygs.domain.notices import Notice
from ygs.ports.channels import DeliveryChannels
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage, Writing

# Events in a transaction.
BATCH = 500

_log = logging.getLogger("ygs.notifications")


@dataclass
class Dispatcher:
    """Dispatches events until it is stopped. Several dispatchers, in several processes, share the work.

    An event is marked as dispatched in the transaction that stores its notices and deliveries, so a crash loses
    none.
    """

    storage: Storage
    clock: Clock
    ids: Ids
    channels: DeliveryChannels
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def stop(self) -> None:
        """Stop after the batch that is dispatched now."""
        self._stopping.set()

    async def run(self) -> None:
        """Dispatch until `stop`. An error stops nothing: the same events are tried again."""
        await poll(self._step, self._stopping)

    async def _step(self) -> int:
        try:
            return await self.dispatch()
        except Unavailable:
            return 0
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it later
            _log.error("dispatching failed: %s", type(error).__name__)
            return 0

    async def dispatch(self) -> int:
        """Dispatch the events that have waited longest, `BATCH` at most; return how many there were."""
        # A look first, or an idle dispatcher would take a write lock each second.
        async with self.storage.read(latest=True) as reading:
            if not await reading.outbox.pending(1):
                return 0
        async with self.storage.write() as tx:
            events = await tx.outbox.pending(BATCH)
            notified = await _notified(tx, events)
            now = self.clock.now()
            await add_notices(tx, self.ids, notified)
            await add_deliveries(tx, self.ids, self.channels, notified, events=events, at=now)
            await tx.outbox.mark_dispatched(events, now)
        return len(events)


async def _notified(tx: Writing, events: Sequence[Event]) -> Sequence[tuple[UserId, Event]]:
    """Who is notified of each event."""
    staff = await tx.users.staff() if any(event.for_staff for event in events) else []
    administrators = await tx.users.administrators() if any(event.type in ADMIN_EVENTS for event in events) else []
    for_staff = []
    for event in events:
        if event.for_staff:
            hearing = administrators if event.type in ADMIN_EVENTS else staff
            for_staff += [(user_id, event) for user_id in hearing if user_id != event.user_id]
    return for_staff + [(event.user_id, event) for event in events if event.user_id and not event.for_staff]


async def add_notices(tx: Writing, ids: Ids, notified: Sequence[tuple[UserId, Event]]) -> None:
    """Add the notices of these people, each once."""
    await tx.notices.add_all(
        [Notice(id=NoticeId(ids.make("ntc")), user_id=user_id, event=event) for user_id, event in notified]
    )


async def add_deliveries(
    tx: Writing,
    ids: Ids,
    channels: DeliveryChannels,
    notified: Sequence[tuple[UserId, Event]],
    *,
    at: datetime,
    events: Sequence[Event] = (),
) -> None:
    """Add what the channels take of events of the outbox, and of what these people are notified of: due from now on, or
    from when the channel opens."""
    for each in channels:
        recipients = await each.recipients(tx, events, notified)
        await tx.deliveries.add_all(
            [
                EventDelivery(
                    id=DeliveryId(ids.make("dlv")),
                    channel=each.channel,
                    recipient_id=recipient_id,
                    event=event,
                    due_at=each.opens_at(at),
                )
                for recipient_id, event in recipients
            ]
        )
