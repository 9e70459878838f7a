"""Who hears of an event by e-mail, text and push, when, and in which words; and what nobody may learn by them."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from tests.support.http import World, populate, served
from ygs.adapters.log_messages import LogSender
from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.application.notifications.deliver import Deliverer
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.notifications.notices import NoticeChannels, NoticePreferences, Notices
from ygs.application.notifications.personal_channel import DefaultChannels, NoticeLink, PersonalChannel
from ygs.application.notifications.push_devices import DeviceRegistration, PushDevices
from ygs.application.notifications.reminders import Reminders
from ygs.domain.deliveries import Channel, DeliveryState, EventDelivery
from ygs.domain.errors import NotFound
from ygs.domain.events import Event, EventType, member_decided, proposed, week_published
from ygs.domain.introductions import Answer, Choice
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import PERSONAL_CHANNELS, EventGroup, group_of
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.testing.builders import SEOUL, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.push_devices import a_device
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.channels import DeliveryChannels, Refused, TryAgain
from ygs.ports.message_senders import Address, PersonalMessage

EVERY = frozenset(PERSONAL_CHANNELS)
INTRODUCTION = an_introduction(a_user(1), a_user(2), a_week())
PROPOSED, OTHERS = proposed(INTRODUCTION)
ONE = Actor.signed_in(a_user(1).id, Role.MEMBER)
LINK = "https://www.example.kr/notices"


@dataclass
class Recorder:
    """A `MessageSender` that keeps what it is given. `failures`: what it raises, by address."""

    sent: list[tuple[str, PersonalMessage]] = field(default_factory=list)
    failures: dict[str, TryAgain | Refused] = field(default_factory=dict)
    hangs: bool = False

    async def send(self, to: Address, message: PersonalMessage) -> int | None:
        """Keep it."""
        if self.hangs:
            await asyncio.sleep(3600)
        if to.value in self.failures:
            raise self.failures[to.value]
        self.sent.append((to.value, message))
        return 250


def a_person(number: int, **changes: object) -> User:
    """A user whose phone and e-mail address are proven."""
    return replace(a_user(number), email_proven_at=NOON, **changes)  # type: ignore[arg-type]


class Post:
    """A storage, a dispatcher and a deliverer with all three channels."""

    def __init__(self, default: frozenset[Channel] = EVERY, at: datetime = NOON) -> None:
        self.storage = MemoryStorage()
        self.clock = FrozenClock(at)
        self.senders = {channel: Recorder() for channel in PERSONAL_CHANNELS}
        self.defaults = DefaultChannels(dict.fromkeys(EventGroup, default))
        channels = DeliveryChannels(tuple(map(self._channel, PERSONAL_CHANNELS)))
        parts = self.storage, self.clock, CountingIds()
        self.dispatcher = Dispatcher(*parts, channels)
        self.reminders = Reminders(*parts, SEOUL, channels)
        self.deliverer = Deliverer(self.storage, self.clock, SEOUL, channels)
        self.devices = PushDevices(*parts)
        self.notices = Notices(self.storage, self.clock, Language.KO, self.defaults)

    def _channel(self, channel: Channel) -> PersonalChannel:
        return PersonalChannel(
            channel=channel,
            sender=self.senders[channel],
            storage=self.storage,
            zone=SEOUL,
            language=Language.KO,
            defaults=self.defaults,
            link=NoticeLink(LINK),
        )

    async def add(self, *users: User) -> None:
        """Store people."""
        async with self.storage.write() as tx:
            await tx.users.add_all(users)

    async def dispatch(self, *events: Event) -> None:
        """Store events and dispatch them."""
        async with self.storage.write() as tx:
            await tx.outbox.add(events)
        await self.dispatcher.dispatch()

    async def notify(self, *events: Event) -> None:
        """Dispatch events and deliver what is due."""
        await self.dispatch(*events)
        await self.deliver()

    async def deliver(self) -> None:
        """Deliver what is due by channels that are open, as the deliverer's loop does."""
        async with self.storage.read() as reading:
            due = await reading.deliveries.due_lanes(self.clock.now())
        for lane in self.deliverer._next(due):
            await self.deliverer.deliver(lane)

    async def choose(self, **channels: Sequence[str]) -> None:
        """Let the first member choose."""
        chosen = NoticeChannels.model_validate(channels)
        await self.notices.set_preferences(ONE, NoticePreferences(language=Language.EN, channels=chosen))

    async def deliveries(self) -> Sequence[EventDelivery]:
        """All deliveries that lists show."""
        async with self.storage.read() as reading:
            return await reading.deliveries.page()

    def addresses(self, channel: Channel) -> list[str]:
        """Where messages went by that channel."""
        return [address for address, _ in self.senders[channel].sent]


