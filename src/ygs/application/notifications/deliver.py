"""The deliverer: sends what waits for somebody outside the service, and tries again what was not taken."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from zoneinfo import ZoneInfo

from ygs.application import polling
from ygs.application.notifications.reminders import unanswered
from ygs.domain.deliveries import DeliveryAttempt, EventDelivery, channel_of
from ygs.domain.errors import Unavailable
from ygs.domain.introductions import IntroductionState
from ygs.domain.reminders import is_quiet, quiet_until
from ygs.ports.channels import DeliveryChannels, Refused, Send, SendOutcome, TryAgain
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# Sent at once in a lane, and claimed together, so that none waits while its lease runs. A receiver has to bear so many
# connections from each process that delivers.
AT_ONCE = 16
# Lanes that are worked on at once; whoever was served longest ago has the next turn.
MOST_LANES = 16
# An attempt takes no longer, well within its lease.
SEND_SECONDS = 20.0
LEASE_SECONDS = 60

_log = logging.getLogger("ygs.notifications")


@dataclass
class Deliverer:
    """Sends deliveries until it is stopped. Several deliverers, in several processes, share the work.

    Lanes are worked on beside each other, so a receiver that is slow or down holds up its own messages only. Nothing
    is sent inside a transaction. Whoever dies between sending and recording makes another send again: at least once.
    """

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    channels: DeliveryChannels
    _rounds: dict[str, "asyncio.Task[None]"] = field(default_factory=dict, init=False)
    _served: dict[str, int] = field(default_factory=dict, init=False)
    _turns: Iterator[int] = field(default_factory=count, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def stop(self) -> None:
        """Stop after what is sent now."""
        self._stopping.set()

    async def run(self) -> None:
        """Deliver until `stop`. An error stops nothing: what was not recorded is sent again after its lease."""
        try:
            await polling.poll(self._step, self._stopping)
            if self._rounds:
                await asyncio.wait(self._rounds.values())
        finally:
            for task in self._rounds.values():
                task.cancel()
            await asyncio.gather(*self._rounds.values(), return_exceptions=True)

    async def _step(self) -> bool:
        """Begin a round in the lanes that have none; wait until one ends."""
        async with self.storage.read(latest=True) as reading:
            due = await reading.deliveries.due_lanes(self.clock.now())
        for lane in self._next(due):
            self._served[lane] = next(self._turns)
            self._rounds[lane] = asyncio.create_task(self._round(lane))
        if not self._rounds:
            return False
        await asyncio.wait(self._rounds.values(), timeout=polling.IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        self._rounds = {lane: task for lane, task in self._rounds.items() if not task.done()}
        return True

    def _next(self, due: Collection[str]) -> Sequence[str]:
        """The lanes whose turn it is, of channels that are open now: those served longest ago."""
        now = self.clock.now()
        ours = {channel.channel for channel in self.channels if channel.opens_at(now) <= now}
        free = [lane for lane in due if lane not in self._rounds and channel_of(lane) in ours]
        in_turn = sorted(free, key=lambda lane: (self._served.get(lane, -1), lane))
        return in_turn[: MOST_LANES - len(self._rounds)]

    async def _round(self, lane: str) -> None:
        try:
            sent = await self.deliver(lane)
        except Unavailable:
            sent = 0
        except Exception as error:  # noqa: BLE001 - whatever it is, the other lanes do not wait for it
            _log.error("delivering failed: %s", type(error).__name__)
            sent = 0
        if not sent:
            # The storage does not answer, or another deliverer has them: no reason to ask again at once.
            await asyncio.sleep(polling.IDLE_SECONDS)

    async def deliver(self, lane: str) -> int:
        """Send the deliveries of a lane that have been due for longest, at most `AT_ONCE`; return how many there were.

        Those that could not be sent are tried again later.
        """
        async with self.storage.write() as tx:
            claimed = await tx.deliveries.claim(lane, at=self.clock.now(), seconds=LEASE_SECONDS, limit=AT_ONCE)
        if not claimed:
            return 0
        (channel,) = (each for each in self.channels if each.channel is claimed[0].channel)
        wanted = await self._still_wanted(await self._without_old_news(claimed))
        async with self.storage.read(latest=True) as reading:
            sends = await channel.prepare(reading, wanted)
        outcomes = await asyncio.gather(*(self._attempt(each, sends.get(each.id)) for each in wanted))
        async with self.storage.write() as tx:
            await tx.deliveries.record([each.delivery for each in outcomes], [each.attempt for each in outcomes])
            await channel.record(tx, outcomes)
        return len(claimed)

    async def _without_old_news(self, claimed: Sequence[EventDelivery]) -> Sequence[EventDelivery]:
        """The deliveries without those that tell a person of a new introduction that is over by now: because no
        deliverer ran for days, or it was answered during the night. They are deleted; the notice stays in the list."""
        news = [each for each in claimed if each.announces_introduction]
        ids = {each.event.introduction_id for each in news if each.event.introduction_id}
        if not ids:
            return claimed
        now = self.clock.now()
        async with self.storage.read(latest=True) as reading:
            found = await reading.introductions.by_ids(ids)
        over = {each.id for each in found if each.state_at(now) is not IntroductionState.WAITING}
        old = [each for each in news if each.event.introduction_id in over]
        if old:
            async with self.storage.write() as tx:
                await tx.deliveries.remove([each.id for each in old])
        return [each for each in claimed if each not in old]

    async def _still_wanted(self, claimed: Sequence[EventDelivery]) -> Sequence[EventDelivery]:
        """The deliveries that are still to be sent. Reminders of what was answered meanwhile are deleted, and at night
        all of them wait until the morning."""
        reminders = [each for each in claimed if each.of_reminder]
        if not reminders:
            return claimed
        now = self.clock.now()
        async with self.storage.write() as tx:
            due = await unanswered(tx, reminders, now)
            await tx.deliveries.remove([each.id for each in reminders if each not in due])
            if not is_quiet(now, self.zone):
                return [each for each in claimed if each in due or not each.of_reminder]
            await tx.deliveries.record([each.put_off(quiet_until(now, self.zone)) for each in due], [])
        return [each for each in claimed if not each.of_reminder]

    async def _attempt(self, delivery: EventDelivery, send: Send | None) -> SendOutcome:
        """Send a delivery once."""
        at = self.clock.now()
        loop = asyncio.get_running_loop()
        began = loop.time()
        answer = await _answer(delivery, send)
        attempt = DeliveryAttempt(
            delivery_id=delivery.id,
            number=delivery.fence,
            at=at,
            milliseconds=round((loop.time() - began) * 1000),
            status=answer.status,
            error=answer.error,
        )
        after = delivery.attempted(attempt, again=answer.again, wait=answer.wait)
        return SendOutcome(after, attempt, gone=answer.gone)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one attempt."""

    status: int | None = None
    error: str = ""
    again: bool = False
    wait: timedelta | None = None
    gone: bool = False


async def _answer(delivery: EventDelivery, send: Send | None) -> _Answer:
    if send is None:
        return _Answer(error="no_recipient")
    try:
        async with asyncio.timeout(SEND_SECONDS):
            return _Answer(await send())
    except TryAgain as later:
        return _Answer(later.status, later.error, again=True, wait=later.wait)
    except Refused as refused:
        return _Answer(refused.status, refused.error, gone=refused.gone)
    except TimeoutError:
        return _Answer(error="timeout", again=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other messages do not wait for it
        if not delivery.of_reminder:  # of whom would tell that they have not answered
            _log.error("sending %s by %s failed: %s", delivery.id, delivery.channel, type(error).__name__)
        return _Answer(error="unexpected", again=True)
