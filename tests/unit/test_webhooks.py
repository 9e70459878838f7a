"""Webhooks: signed as Standard Webhooks says, to whoever chose the event, and nothing that nobody may know yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.http import World, populate, served
from tests.unit.test_notices import SEOUL
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.adapters.system import SystemClock
from ygs.application.actors import Actor
from ygs.application.notifications.deliver import Deliverer
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.notifications.reminders import Reminders
from ygs.application.notifications.webhook_channel import WebhookChannel
from ygs.application.notifications.webhook_messages import message_body, message_headers, message_id
from ygs.application.notifications.webhooks import (
    ResendRequest,
    WebhookChange,
    WebhookRequest,
    Webhooks,
    WebhookWithSecret,
)
from ygs.domain.deliveries import Channel, DeliveryState
from ygs.domain.errors import Forbidden, InvalidText, NotFound, NotSetUp, StaleWrite, WrongStatus
from ygs.domain.events import Event, EventType, ended, proposed, reminder
from ygs.domain.ids import WebhookId
from ygs.domain.introductions import IntroductionState
from ygs.domain.reminders import is_quiet
from ygs.domain.users import Role
from ygs.domain.webhooks import BOTH_SECRETS_FOR, FAILS_FOR, WEBHOOK_EVENTS, DisabledBy
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.contracts.deliveries import a_delivery
from ygs.entrypoints.testing.contracts.outbox import an_event
from ygs.entrypoints.testing.contracts.webhooks import a_webhook
from ygs.entrypoints.testing.ids import CountingIds, numbered
from ygs.ports.channels import DeliveryChannels, Refused, TryAgain

ADMIN = Actor.operator()
URL = "https://hooks.example.com/ygs"
INTRODUCTION = an_introduction(a_user(1), a_user(2), a_week())
DECIDED, _ = ended(replace(INTRODUCTION, state=IntroductionState.MUTUAL), datetime.now(UTC))


@dataclass
class Sent:
    """A message as it left."""

    url: str
    body: bytes
    headers: Mapping[str, str]

    def verified(self, secret: str) -> dict[str, object]:
        """The message, checked by the receivers' library."""
        message = Webhook(secret).verify(self.body, dict(self.headers))
        assert isinstance(message, dict)
        return message


@dataclass
class Mouth:
    """A `WebhookSender` that keeps what it sends; `errors`: raised one after another, the last one from then on."""

    ready: bool = True
    insecure: bool = False
    errors: list[Exception | None] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Keep it."""
        self.sent.append(Sent(url, body, headers))
        error = (self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]) if self.errors else None
        if error:
            raise error
        return 200


class Agency:
    """A service with webhooks over a storage in memory. Its clock shows the true time, which receivers compare."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.clock = FrozenClock(datetime.now(UTC))
        self.sender = Mouth()
        ids = CountingIds()
        self.webhooks = Webhooks(self.storage, self.clock, ids, SystemSecrets(bytes(32)), self.sender)
        self.channels = DeliveryChannels((WebhookChannel(self.clock, self.sender),))
        self.dispatcher = Dispatcher(self.storage, self.clock, ids, self.channels)
        self.deliverer = Deliverer(self.storage, self.clock, SEOUL, self.channels)

    async def create(self, *types: EventType) -> WebhookWithSecret:
        """An endpoint that wants these events, decisions if none is named."""
        request = WebhookRequest(url=URL, types=frozenset(types or [EventType.INTRODUCTION_DECIDED]))
        return await self.webhooks.create(ADMIN, request)

    async def happen(self, *events: Event) -> None:
        """Let this happen, and dispatch it."""
        async with self.storage.write() as tx:
            await tx.outbox.add(events)
        while await self.dispatcher.dispatch():
            pass

    async def deliver(self) -> None:
        """Send what is due now."""
        async with self.storage.read() as tx:
            lanes = sorted(await tx.deliveries.due_lanes(self.clock.now()))
        for lane in lanes:
            await self.deliverer.deliver(lane)

    async def staff_hear(self) -> list[EventType]:
        """What the consultant is notified of."""
        while await self.dispatcher.dispatch():
            pass
        async with self.storage.read() as tx:
            return [each.event.type for each in await tx.notices.page(a_user(9).id)]

    async def change(self, id: WebhookId, *, enabled: bool, version: int | None = None) -> None:
        """Enable or disable an endpoint."""
        change = WebhookChange(url=URL, types=frozenset([EventType.INTRODUCTION_DECIDED]), enabled=enabled)
        await self.webhooks.change(ADMIN, id, change, version)