async def test_an_event_goes_by_every_channel_that_its_person_can_be_reached_by() -> None:
    post = Post()
    me = a_person(1)
    await post.add(me, replace(a_user(2), phone_proven_at=None))
    for token in ("phone", "browser"):
        await post.devices.register(ONE, DeviceRegistration(token=token))
    await post.notify(PROPOSED, OTHERS)
    assert post.addresses(Channel.EMAIL) == [me.email]
    assert post.addresses(Channel.TEXT) == [me.phone]
    assert sorted(post.addresses(Channel.PUSH)) == ["browser", "phone"]
    # The other has proven nothing and has no device: nobody else hears that they are a member, and nothing fails.
    assert {each.recipient_id for each in await post.deliveries()} == {me.id}
    assert {each.state for each in await post.deliveries()} == {DeliveryState.DELIVERED}


async def test_a_message_says_what_the_notice_says_in_the_persons_language() -> None:
    post = Post(frozenset({Channel.EMAIL}))
    await post.add(a_person(1), a_person(2))
    await post.choose(introductions=["email"])
    await post.notify(PROPOSED, OTHERS)
    (_, english), (_, korean) = sorted(post.senders[Channel.EMAIL].sent)[:2]
    assert (english.title, korean.title) == ("You have a new introduction.", "새로운 소개가 있습니다.")
    assert (english.language, korean.language) == (Language.EN, Language.KO)
    assert english.link == korean.link == LINK


async def test_a_choice_is_by_group_and_none_means_none() -> None:
    post = Post(frozenset({Channel.EMAIL}))
    await post.add(a_person(1))
    await post.choose(introductions=[], account=["text"])
    await post.notify(PROPOSED, member_decided(a_person(1, status=Status.ACTIVE), restored=False, at=NOON))
    assert post.addresses(Channel.EMAIL) == []
    assert [message.type for _, message in post.senders[Channel.TEXT].sent] == [EventType.MEMBER_APPROVED]


async def test_a_suspension_is_in_the_list_whatever_was_chosen() -> None:
    post = Post()
    await post.add(a_person(1))
    await post.choose(introductions=[], reminders=[], account=[], work=[])
    await post.notify(member_decided(a_person(1, status=Status.SUSPENDED), restored=False, at=NOON))
    assert [notice.type for notice in (await post.notices.list(ONE)).items] == [EventType.MEMBER_SUSPENDED]
    assert not any(sender.sent for sender in post.senders.values())


async def test_choices_are_on_record_and_read_back_with_the_defaults() -> None:
    post = Post(frozenset({Channel.PUSH}))
    await post.add(a_person(1))
    await post.choose(introductions=["push", "email"], reminders=[])
    found = (await post.notices.get_preferences(ONE)).channels
    push = frozenset({Channel.PUSH})
    expected = {EventGroup.INTRODUCTIONS: push | {Channel.EMAIL}, EventGroup.REMINDERS: frozenset[Channel]()}
    assert found.choices == {**expected, EventGroup.ACCOUNT: push, EventGroup.WORK: push}
    async with post.storage.read() as reading:
        (entry,) = [each.entry for each in await reading.audit.page()]
    assert (entry.action, entry.what) == ("notices.chosen", "introductions: email, push; reminders: none")


async def test_who_changes_their_mind_before_it_is_sent_gets_nothing() -> None:
    post = Post(frozenset({Channel.EMAIL}))
    await post.add(a_person(1))
    await post.dispatch(PROPOSED)
    await post.choose(introductions=[])
    await post.deliver()
    assert post.addresses(Channel.EMAIL) == []


async def test_at_night_texts_and_pushes_wait_for_the_morning_and_mails_do_not() -> None:
    night = datetime(2026, 11, 24, 21, 30, tzinfo=SEOUL)
    post = Post(at=night)
    await post.add(a_person(1))
    await post.devices.register(ONE, DeviceRegistration(token="phone"))
    await post.notify(PROPOSED)
    due = {each.channel: each.due_at for each in await post.deliveries()}
    morning = datetime(2026, 11, 25, 8, 0, tzinfo=SEOUL)
    assert due[Channel.TEXT] == due[Channel.PUSH] == morning
    for hour in range(1, 11):
        post.clock.set(night + timedelta(hours=hour))
        await post.deliver()
        assert not post.addresses(Channel.TEXT) + post.addresses(Channel.PUSH)
    post.clock.set(morning)
    await post.deliver()
    assert [len(sender.sent) for sender in post.senders.values()] == [1, 1, 1]


