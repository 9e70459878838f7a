"""Every message reaches its receiver, signed, though the process that sends it is killed again and again."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.databases import opened
from tests.support.webhook_receiver import Receiver, receiving
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import SystemClock, UlidIds
from ygs.adapters.webhooks.http_sender import HttpWebhookSender
from ygs.application.notifications.deliver import AT_ONCE
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.notifications.webhook_channel import WebhookChannel
from ygs.domain.deliveries import DeliveryState
from ygs.domain.events import EventType, introduction_event
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.contracts.webhooks import a_webhook
from ygs.ports.channels import DeliveryChannels

ROOT = Path(__file__).parents[2]
# Longer than a message waits that a busy machine has twice not answered in time.
PATIENCE_SECONDS = 900
KILLS = 3
EVENTS = 3_000


async def _queue(storage: SqlStorage, receiver: Receiver) -> None:
    """Let so many things happen, and dispatch them to the receiver."""
    clock = SystemClock()
    me, week = a_user(1), a_week(1)
    async with storage.write() as tx:
        await tx.users.add(me)
        await tx.webhooks.add(a_webhook(url=receiver.url(), types=frozenset([EventType.INTRODUCTION_PROPOSED])))
        await tx.outbox.add(
            introduction_event(
                EventType.INTRODUCTION_PROPOSED, an_introduction(me, a_user(2), week, number), me.id, clock.now()
            )
            for number in range(1, EVENTS + 1)
        )
    # It sends nothing: another process does.
    channels = DeliveryChannels((WebhookChannel(clock, HttpWebhookSender()),))
    while await Dispatcher(storage, clock, UlidIds(), channels).dispatch():
        pass


def _start(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.support.deliverer", url], cwd=ROOT)


async def _received(receiver: Receiver, messages: int) -> None:
    """Wait until the receiver has that many different messages."""
    end = time.monotonic() + PATIENCE_SECONDS
    while len(_ids(receiver)) < messages:
        assert time.monotonic() < end, len(_ids(receiver))
        await asyncio.sleep(0.02)


def _ids(receiver: Receiver) -> set[str]:
    return {each.headers["webhook-id"] for each in receiver.received}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_message_is_lost_though_the_deliverer_is_killed(request: pytest.FixtureRequest, kind: str) -> None:
    where: str = request.getfixturevalue("sqlite_path" if kind == "sqlite" else "postgres_url")
    storage = await opened(where)
    async with receiving(Receiver()) as receiver:
        await _queue(storage, receiver)
        for kill in range(1, KILLS + 1):
            killed = _start(where)
            try:
                await _received(receiver, kill * EVENTS // (KILLS + 1))
            finally:
                killed.kill()
                killed.wait()
        last = _start(where)
        try:
            await _received(receiver, EVENTS)
            await _all_recorded(storage)
        finally:
            last.kill()
            last.wait()
    # Twice at most what was being sent at each kill, and what the receiver had and did not answer in time.
    assert len(receiver.received) - EVENTS <= KILLS * AT_ONCE + await _failed_attempts(storage)
    for each in receiver.received[:: EVENTS // 20]:
        each.verified(a_webhook().secret)
    await storage.close()


async def _failed_attempts(storage: SqlStorage) -> int:
    async with storage.transaction() as tx:
        counted: int = await tx.scalar(text("SELECT count(*) FROM delivery_attempts WHERE error <> ''"))
    return counted


async def _all_recorded(storage: SqlStorage) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        async with storage.read(latest=True) as reading:
            if not await reading.deliveries.page(state=DeliveryState.WAITING, limit=1):
                return
        await asyncio.sleep(0.2)
    raise AssertionError("some deliveries still wait")