@pytest.fixture
async def agency() -> Agency:
    made = Agency()
    async with made.storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2), a_user(9, role=Role.CONSULTANT)])
    return made


async def test_a_receiver_verifies_what_it_gets_and_finds_ids_alone(agency: Agency) -> None:
    made = await agency.create()
    await agency.happen(DECIDED)
    await agency.deliver()
    (sent,) = agency.sender.sent
    assert sent.url == URL
    assert sent.verified(made.secret) == {
        "type": "introduction.decided",
        "timestamp": DECIDED.at.isoformat(),
        "data": {"user_id": DECIDED.user_id, "introduction_id": INTRODUCTION.id, "week_id": INTRODUCTION.week_id},
    }
    for changed in (replace(sent, body=sent.body + b" "), replace(sent, headers={**sent.headers, "webhook-id": "x"})):
        with pytest.raises(WebhookVerificationError):
            changed.verified(made.secret)


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of standard-webhooks/spec, computed by its own library."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    at = datetime(2021, 2, 25, 16, 29, 14, tzinfo=UTC)
    headers = message_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", body, [secret], at)
    signed = Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body.decode())
    assert (headers["webhook-signature"], headers["webhook-timestamp"]) == (signed, str(int(at.timestamp())))


def test_the_page_for_receivers_names_every_type() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "webhooks.md").read_text("utf-8")
    assert [each for each in WEBHOOK_EVENTS | {EventType.WEBHOOK_TEST} if f"`{each}`" not in page] == []


def test_a_message_has_one_id_however_often_it_is_made_and_it_tells_nothing() -> None:
    assert message_id(DECIDED) == message_id(replace(DECIDED)) != message_id(an_event())
    assert "." not in message_id(DECIDED)
    assert str(DECIDED.user_id) not in message_id(DECIDED)
    assert json.loads(message_body(DECIDED))["type"] == "introduction.decided"


async def test_endpoints_are_sent_what_they_chose_and_each_event_once(agency: Agency) -> None:
    await agency.create()
    await agency.create(EventType.INTRODUCTION_PROPOSED, EventType.MEMBER_SUBMITTED)
    for _ in range(2):
        await agency.happen(DECIDED, *proposed(INTRODUCTION), an_event())
        await agency.deliver()
    types = [json.loads(each.body)["type"] for each in agency.sender.sent]
    assert sorted(types) == ["introduction.decided", *["introduction.proposed"] * 2, "member.submitted"]


async def test_a_message_that_is_sent_again_has_its_id_and_a_signature_of_then(agency: Agency) -> None:
    made = await agency.create()
    agency.sender.errors = [TryAgain("http_status", 500), None]
    await agency.happen(DECIDED)
    await agency.deliver()
    agency.clock.advance(seconds=6)
    await agency.deliver()
    first, second = agency.sender.sent
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 6
    assert first.verified(made.secret) == second.verified(made.secret)


async def test_after_a_rotation_both_secrets_verify_for_a_day(agency: Agency) -> None:
    old = await agency.create()
    new = await agency.webhooks.rotate_secret(ADMIN, old.id)
    assert new.secret != old.secret
    await agency.happen(DECIDED)
    await agency.deliver()
    (sent,) = agency.sender.sent
    assert sent.verified(old.secret) == sent.verified(new.secret)
    async with agency.storage.read() as tx:
        stored = await tx.webhooks.get(old.id)
    assert stored.secrets(agency.clock.now() + BOTH_SECRETS_FOR) == [new.secret]