async def test_what_failed_in_the_evening_is_not_sent_at_night_either() -> None:
    evening = datetime(2026, 11, 24, 20, 59, tzinfo=SEOUL)
    post = Post(frozenset({Channel.TEXT}), at=evening)
    me = a_person(1)
    await post.add(me)
    post.senders[Channel.TEXT].failures[str(me.phone)] = TryAgain("no_answer")
    await post.notify(PROPOSED)
    post.senders[Channel.TEXT].failures.clear()
    for minutes in range(1, 11 * 60, 20):
        post.clock.set(evening + timedelta(minutes=minutes))
        await post.deliver()
        assert post.addresses(Channel.TEXT) == []
    post.clock.set(evening + timedelta(hours=11, minutes=2))
    await post.deliver()
    assert post.addresses(Channel.TEXT) == [me.phone]


async def test_a_device_that_is_gone_is_dropped_and_the_others_stay() -> None:
    post = Post(frozenset({Channel.PUSH}))
    await post.add(a_person(1))
    for token in ("gone", "there"):
        await post.devices.register(ONE, DeviceRegistration(token=token))
    post.senders[Channel.PUSH].failures["gone"] = Refused("device_gone", 404, gone=True)
    await post.notify(PROPOSED)
    assert post.addresses(Channel.PUSH) == ["there"]
    async with post.storage.read() as reading:
        assert [each.token for each in await reading.push_devices.of_users([ONE.require_id()])] == ["there"]
    assert [each.state for each in await post.deliveries()] == [DeliveryState.DELIVERED]


@pytest.mark.parametrize(
    ("other", "state"), [(TryAgain("no_answer"), DeliveryState.WAITING), (Refused("no"), DeliveryState.FAILED)]
)
async def test_a_push_that_no_device_took_is_tried_again_if_one_may_take_it_later(
    other: TryAgain | Refused, state: DeliveryState
) -> None:
    post = Post(frozenset({Channel.PUSH}))
    await post.add(a_person(1))
    for token in ("gone", "other"):
        await post.devices.register(ONE, DeviceRegistration(token=token))
    post.senders[Channel.PUSH].failures |= {"gone": Refused("device_gone", gone=True), "other": other}
    await post.notify(PROPOSED)
    assert [each.state for each in await post.deliveries()] == [state]


async def test_a_device_is_ones_own_and_removed_once() -> None:
    post = Post()
    await post.add(a_person(1), a_person(2))
    mine = await post.devices.register(ONE, DeviceRegistration(token="phone"))
    other = Actor.signed_in(a_user(2).id, Role.MEMBER)
    with pytest.raises(NotFound):
        await post.devices.remove(other, mine.id)
    await post.devices.remove(ONE, mine.id)
    with pytest.raises(NotFound):
        await post.devices.remove(ONE, mine.id)
    async with post.storage.read() as reading:
        actions = [each.entry.action for each in await reading.audit.page()]
    assert actions == ["device.registered", "device.removed"]


async def test_a_channel_that_hangs_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    me = a_person(1)
    await post.add(me)
    post.senders[Channel.EMAIL].hangs = True
    await post.dispatch(PROPOSED)
    running = asyncio.create_task(post.deliverer.run())
    async with asyncio.timeout(5):
        while not post.addresses(Channel.TEXT):  # noqa: ASYNC110 - the sender knows no event
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert post.addresses(Channel.TEXT) == [me.phone]


async def test_neither_rows_nor_logs_hold_an_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    post = Post()
    me = a_person(1)
    await post.add(me)
    await post.devices.register(ONE, DeviceRegistration(token="canary-token"))
    private = {Channel.EMAIL: str(me.email), Channel.TEXT: str(me.phone), Channel.PUSH: "canary-token"}
    for channel, address in private.items():
        post.senders[channel].failures[address] = TryAgain("no_answer")
    await post.notify(PROPOSED)
    await LogSender(Channel.PUSH).send(Address("canary-token"), _a_message())
    async with post.storage.read() as reading:
        found = await reading.deliveries.page()
        attempts = await reading.deliveries.attempts([each.id for each in found])
        devices = await reading.push_devices.of_users([me.id])
    assert len(attempts) == len(private)
    seen = f"{found} {attempts} {devices} {caplog.text} {post.deliverer.channels}"
    assert not [address for address in private.values() if address in seen]


