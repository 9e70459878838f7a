"""The contract of deliveries."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.deliveries import Channel, DeliveryAttempt, DeliveryState, EventDelivery
from ygs.domain.errors import NotFound
from ygs.domain.events import Event, reminder
from ygs.domain.ids import DeliveryId
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.outbox import an_event
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

LEASE = 60
ENDPOINT = numbered("whk", 1)
LANE = f"webhook:{ENDPOINT}"


def a_delivery(
    number: int = 1, *, to: str = ENDPOINT, channel: Channel = Channel.WEBHOOK, event: Event | None = None, due: int = 0
) -> EventDelivery:
    """A delivery of an event of its own, due so many seconds after noon."""
    return EventDelivery(
        id=DeliveryId(numbered("dlv", number)),
        channel=channel,
        recipient_id=to,
        event=event or an_event(number),
        due_at=NOON + timedelta(seconds=due),
    )


def an_attempt(delivery: EventDelivery, *, error: str = "", seconds: int = 1) -> DeliveryAttempt:
    """An attempt that took 120 ms."""
    at = NOON + timedelta(seconds=seconds)
    status = 503 if error else 200
    return DeliveryAttempt(
        delivery_id=delivery.id, number=delivery.fence, at=at, milliseconds=120, status=status, error=error
    )


async def _add(storage: Storage, *deliveries: EventDelivery) -> None:
    async with storage.write() as tx:
        await tx.deliveries.add_all(deliveries)


async def _claim(storage: Storage, lane: str = LANE, *, seconds: int = 0, limit: int = 10) -> Sequence[EventDelivery]:
    async with storage.write() as tx:
        at = NOON + timedelta(seconds=seconds)
        return await tx.deliveries.claim(lane, at=at, seconds=LEASE, limit=limit)


async def _record(storage: Storage, delivery: EventDelivery, attempt: DeliveryAttempt, *, again: bool = False) -> None:
    async with storage.write() as tx:
        await tx.deliveries.record([delivery.attempted(attempt, again=again)], [attempt])


class DeliveryContract:
    """Every promise of `DeliveryRepository`."""

    async def test_a_delivery_comes_back_as_it_was_added(self, storage: Storage) -> None:
        await _add(storage, a_delivery())
        async with storage.read() as tx:
            assert await tx.deliveries.get(a_delivery().id) == a_delivery()
            with pytest.raises(NotFound):
                await tx.deliveries.get(a_delivery(2).id)

    async def test_a_recipient_has_one_delivery_of_an_event_by_each_channel(self, storage: Storage) -> None:
        event = an_event()
        first = a_delivery(1, event=event)
        by_text = a_delivery(3, event=event, channel=Channel.TEXT)
        to_another = a_delivery(4, event=event, to="another")
        await _add(storage, first)
        await _add(storage, a_delivery(2, event=event), by_text, to_another, a_delivery(5, event=event))
        async with storage.read() as tx:
            assert await tx.deliveries.page() == [to_another, by_text, first]

    async def test_deliveries_are_claimed_by_lane_and_when_they_are_due_the_longest_due_first(
        self, storage: Storage
    ) -> None:
        by_mail = a_delivery(5, channel=Channel.EMAIL)
        await _add(
            storage, a_delivery(1, due=2), a_delivery(2, due=1), a_delivery(3, due=9), a_delivery(4, to="x"), by_mail
        )
        claimed = [await _claim(storage, seconds=3, limit=1) for _ in range(3)]
        assert [[each.id for each in some] for some in claimed] == [[a_delivery(2).id], [a_delivery(1).id], []]
        assert [each.id for each in await _claim(storage, "email", seconds=3)] == [by_mail.id]

    async def test_lanes_are_due_in_which_something_can_be_claimed(self, storage: Storage) -> None:
        await _add(storage, a_delivery(1, due=5), a_delivery(2, channel=Channel.PUSH), a_delivery(3))
        assert await self._due_lanes(storage, 0) == {LANE, "push"}
        await _claim(storage)
        assert await self._due_lanes(storage, 4) == {"push"}
        assert await self._due_lanes(storage, 5) == await self._due_lanes(storage, LEASE) == {LANE, "push"}

    async def _due_lanes(self, storage: Storage, seconds: int) -> set[str]:
        async with storage.read() as tx:
            return set(await tx.deliveries.due_lanes(NOON + timedelta(seconds=seconds)))

    async def test_two_deliverers_never_have_the_same_delivery(self, storage: Storage) -> None:
        await _add(storage, *(a_delivery(number) for number in range(1, 31)))
        claimed = await asyncio.gather(*(_claim(storage, limit=7) for _ in range(12)))
        ids = [each.id for some in claimed for each in some]
        assert len(ids) == len(set(ids))
        ids += [each.id for each in await _claim(storage, limit=30)]  # those that others had locked
        assert sorted(ids) == [a_delivery(number).id for number in range(1, 31)]

    async def test_what_its_deliverer_did_not_record_is_claimed_again_after_the_lease(self, storage: Storage) -> None:
        await _add(storage, a_delivery())
        (first,) = await _claim(storage)
        assert await _claim(storage, seconds=LEASE - 1) == []
        (second,) = await _claim(storage, seconds=LEASE)
        assert (first.attempts, first.fence, second.attempts, second.fence) == (1, 1, 2, 2)
        await _record(storage, first, an_attempt(first))
        async with storage.read() as tx:
            assert await tx.deliveries.get(first.id) == second
            assert await tx.deliveries.attempts([first.id]) == []

    async def test_outcomes_are_kept_with_their_attempts(self, storage: Storage) -> None:
        await _add(storage, a_delivery(1), a_delivery(2), a_delivery(3))
        claimed = await _claim(storage)
        attempts = [an_attempt(each, error="" if each.id == claimed[0].id else "http_error") for each in claimed]
        after = [each.attempted(one, again=each is claimed[1]) for each, one in zip(claimed, attempts, strict=True)]
        async with storage.write() as tx:
            await tx.deliveries.record(after, attempts)
            await tx.deliveries.record([], [])
        async with storage.read() as tx:
            stored = await tx.deliveries.page()
            assert await tx.deliveries.attempts([each.id for each in reversed(claimed)]) == attempts
        assert stored == after[::-1]
        assert [each.state for each in after] == ["delivered", "waiting", "failed"]
        assert (await _claim(storage, seconds=LEASE * 100))[0].id == claimed[1].id

    async def test_attempts_are_numbered_also_after_it_is_sent_again(self, storage: Storage) -> None:
        await _add(storage, a_delivery())
        for error in ("http_error", ""):
            (claimed,) = await _claim(storage)
            await _record(storage, claimed, an_attempt(claimed, error=error))
            async with storage.write() as tx:
                await tx.deliveries.save((await tx.deliveries.get(claimed.id)).requeued(at=NOON))
        async with storage.read() as tx:
            assert [each.number for each in await tx.deliveries.attempts([a_delivery().id])] == [1, 2]
            assert (await tx.deliveries.get(a_delivery().id)).state is DeliveryState.WAITING

    async def test_deliveries_are_listed_newest_first_and_those_of_reminders_never(self, storage: Storage) -> None:
        secret = reminder(an_introduction(a_user(1), a_user(2), a_week()), a_user(1).id, 1, NOON)
        reminded = a_delivery(6, to=a_user(1).id, channel=Channel.EMAIL, event=secret)
        mine = [a_delivery(number) for number in (1, 2, 3)]
        by_mail = a_delivery(4, to=a_user(1).id, channel=Channel.EMAIL)
        await _add(storage, *mine, by_mail, a_delivery(5, to="x"), reminded)
        async with storage.read() as tx:
            page = tx.deliveries.page
            assert await page(recipient_id=ENDPOINT, limit=2) == mine[:0:-1]
            assert await page(recipient_id=ENDPOINT, after=mine[1].id) == mine[:1]
            assert await page(channel=Channel.EMAIL) == await page(recipient_id=a_user(1).id) == [by_mail]
            assert await page(state=DeliveryState.FAILED) == []
            assert len(await page(state=DeliveryState.WAITING)) == 5

    async def test_a_recipient_s_failed_deliveries_are_sent_again_since_a_moment(self, storage: Storage) -> None:
        later = NOON + timedelta(hours=1)
        events = [an_event(1), *(an_event(number, later) for number in (2, 3, 4))]
        added = [a_delivery(number, event=event) for number, event in enumerate(events, 1)]
        await _add(storage, *added[:3], replace(added[3], recipient_id="x"))
        for each in (*await _claim(storage), *await _claim(storage, "webhook:x")):
            await _record(storage, each, an_attempt(each, error="" if each.id == added[2].id else "gone"))
        async with storage.write() as tx:
            assert await tx.deliveries.requeue_since(Channel.WEBHOOK, ENDPOINT, later, at=NOON) == 1
        assert [each.id for each in await _claim(storage)] == [added[1].id]

    async def test_what_is_removed_is_gone_with_its_attempts(self, storage: Storage) -> None:
        await _add(storage, a_delivery(1), a_delivery(2))
        for each in await _claim(storage):
            await _record(storage, each, an_attempt(each))
        async with storage.write() as tx:
            await tx.deliveries.remove([a_delivery(1).id, a_delivery(9).id])
            await tx.deliveries.add_all([replace(a_delivery(1), id=a_delivery(7).id)])
        async with storage.read() as tx:
            assert [each.id for each in await tx.deliveries.page()] == [a_delivery(7).id, a_delivery(2).id]
            assert await tx.deliveries.attempts([a_delivery(1).id]) == []

    async def test_what_ended_long_ago_is_purged_and_what_waits_is_kept(self, storage: Storage) -> None:
        await _add(storage, a_delivery(1), a_delivery(2), a_delivery(3, due=1))
        old, new = await _claim(storage)
        await _record(storage, old, an_attempt(old))
        await _record(storage, new, an_attempt(new, seconds=9))
        async with storage.write() as tx:
            assert await tx.deliveries.purge(NOON + timedelta(seconds=9)) == 1
        async with storage.read() as tx:
            assert [each.id for each in await tx.deliveries.page()] == [a_delivery(3).id, new.id]
            assert await tx.deliveries.attempts([old.id]) == []