async def test_no_second_rotation_ends_the_receivers_own_secret_unless_that_is_asked_for(agency: Agency) -> None:
    old = await agency.create()
    new = await agency.webhooks.rotate_secret(ADMIN, old.id)
    with pytest.raises(WrongStatus, match="immediately=true"):
        await agency.webhooks.rotate_secret(ADMIN, old.id)
    await agency.happen(DECIDED)
    await agency.deliver()
    (sent,) = agency.sender.sent
    assert sent.verified(old.secret) == sent.verified(new.secret)
    agency.clock.advance(seconds=BOTH_SECRETS_FOR.total_seconds())
    assert (await agency.webhooks.rotate_secret(ADMIN, old.id)).secret != new.secret


async def test_a_secret_that_has_leaked_signs_no_more_once_another_is_made_immediately(agency: Agency) -> None:
    old = await agency.create()
    await agency.webhooks.rotate_secret(ADMIN, old.id)
    alone = await agency.webhooks.rotate_secret(ADMIN, old.id, immediately=True)
    async with agency.storage.read() as tx:
        stored = await tx.webhooks.get(old.id)
    assert (stored.secrets(agency.clock.now()), stored.previous_secret) == ([alone.secret], None)


async def test_secrets_are_shown_once(agency: Agency) -> None:
    made = await agency.create()
    shown = [await agency.webhooks.get(ADMIN, made.id), *await agency.webhooks.list(ADMIN)]
    assert all("secret" not in each.model_dump() for each in shown)
    assert len({(await agency.create()).secret for _ in range(3)}) == 3


async def test_an_endpoint_that_takes_one_message_and_is_gone_for_the_next_is_disabled(agency: Agency) -> None:
    """Both are sent at once, and their answers recorded together: 410 outweighs a success."""
    made = await agency.create()
    agency.sender.errors = [None, Refused("gone", 410, gone=True)]
    await agency.happen(*ended(replace(INTRODUCTION, state=IntroductionState.MUTUAL), agency.clock.now()))
    await agency.deliver()
    assert (await agency.webhooks.get(ADMIN, made.id)).disabled_by is DisabledBy.GONE


async def test_an_endpoint_that_is_gone_is_disabled_and_staff_are_notified(agency: Agency) -> None:
    made = await agency.create()
    agency.sender.errors = [Refused("gone", 410, gone=True)]
    await agency.happen(DECIDED)
    await agency.deliver()
    stored = await agency.webhooks.get(ADMIN, made.id)
    assert (stored.enabled, stored.disabled_by) == (False, DisabledBy.GONE)
    assert await agency.staff_hear() == [EventType.WEBHOOK_DISABLED]
    await agency.happen(ended(replace(INTRODUCTION, state=IntroductionState.MUTUAL), agency.clock.now())[1])
    await agency.deliver()
    assert len(agency.sender.sent) == 1


async def test_others_hear_that_an_endpoint_is_disabled_and_it_does_not_itself(agency: Agency) -> None:
    gone = await agency.create(EventType.INTRODUCTION_DECIDED, EventType.WEBHOOK_DISABLED)
    agency.sender.errors = [Refused("gone", 410, gone=True), None]
    await agency.happen(DECIDED)
    other = await agency.create(EventType.WEBHOOK_DISABLED)
    await agency.deliver()
    await agency.happen()
    await agency.deliver()
    assert [each.type for each in await agency.webhooks.deliveries(ADMIN, gone.id)] == [EventType.INTRODUCTION_DECIDED]
    (told,) = await agency.webhooks.deliveries(ADMIN, other.id)
    assert (told.type, told.state) == (EventType.WEBHOOK_DISABLED, DeliveryState.DELIVERED)