def _a_message() -> PersonalMessage:
    return PersonalMessage(
        id="dlv_1", type=EventType.MEMBER_APPROVED, language=Language.EN, title="Your profile was approved.", text=""
    )


async def test_staff_hear_of_work_and_members_do_not() -> None:
    post = Post(frozenset({Channel.EMAIL}))
    staff = a_person(9, role=Role.CONSULTANT)
    await post.add(a_person(1), staff)
    await post.notify(week_published(a_week(), NOON))
    assert post.addresses(Channel.EMAIL) == [staff.email]


async def test_a_reminder_goes_by_the_channels_chosen_for_reminders_and_never_after_the_answer() -> None:
    post = Post(frozenset({Channel.TEXT}))
    one, two = a_person(1), a_person(2)
    await post.add(one, two)
    async with post.storage.write() as tx:
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([INTRODUCTION], {})
    await post.reminders.remind(a_week().id, 1)
    async with post.storage.write() as tx:
        stored = await tx.introductions.get(INTRODUCTION.id)
        await tx.introductions.save(stored.answered(one.id, Answer(choice=Choice.ACCEPT, at=NOON)))
    await post.deliver()
    assert post.addresses(Channel.TEXT) == [two.phone]
    # Whoever could see this list would see who has not answered.
    assert await post.deliveries() == []


def test_every_event_belongs_to_a_group_and_work_is_for_staff() -> None:
    groups = {each: group_of(each) for each in EventType}
    assert set(groups.values()) == set(EventGroup)
    assert groups[EventType.INTRODUCTION_REMINDER] is EventGroup.REMINDERS
    assert groups[EventType.MEMBER_SUSPENDED] is EventGroup.ACCOUNT
    assert groups[EventType.MEETING_FIXED] is EventGroup.INTRODUCTIONS
    assert groups[EventType.MEMBERSHIP_DUE] is EventGroup.WORK


class Everything:
    """A `MessageSender` that keeps what is sent by every channel."""

    def __init__(self) -> None:
        self.sent = list[tuple[str, ...]]()

    async def send(self, to: Address, message: PersonalMessage) -> int | None:
        """Keep it."""
        self.sent.append((to.value, message.type.value, message.title, message.text, message.link))
        return None


async def _record_everything(world: World) -> Everything:
    """Let everybody have devices and proven contacts, and choose every channel."""
    everything = Everything()
    every = DefaultChannels(dict.fromkeys(EventGroup, EVERY))
    channels = [each for each in world.ygs.deliverer.channels if isinstance(each, PersonalChannel)]
    assert {each.channel for each in channels} == EVERY
    recording = tuple(replace(each, sender=everything, defaults=every) for each in channels)
    world.ygs.dispatcher.channels = world.ygs.deliverer.channels = DeliveryChannels(recording)
    async with world.ygs.storage.write() as tx:
        for number, user in enumerate(await tx.users.by_ids([each.id for each in world.people.values()]), start=1):
            await tx.users.save(user.with_email(f"person{number}@example.kr", at=NOON))
            await tx.push_devices.add(replace(a_device(10 + number), user_id=user.id))
    return everything


async def _send_everything(world: World) -> None:
    while await world.ygs.dispatcher.dispatch():
        pass
    for channel in PERSONAL_CHANNELS:
        while await world.ygs.deliverer.deliver(channel.value):
            pass


async def test_nothing_that_is_sent_tells_an_answer_before_the_decision_nor_a_name() -> None:
    async with served() as world:
        await populate(world)
        everything = await _record_everything(world)
        await _send_everything(world)
        silent = [*everything.sent]
        assert silent
        path = f"/match/history/{world.introductions['waiting']}/answer"
        for answer in ({"choice": "accept"}, {"choice": "decline", "reason": "age"}):
            assert (await world.ask("PUT", path, "matched_before_reveal", json=answer)).status_code == 200
            await _send_everything(world)
            assert everything.sent == silent
        assert not [user.name for user in world.people.values() if user.name in str(silent)]
        # When the other has answered too, both hear that there is a result, in the same words whichever it is.
        yes = {"choice": "accept"}
        assert (await world.ask("PUT", path, "owner", json=yes)).status_code == 200
        await _send_everything(world)
        results = everything.sent[len(silent) :]
        assert {kind for _, kind, *_ in results} == {"introduction.decided"}
        assert len({tuple(words) for _, *words in results}) == 1
