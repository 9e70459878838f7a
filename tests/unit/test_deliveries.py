"""Deliveries are sent at least once, later each time, each lane for itself, and a reminder only while it is due."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ygs.adapters.memory import MemoryStorage
from ygs.application import polling
from ygs.application.notifications import deliver as module
from ygs.application.notifications.deliver import AT_ONCE, LEASE_SECONDS, MOST_LANES, Deliverer
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.notifications.reminders import Reminders
from ygs.domain.deliveries import LONGEST_WAIT, MOST_SENDS, RETRIES, Channel, DeliveryState, EventDelivery
from ygs.domain.errors import Unavailable, WrongStatus
from ygs.domain.events import Event, EventType, proposed, reminder
from ygs.domain.ids import DeliveryId, UserId
from ygs.domain.introductions import Answer, Choice
from ygs.domain.reminders import is_quiet, quiet_until
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.deliveries import LANE, a_delivery, an_attempt
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.channels import DeliveryChannels, Refused, Send, SendOutcome, TryAgain
from ygs.ports.storage import Reading, Writing

SEOUL = ZoneInfo("Asia/Seoul")
INTRODUCTION = an_introduction(a_user(1), a_user(2), a_week())
ME = a_user(1).id


@dataclass
class Line:
    """A `DeliveryChannel` in memory: `answer` plays the receiver, who is told the delivery."""

    channel: Channel = Channel.WEBHOOK
    answer: Callable[[EventDelivery], Awaitable[int | None]] | None = None
    nobody: frozenset[str] = frozenset()
    sent: list[EventDelivery] = field(default_factory=list)
    outcomes: list[SendOutcome] = field(default_factory=list)
    opens: datetime | None = None

    def opens_at(self, at: datetime) -> datetime:
        """Not before `opens`."""
        return max(at, self.opens or at)

    async def recipients(
        self, tx: Writing, events: Sequence[Event], notified: Sequence[tuple[UserId, Event]]
    ) -> Sequence[tuple[str, Event]]:
        """The people who are notified."""
        return notified

    async def prepare(self, reading: Reading, deliveries: Sequence[EventDelivery]) -> Mapping[DeliveryId, Send]:
        """Everybody but `nobody`."""
        return {each.id: self._send(each) for each in deliveries if each.recipient_id not in self.nobody}

    def _send(self, delivery: EventDelivery) -> Send:
        async def send() -> int | None:
            self.sent.append(delivery)
            return await self.answer(delivery) if self.answer else 200

        return send

    async def record(self, tx: Writing, outcomes: Sequence[SendOutcome]) -> None:
        """Keep them."""
        self.outcomes += outcomes


class Post:
    """A storage with deliveries, and a deliverer with one channel."""

    def __init__(self, line: Line, at: datetime = NOON) -> None:
        self.storage = MemoryStorage()
        self.clock = FrozenClock(at)
        self.line = line
        self.deliverer = Deliverer(self.storage, self.clock, SEOUL, DeliveryChannels((line,)))

    async def add(self, *deliveries: EventDelivery) -> None:
        """Add deliveries."""
        async with self.storage.write() as tx:
            await tx.deliveries.add_all(deliveries)

    async def get(self, number: int = 1) -> EventDelivery:
        """A delivery as it is stored."""
        async with self.storage.read() as tx:
            return await tx.deliveries.get(a_delivery(number).id)


def _raises(error: BaseException) -> Callable[[EventDelivery], Awaitable[int | None]]:
    async def answer(delivery: EventDelivery) -> int | None:
        raise error

    return answer


async def _ends(post: "Post", *numbers: int) -> None:
    """Wait until these deliveries are over, while time passes."""
    async with asyncio.timeout(10):
        while not all([(await post.get(number)).finished_at for number in numbers]):  # noqa: ASYNC110 - storage sets none
            await asyncio.sleep(0.001)


async def test_what_is_sent_is_delivered_once() -> None:
    post = Post(Line())
    await post.add(a_delivery())
    assert (await post.deliverer.deliver(LANE), await post.deliverer.deliver(LANE)) == (1, 0)
    stored = await post.get()
    assert (stored.state, stored.status, stored.error, stored.finished_at) == (DeliveryState.DELIVERED, 200, "", NOON)
    assert [each.delivery for each in post.line.outcomes] == [stored]


async def test_what_fails_is_tried_for_about_28_hours_and_then_no_more() -> None:
    post = Post(Line(answer=_raises(TryAgain("http_error", 503))))
    await post.add(a_delivery())
    moments = list[datetime]()
    while (stored := await post.get()).state is DeliveryState.WAITING:
        post.clock.set(stored.due_at)
        moments.append(post.clock.now())
        assert await post.deliverer.deliver(LANE) == 1
    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert all(0.9 * due <= wait <= 1.1 * due for wait, due in zip(waits, RETRIES, strict=True))
    assert timedelta(hours=25) < moments[-1] - moments[0] < timedelta(hours=31)
    assert (stored.state, stored.status, stored.error, len(post.line.sent)) == ("failed", 503, "http_error", MOST_SENDS)
    async with post.storage.read() as tx:
        assert [each.number for each in await tx.deliveries.attempts([stored.id])] == list(range(1, MOST_SENDS + 1))


async def test_waits_differ_so_that_what_failed_together_does_not_come_again_together() -> None:
    post = Post(Line(answer=_raises(TryAgain("http_error"))))
    await post.add(*(a_delivery(number) for number in range(1, AT_ONCE + 1)))
    await post.deliverer.deliver(LANE)
    assert len({(await post.get(number)).due_at for number in range(1, AT_ONCE + 1)}) == AT_ONCE


@pytest.mark.parametrize(
    ("asked", "waited"), [(timedelta(hours=1), timedelta(hours=1)), (timedelta(days=400), LONGEST_WAIT)]
)
async def test_a_receiver_that_asks_for_time_gets_it(asked: timedelta, waited: timedelta) -> None:
    post = Post(Line(answer=_raises(TryAgain("http_error", 429, asked))))
    await post.add(a_delivery())
    await post.deliverer.deliver(LANE)
    assert (await post.get()).due_at == NOON + waited


async def test_a_receiver_that_asks_for_less_time_than_is_due_is_left_alone_as_long_as_any_other() -> None:
    post = Post(Line(answer=_raises(TryAgain("http_error", 429, timedelta(seconds=1)))))
    await post.add(a_delivery())
    for _ in range(2):
        await post.deliverer.deliver(LANE)
        failed_at = post.clock.now()
        post.clock.set((await post.get()).due_at)
    assert post.clock.now() - failed_at > timedelta(minutes=4)


@pytest.mark.parametrize(
    ("line", "error", "gone"),
    [
        (Line(answer=_raises(Refused("gone", 410, gone=True))), "gone", True),
        (Line(answer=_raises(Refused("refused", 400))), "refused", False),
        (Line(nobody=frozenset([a_delivery().recipient_id])), "no_recipient", False),
    ],
)
async def test_what_is_refused_is_not_tried_again(line: Line, error: str, gone: bool) -> None:
    post = Post(line)
    await post.add(a_delivery())
    await post.deliverer.deliver(LANE)
    stored = await post.get()
    assert (stored.state, stored.error, stored.attempts) == (DeliveryState.FAILED, error, 1)
    assert [each.gone for each in line.outcomes] == [gone]


async def test_a_bug_in_a_channel_and_a_receiver_that_never_answers_are_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "SEND_SECONDS", 0.01)

    async def answer(delivery: EventDelivery) -> int | None:
        if delivery.id == a_delivery(1).id:
            raise KeyError("a secret")
        await asyncio.sleep(9)
        return 200

    post = Post(Line(answer=answer))
    await post.add(a_delivery(1), a_delivery(2))
    await post.deliverer.deliver(LANE)
    assert [(await post.get(number)).error for number in (1, 2)] == ["unexpected", "timeout"]
    assert [(await post.get(number)).state for number in (1, 2)] == ["waiting", "waiting"]
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


async def test_a_deliverer_that_dies_leaves_what_it_had_to_the_next_one() -> None:
    post = Post(Line(answer=_raises(asyncio.CancelledError())))
    await post.add(a_delivery())
    with pytest.raises(asyncio.CancelledError):
        await post.deliverer.deliver(LANE)
    post.line.answer = None
    assert await post.deliverer.deliver(LANE) == 0
    post.clock.advance(seconds=LEASE_SECONDS)
    assert await post.deliverer.deliver(LANE) == 1
    assert (await post.get()).state is DeliveryState.DELIVERED


async def test_of_two_deliverers_the_one_whose_lease_was_over_records_nothing() -> None:
    post = Post(Line())

    async def answer(delivery: EventDelivery) -> int | None:
        if delivery.fence == 1:  # so slow that another deliverer sends it as well
            post.clock.advance(seconds=LEASE_SECONDS)
            await post.deliverer.deliver(LANE)
            raise Refused("refused", 400)
        return 200

    post.line.answer = answer
    await post.add(a_delivery())
    await post.deliverer.deliver(LANE)
    assert ((await post.get()).state, (await post.get()).fence) == (DeliveryState.DELIVERED, 2)


async def test_a_receiver_that_is_down_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "IDLE_SECONDS", 0.001)
    healthy = {f"healthy{number}" for number in range(3)}
    open_again = asyncio.Event()

    async def answer(delivery: EventDelivery) -> int | None:
        if delivery.recipient_id not in healthy:
            await open_again.wait()
        return 200

    post = Post(Line(answer=answer))
    slow = [a_delivery(number, to=f"slow{number % 5}") for number in range(1, 20 * AT_ONCE)]
    quick = [a_delivery(number, to=to) for number, to in enumerate(healthy, 9001)]
    await post.add(*slow, *quick)
    running = asyncio.create_task(post.deliverer.run())
    await _ends(post, 9001, 9002, 9003)
    assert len(post.line.sent) - len(quick) == 5 * AT_ONCE  # no more at once for one receiver
    post.deliverer.stop()
    open_again.set()
    await asyncio.wait_for(running, 5)
    assert len(post.line.outcomes) == 3 + 5 * AT_ONCE  # what was being sent is recorded before it ends


async def test_lanes_have_turns_however_many_are_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "IDLE_SECONDS", 0.001)

    async def answer(delivery: EventDelivery) -> int | None:
        if delivery.recipient_id != "z":  # its lane is the last one
            post.clock.advance(seconds=1)
            raise TryAgain("http_error")
        return 200

    post = Post(Line(answer=answer))
    lanes = 3 * MOST_LANES
    await post.add(*(a_delivery(number, to=f"a{number % lanes:03}") for number in range(1, lanes * AT_ONCE * 2)))
    await post.add(a_delivery(9001, to="z"))
    running = asyncio.create_task(post.deliverer.run())
    await _ends(post, 9001)
    assert len(post.line.sent) <= (lanes + 1 + MOST_LANES) * AT_ONCE
    post.deliverer.stop()
    await asyncio.wait_for(running, 5)


async def test_a_storage_that_does_not_answer_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "IDLE_SECONDS", 0.001)
    post = Post(Line())
    await post.add(a_delivery())
    errors = [Unavailable(), RuntimeError(), Unavailable()]
    write = post.storage.write

    @asynccontextmanager
    async def failing(*, long: bool = False):  # type: ignore[no-untyped-def]
        if errors:
            raise errors.pop()
        async with write(long=long) as tx:
            yield tx

    monkeypatch.setattr(post.storage, "write", failing)
    running = asyncio.create_task(post.deliverer.run())
    async with asyncio.timeout(5):
        while not (await post.get()).finished_at:
            post.clock.advance(seconds=1)
            await asyncio.sleep(0.001)
    post.deliverer.stop()
    await asyncio.wait_for(running, 5)
    assert not errors


async def test_a_channel_that_is_not_there_leaves_its_deliveries_waiting() -> None:
    post = Post(Line())
    await post.add(a_delivery(channel=Channel.TEXT))
    running = asyncio.create_task(post.deliverer.run())
    await asyncio.sleep(0.02)
    post.deliverer.stop()
    await asyncio.wait_for(running, 5)
    assert (await post.get()).state is DeliveryState.WAITING


async def test_events_become_deliveries_with_their_notices_once() -> None:
    line = Line()
    post = Post(line)
    async with post.storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2)])
    dispatcher = Dispatcher(post.storage, post.clock, CountingIds(), DeliveryChannels((line,)))
    for _ in range(2):
        async with post.storage.write() as tx:
            await tx.outbox.remove(proposed(INTRODUCTION))
            await tx.outbox.add(proposed(INTRODUCTION))
        await dispatcher.dispatch()
    async with post.storage.read() as tx:
        found = await tx.deliveries.page()
        assert await tx.notices.count_unread(ME) == 1
    assert [(each.recipient_id, each.event) for each in reversed(found)] == [
        (event.user_id, event) for event in proposed(INTRODUCTION)
    ]


def test_only_what_ended_is_sent_again() -> None:
    waiting = a_delivery().claimed(at=NOON, seconds=60)
    with pytest.raises(WrongStatus):
        waiting.requeued(at=NOON)
    again = waiting.attempted(an_attempt(waiting)).requeued(at=NOON)
    assert (again.state, again.attempts, again.fence, again.due_at) == (DeliveryState.WAITING, 0, 1, NOON)


def _hours() -> Iterator[datetime]:
    return (NOON + timedelta(hours=hour / 4) for hour in range(200))


def test_every_night_ends_at_eight() -> None:
    for at in _hours():
        if is_quiet(at, SEOUL):
            morning = quiet_until(at, SEOUL)
            assert morning.astimezone(SEOUL).hour == 8
            assert timedelta() < morning - at <= timedelta(hours=11)


@dataclass
class ReminderPost(Post):
    """A `Post` by e-mail, with an introduction that waits for an answer of the first user."""

    def __init__(self) -> None:
        super().__init__(Line(channel=Channel.EMAIL))

    async def remind(self) -> None:
        """Remind both, as the job does."""
        async with self.storage.write() as tx:
            await tx.users.add_all([a_user(1), a_user(2)])
            await tx.weeks.add(a_week())
            await tx.introductions.add_all([INTRODUCTION], {})
        channels = DeliveryChannels((self.line,))
        await Reminders(self.storage, self.clock, CountingIds(), SEOUL, channels).remind(a_week().id, 1)

    async def answer(self, side: UserId) -> None:
        """Let one of the two accept."""
        async with self.storage.write() as tx:
            introduction = await tx.introductions.get(INTRODUCTION.id)
            answer = Answer(choice=Choice.ACCEPT, at=self.clock.now())
            await tx.introductions.save(introduction.answered(side, answer))


async def test_reminders_are_sent_and_no_list_shows_them() -> None:
    post = ReminderPost()
    await post.remind()
    assert await post.deliverer.deliver("email") == 2
    assert {each.event.type for each in post.line.sent} == {EventType.INTRODUCTION_REMINDER}
    async with post.storage.read() as tx:
        assert await tx.deliveries.page() == []


async def test_who_answers_before_the_reminder_is_sent_gets_none() -> None:
    post = ReminderPost()
    await post.remind()
    await post.answer(ME)
    await post.deliverer.deliver("email")
    assert [each.recipient_id for each in post.line.sent] == [a_user(2).id]


async def test_a_reminder_that_failed_is_not_sent_again_after_the_answer_nor_at_night() -> None:
    post = ReminderPost()
    post.line.answer = _raises(TryAgain("smtp_error", wait=timedelta(hours=1)))
    post.clock.set(datetime(2026, 11, 2, 20, 30, tzinfo=SEOUL))
    await post.remind()
    await post.deliverer.deliver("email")
    await post.answer(ME)
    post.line.answer, post.line.sent = None, []
    while post.clock.now() < INTRODUCTION.deadline and not post.line.sent:
        post.clock.advance(minutes=30)
        await post.deliverer.deliver("email")
    assert [each.recipient_id for each in post.line.sent] == [a_user(2).id]
    assert not is_quiet(post.clock.now(), SEOUL)
    assert post.line.outcomes[-1].delivery.attempts == 2  # nights use no attempts up
    async with post.storage.read() as reading:  # of whoever answered nothing is left to be claimed
        assert not await reading.deliveries.due_lanes(INTRODUCTION.deadline)


async def announced(post: ReminderPost, channel: Channel = Channel.EMAIL) -> None:
    """Store the introduction, and what tells the two of it."""
    async with post.storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2)])
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([INTRODUCTION], {})
        told = enumerate(proposed(INTRODUCTION), 1)
        await tx.deliveries.add_all(
            [a_delivery(n, to=str(each.user_id), channel=channel, event=each) for n, each in told]
        )


async def test_a_new_introduction_is_announced_while_it_waits_also_to_who_has_answered() -> None:
    """Whom it reaches does not hang on answers: nobody could tell them from it."""
    post = ReminderPost()
    await announced(post)
    await post.answer(ME)
    await post.deliverer.deliver("email")
    assert len(post.line.sent) == 2


@pytest.mark.parametrize("late", [False, True])
async def test_an_introduction_that_is_over_is_announced_to_nobody_as_new(late: bool) -> None:
    """No deliverer ran for a week, or the two had answered before the morning came."""
    post = ReminderPost()
    await announced(post)
    if late:
        post.clock.set(INTRODUCTION.deadline)
    else:
        await post.answer(ME)
        await post.answer(a_user(2).id)
    await post.deliverer.deliver("email")
    assert not post.line.sent
    async with post.storage.read() as reading:
        assert await reading.deliveries.page() == []


async def test_a_reminder_that_fails_is_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    post = ReminderPost()
    post.line.answer = _raises(KeyError())
    await post.remind()
    await post.deliverer.deliver("email")
    assert len(post.line.sent) == 2
    assert not caplog.text


def test_a_reminder_is_recognised() -> None:
    secret = reminder(INTRODUCTION, ME, 1, NOON)
    assert replace(a_delivery(), event=secret).of_reminder
    assert not a_delivery().of_reminder