async def test_an_endpoint_that_takes_nothing_for_five_days_is_disabled_and_staff_are_notified(agency: Agency) -> None:
    made = await agency.create(EventType.MEMBER_SUBMITTED)
    agency.sender.errors = [TryAgain("timeout")]
    began = agency.clock.now()
    while (await agency.webhooks.get(ADMIN, made.id)).enabled:
        assert agency.clock.now() - began <= FAILS_FOR
        await agency.happen(an_event(1, agency.clock.now()))
        await agency.deliver()
        agency.clock.advance(hours=3)
    assert FAILS_FOR <= agency.clock.now() - began <= FAILS_FOR + timedelta(hours=3)
    assert (await agency.webhooks.get(ADMIN, made.id)).disabled_by is DisabledBy.FAILING
    assert (await agency.staff_hear()).count(EventType.WEBHOOK_DISABLED) == 1


async def test_one_success_within_five_days_keeps_an_endpoint(agency: Agency) -> None:
    made = await agency.create(EventType.MEMBER_SUBMITTED)
    for day in range(12):
        agency.sender.errors = [None if day == 4 else TryAgain("timeout")]
        await agency.happen(an_event(1, agency.clock.now()))
        await agency.deliver()
        assert (await agency.webhooks.get(ADMIN, made.id)).enabled is (day < 10)
        agency.clock.advance(days=1)


async def test_what_was_missed_is_sent_again_since_a_moment(agency: Agency) -> None:
    made = await agency.create(EventType.MEMBER_SUBMITTED)
    change = WebhookChange(url=URL, types=frozenset([EventType.MEMBER_SUBMITTED]), enabled=False)
    await agency.webhooks.change(ADMIN, made.id, change)
    began = agency.clock.now()
    for hours in range(3):
        await agency.happen(an_event(hours + 1, began + timedelta(hours=hours)))
    await agency.deliver()
    assert not agency.sender.sent
    await agency.webhooks.change(ADMIN, made.id, change.model_copy(update={"enabled": True}))
    since = ResendRequest(since=began + timedelta(hours=1))
    assert (await agency.webhooks.resend_since(ADMIN, made.id, since)).count == 2
    await agency.deliver()
    assert len(agency.sender.sent) == 2
    assert (await agency.webhooks.resend_since(ADMIN, made.id, since)).count == 0


async def test_attempts_are_listed_and_one_message_is_sent_again(agency: Agency) -> None:
    made = await agency.create()
    agency.sender.errors = [TryAgain("http_status", 503), None]
    await agency.happen(DECIDED)
    await agency.deliver()
    (waiting,) = await agency.webhooks.deliveries(ADMIN, made.id)
    assert (waiting.state, waiting.attempts[0].status, waiting.attempts[0].error) == ("waiting", 503, "http_status")
    assert waiting.next_attempt_at
    with pytest.raises(WrongStatus):
        await agency.webhooks.resend(ADMIN, made.id, waiting.id)
    agency.clock.advance(seconds=6)
    await agency.deliver()
    again = await agency.webhooks.resend(ADMIN, made.id, waiting.id)
    assert (again.state, len(again.attempts), again.next_attempt_at) == ("waiting", 2, agency.clock.now())
    await agency.deliver()
    (delivered,) = await agency.webhooks.deliveries(ADMIN, made.id, state=DeliveryState.DELIVERED)
    assert [(each.number, each.status) for each in delivered.attempts] == [(1, 503), (2, 200), (3, 200)]
    assert delivered.message_id == agency.sender.sent[0].headers["webhook-id"]


async def test_a_test_event_goes_to_its_endpoint_alone_whatever_it_chose(agency: Agency) -> None:
    made, _ = await agency.create(), await agency.create()
    await agency.webhooks.test(ADMIN, made.id)
    await agency.deliver()
    (sent,) = agency.sender.sent
    assert sent.verified(made.secret)["type"] == "webhook.test"
    assert sent.verified(made.secret)["data"] == {"webhook_id": made.id}
    await agency.change(made.id, enabled=False)
    with pytest.raises(WrongStatus):
        await agency.webhooks.test(ADMIN, made.id)


