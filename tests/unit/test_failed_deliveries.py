"""Staff see what nobody took and send it again, and never learn who was reminded."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.support.http import World, populate, served
from tests.unit.test_console import page, send
from ygs.application.actors import Actor
from ygs.domain.deliveries import Channel, DeliveryState
from ygs.domain.errors import Forbidden, NotFound, WrongStatus
from ygs.domain.events import reminder
from ygs.domain.ids import DeliveryId
from ygs.domain.users import Role
from ygs.domain.webhooks import DisabledBy
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.deliveries import a_delivery
from ygs.entrypoints.testing.contracts.webhooks import a_webhook
from ygs.entrypoints.testing.ids import numbered

ADMIN = Actor.signed_in(a_user(7).id, Role.ADMIN)
OWNER = a_user(1).id
MAIL = replace(
    a_delivery(11, to=OWNER, channel=Channel.EMAIL),
    state=DeliveryState.FAILED,
    attempts=8,
    status=550,
    error="refused",
    finished_at=NOON,
)
INTRODUCTION = an_introduction(a_user(1), a_user(2), a_week())
REMINDER = replace(
    MAIL,
    id=DeliveryId("dlv_01JD8Q4W0M8Q5V7X0C9T1R2E3T"),
    event=reminder(INTRODUCTION, OWNER, 1, at=NOON),
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        async with world.ygs.storage.write() as tx:
            await tx.deliveries.add_all([MAIL, REMINDER])
        yield world


async def test_what_failed_is_listed_newest_first_with_its_cause_and_is_on_record(world: World) -> None:
    listed = (await world.ask("GET", "/admin/deliveries", "admin")).json()["items"]
    assert [each["id"] for each in listed] == sorted([MAIL.id, world.files["deliveries"]], reverse=True)
    mail = next(each for each in listed if each["id"] == MAIL.id)
    assert (mail["channel"], mail["status"], mail["error"], mail["attempts"]) == ("email", 550, "refused", 8)
    about = (await world.ask("GET", f"/admin/audit/about/{OWNER}", "admin")).json()["items"]
    assert "deliveries.read" in {each["action"] for each in about}


async def test_a_channel_is_picked_out_and_pages_go_on(world: World) -> None:
    only = await world.ygs.failed_deliveries.list(ADMIN, channel=Channel.EMAIL)
    assert [each.id for each in only] == [MAIL.id]
    first = await world.ygs.failed_deliveries.list(ADMIN, limit=1)
    second = await world.ygs.failed_deliveries.list(ADMIN, after=first[0].id, limit=1)
    assert len({each.id for each in (*first, *second)}) == 2


async def test_reminders_are_neither_listed_nor_sent_again(world: World) -> None:
    assert REMINDER.id not in {each.id for each in await world.ygs.failed_deliveries.list(ADMIN)}
    with pytest.raises(NotFound):
        await world.ygs.failed_deliveries.resend(ADMIN, REMINDER.id)


async def test_a_message_is_sent_again_once_and_a_second_click_is_told_so(world: World) -> None:
    world.clock.advance(minutes=1)
    await world.ygs.failed_deliveries.resend(ADMIN, MAIL.id)
    async with world.ygs.storage.read() as reading:
        stored = await reading.deliveries.get(MAIL.id)
    assert (stored.state, stored.attempts, stored.due_at) == (DeliveryState.WAITING, 0, world.clock.now())
    with pytest.raises(WrongStatus):
        await world.ygs.failed_deliveries.resend(ADMIN, MAIL.id)
    assert MAIL.id not in {each.id for each in await world.ygs.failed_deliveries.list(ADMIN)}


async def test_a_message_to_a_disabled_webhook_is_not_queued_to_fail_again(world: World) -> None:
    endpoint = a_webhook(9).disabled(DisabledBy.GONE, at=NOON)
    webhook = replace(MAIL, id=DeliveryId(numbered("dlv", 9)), channel=Channel.WEBHOOK, recipient_id=endpoint.id)
    async with world.ygs.storage.write() as tx:
        await tx.webhooks.add(endpoint)
        await tx.deliveries.add_all([webhook])
    with pytest.raises(WrongStatus, match="enable it first"):
        await world.ygs.failed_deliveries.resend(ADMIN, webhook.id)
    assert webhook.id in {each.id for each in await world.ygs.failed_deliveries.list(ADMIN)}


async def test_consultants_may_not(world: World) -> None:
    consultant = Actor.signed_in(a_user(5).id, Role.CONSULTANT)
    with pytest.raises(Forbidden):
        await world.ygs.failed_deliveries.list(consultant)
    with pytest.raises(Forbidden):
        await world.ygs.failed_deliveries.resend(consultant, MAIL.id)


async def test_the_console_lists_them_and_sends_again(world: World) -> None:
    shown = (await page(world, "/deliveries")).text
    assert MAIL.id in shown
    assert REMINDER.id not in shown
    assert (await send(world, f"/deliveries/{MAIL.id}/resend")).status_code == 303
    assert MAIL.id not in (await page(world, "/deliveries")).text
