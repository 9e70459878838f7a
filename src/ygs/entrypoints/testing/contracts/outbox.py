"""The contract of the outbox."""

from datetime import timedelta

from ygs.domain.events import IntroductionDecided, IntroductionPublished, StatusChanged
from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

INTRODUCED = IntroductionPublished(
    UserId(numbered("usr", 1)), IntroductionId(numbered("mh", 1)), WeekId(numbered("mw", 1))
)
DECIDED = IntroductionDecided(INTRODUCED.user_id, INTRODUCED.introduction_id)
PAUSED = StatusChanged(INTRODUCED.user_id, "paused")
ACTIVE = StatusChanged(INTRODUCED.user_id, "active")


class OutboxContract:
    """Every promise of `OutboxRepository`."""

    async def test_events_wait_in_the_order_they_were_written(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.outbox.add([PAUSED, INTRODUCED], NOON)
        async with storage.write() as tx:
            await tx.outbox.add([], NOON)
            await tx.outbox.add([DECIDED], NOON)
            assert await tx.outbox.pending(2) == [PAUSED, INTRODUCED]
        async with storage.read() as tx:
            assert await tx.outbox.pending() == [PAUSED, INTRODUCED, DECIDED]

    async def test_the_same_event_is_told_once(self, storage: Storage) -> None:
        for minute in range(2):
            async with storage.write() as tx:
                await tx.outbox.add([INTRODUCED, DECIDED, DECIDED], NOON + timedelta(minutes=minute))
        async with storage.read() as tx:
            assert await tx.outbox.pending() == [INTRODUCED, DECIDED]

    async def test_a_status_can_change_to_the_same_at_another_time(self, storage: Storage) -> None:
        async with storage.write() as tx:
            for minute, event in enumerate([PAUSED, ACTIVE, PAUSED]):
                await tx.outbox.add([event], NOON + timedelta(minutes=minute))
        async with storage.read() as tx:
            assert await tx.outbox.pending() == [PAUSED, ACTIVE, PAUSED]