async def test_nothing_is_sent_again_to_a_disabled_endpoint(agency: Agency) -> None:
    """It would fail at once, and staff would believe that it was on its way."""
    made = await agency.create()
    agency.sender.errors = [Refused("http_status", 400)]
    await agency.happen(DECIDED)
    await agency.deliver()
    (failed,) = await agency.webhooks.deliveries(ADMIN, made.id, state=DeliveryState.FAILED)
    await agency.change(made.id, enabled=False)
    with pytest.raises(WrongStatus, match="enable it first"):
        await agency.webhooks.resend(ADMIN, made.id, failed.id)
    with pytest.raises(WrongStatus, match="enable it first"):
        await agency.webhooks.resend_since(ADMIN, made.id, ResendRequest(since=made.created_at))
    assert await agency.webhooks.deliveries(ADMIN, made.id, state=DeliveryState.FAILED)


async def test_deliveries_of_others_are_not_found(agency: Agency) -> None:
    mine, other = await agency.create(), await agency.create(EventType.MEMBER_SUBMITTED)
    await agency.happen(an_event())
    (theirs,) = await agency.webhooks.deliveries(ADMIN, other.id)
    by_mail = a_delivery(7, to=mine.id, channel=Channel.EMAIL)
    async with agency.storage.write() as tx:
        await tx.deliveries.add_all([by_mail])
    for each in (theirs.id, by_mail.id):
        with pytest.raises(NotFound):
            await agency.webhooks.resend(ADMIN, mine.id, each)
    with pytest.raises(NotFound):
        await agency.webhooks.deliveries(ADMIN, WebhookId(numbered("whk", 99)))


async def test_another_system_is_told_of_introductions_that_are_over_too(agency: Agency) -> None:
    """It keeps a record; only people are spared what is no news any more."""
    over = replace(INTRODUCTION, state=IntroductionState.EXPIRED)
    async with agency.storage.write() as tx:
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([over], {})
    await agency.create(EventType.INTRODUCTION_PROPOSED)
    await agency.happen(*proposed(over))
    await agency.deliver()
    assert len(agency.sender.sent) == 2


async def test_after_its_deletion_nothing_is_sent(agency: Agency) -> None:
    made = await agency.create()
    await agency.happen(DECIDED)
    await agency.webhooks.delete(ADMIN, made.id)
    await agency.deliver()
    assert not agency.sender.sent
    with pytest.raises(NotFound):
        await agency.webhooks.delete(ADMIN, made.id)


async def test_of_two_edits_the_second_is_refused_and_a_failing_endpoint_starts_anew(agency: Agency) -> None:
    made = await agency.create()
    agency.sender.errors = [TryAgain("timeout")]
    await agency.happen(DECIDED)
    await agency.deliver()
    stored = await agency.webhooks.get(ADMIN, made.id)
    assert stored.failing_since
    with pytest.raises(StaleWrite):
        await agency.change(made.id, enabled=True, version=made.version)
    await agency.change(made.id, enabled=True, version=stored.version)
    assert (await agency.webhooks.get(ADMIN, made.id)).failing_since is None


async def test_only_administrators_manage_webhooks(agency: Agency) -> None:
    made = await agency.create()
    consultant = Actor.signed_in(a_user(9).id, Role.CONSULTANT)
    request = WebhookRequest(url=URL, types=frozenset([EventType.WEEK_PUBLISHED]))
    for refused in (
        agency.webhooks.list(consultant),
        agency.webhooks.get(consultant, made.id),
        agency.webhooks.create(consultant, request),
        agency.webhooks.deliveries(consultant, made.id),
        agency.webhooks.test(consultant, made.id),
        agency.webhooks.rotate_secret(consultant, made.id),
        agency.webhooks.delete(consultant, made.id),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_bad_addresses_and_missing_packages_are_told(agency: Agency) -> None:
    request = WebhookRequest(url="http://10.0.0.1/", types=frozenset([EventType.WEEK_PUBLISHED]))
    with pytest.raises(InvalidText):
        await agency.webhooks.create(ADMIN, request)
    agency.sender.ready = False
    with pytest.raises(NotSetUp):
        await agency.create()


@pytest.mark.parametrize("types", [[], ["introduction.reminder"], ["webhook.test"], ["no.such"]])
def test_no_endpoint_may_choose_reminders(types: list[str]) -> None:
    with pytest.raises(ValidationError):
        WebhookRequest.model_validate({"url": URL, "types": types})


@pytest.mark.parametrize("wrong", ["introduction.reminder", "webhook.test", "introduction.remindr"])
def test_who_chooses_a_wrong_type_is_told_those_that_can_be_chosen(wrong: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        WebhookRequest.model_validate({"url": URL, "types": ["week.published", wrong]})
    (fault,) = refusal.value.errors()
    before, _, choices = fault["msg"].partition("choose from: ")
    assert wrong in before
    assert set(choices.split(", ")) == WEBHOOK_EVENTS


async def test_no_reminder_reaches_a_webhook_while_the_week_is_open(agency: Agency) -> None:
    """Not from the job, not from the outbox, and not by a delivery that somebody added."""
    async with agency.storage.write() as tx:
        every = await tx.webhooks.add(a_webhook(types=frozenset(EventType)))
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([INTRODUCTION], {})
    hours = (INTRODUCTION.deadline - timedelta(hours=each) for each in range(40))
    agency.clock.set(next(hour for hour in hours if hour < INTRODUCTION.deadline and not is_quiet(hour, SEOUL)))
    await Reminders(agency.storage, agency.clock, CountingIds(), SEOUL, agency.channels).remind(a_week().id, 1)
    secret = reminder(INTRODUCTION, INTRODUCTION.a, 1, agency.clock.now())
    await agency.happen(secret)
    async with agency.storage.write() as tx:
        assert await tx.notices.count_unread(INTRODUCTION.b) == 1
        await tx.deliveries.add_all([a_delivery(to=every.id, event=secret)])
    await agency.deliver()
    assert not agency.sender.sent
    assert not await agency.webhooks.deliveries(ADMIN, every.id)


@pytest.mark.parametrize("choice", [{"choice": "accept"}, {"choice": "decline", "reason": "age"}])
async def test_before_the_decision_no_webhook_is_sent_because_of_an_answer(choice: dict[str, str]) -> None:
    async with served() as world:
        await populate(world)
        async with world.ygs.storage.write() as tx:
            await tx.webhooks.add(a_webhook(2, types=frozenset(EventType)))
        before = await _everything_sent(world)
        path = f"/match/history/{world.introductions['waiting']}/answer"
        assert (await world.ask("PUT", path, "matched_before_reveal", json=choice)).status_code == 200
        assert await _everything_sent(world) == before


async def _everything_sent(world: World) -> list[tuple[str, bytes]]:
    while await world.ygs.dispatcher.dispatch():
        pass
    async with world.ygs.storage.read() as tx:
        found = await tx.deliveries.page(recipient_id=a_webhook(2).id)
    return sorted((message_id(each.event), message_body(each.event)) for each in found)


async def test_webhooks_are_managed_over_http() -> None:
    async with served() as world:
        await populate(world)
        request = {"url": URL, "types": ["week.published"], "description": "판매"}
        made = await world.ask("POST", "/admin/webhooks", "admin", json=request)
        path = made.headers["Location"].removeprefix("/api/v1")
        assert made.json()["secret"].startswith("whsec_")
        read = await world.ask("GET", path, "admin")
        changed = await world.ask(
            "PUT", path, "admin", json={**request, "enabled": False}, headers={"If-Match": read.headers["ETag"]}
        )
        assert (changed.status_code, changed.json()["disabled_by"]) == (200, "staff")
        bad = await world.ask("POST", "/admin/webhooks", "admin", json={**request, "url": "http://127.0.0.1/"})
        assert (bad.status_code, bad.json()["faults"][0]["where"]) == (422, "body.url")
        assert (await world.ask("DELETE", path, "admin")).status_code == 204
        assert (await world.ask("GET", path, "admin")).status_code == 404


def test_the_clock_of_the_service_is_that_of_receivers() -> None:
    """Receivers refuse what is older than five minutes."""
    now = SystemClock().now()
    headers = message_headers(message_id(DECIDED), b"{}", [a_webhook().secret], now)
    assert Webhook(a_webhook().secret).verify(b"{}", dict(headers)) == {}
