"""Texts about events to a real webhook: as a Kakao Alimtalk where one is approved, and otherwise as an SMS."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.http_server import Answer, ReceivedRequest, Web, serving
from ygs.adapters.text_webhook import TextWebhookSender
from ygs.domain.events import EventType
from ygs.domain.matching.attribute import Language
from ygs.entrypoints.testing.contracts.message_senders import (
    MESSAGE,
    MessageSenderContract,
    ReceivedMessages,
    Receiver,
)
from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, MessageSender

KEY = b"k" * 32
TO = Address("+821012345678")
TEMPLATES = {EventType.INTRODUCTION_PROPOSED: {Language.KO: "YGS_001"}}
_STATUS = {Receiver.BUSY: 503, Receiver.REFUSES: 400}


class TestTextWebhookSender(MessageSenderContract):
    """`TextWebhookSender`."""

    @pytest.fixture(autouse=True)
    async def _servers(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as self.stack:
            yield

    async def receive(self, receiver: Receiver) -> tuple[MessageSender, Address, ReceivedMessages]:
        received = ReceivedMessages()

        def answer(asked: ReceivedRequest) -> Answer:
            if receiver is Receiver.SILENT:
                time.sleep(0.6)
            if receiver is Receiver.TAKES:
                received.append(json.dumps(json.loads(asked.body), ensure_ascii=False))
            return Answer(_STATUS.get(receiver, 200), {"error": TO.value})

        web = self.stack.enter_context(serving(answer))
        sender = TextWebhookSender(
            f"{web.url}/hook?token=s3cret", KEY, {}, total=0.3 if receiver is Receiver.SILENT else 5.0
        )
        self.stack.push_async_callback(sender.close)
        return sender, TO, received


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    with serving(lambda asked: Answer(204)) as web:
        yield web


@pytest.fixture
async def sender(web: Web) -> AsyncIterator[TextWebhookSender]:
    sender = TextWebhookSender(web.url, KEY, TEMPLATES)
    yield sender
    await sender.close()


def bodies(web: Web) -> list[dict[str, str]]:
    return [json.loads(asked.body) for asked in web.asked]


async def test_an_approved_message_goes_as_alimtalk_and_signed(web: Web, sender: TextWebhookSender) -> None:
    assert await sender.send(TO, MESSAGE) == 204
    (body,) = bodies(web)
    assert body == {
        "id": MESSAGE.id,
        "to": TO.value,
        "text": f"{MESSAGE.title}\n{MESSAGE.link}",
        "template": "YGS_001",
        "link": MESSAGE.link,
    }
    moment, mac = (part.partition("=")[2] for part in web.asked[0].headers["ygs-signature"].split(","))
    assert mac == hmac.digest(KEY, f"{moment}.".encode() + web.asked[0].body, hashlib.sha256).hex()


async def test_an_alimtalk_that_is_refused_goes_as_an_sms(web: Web, sender: TextWebhookSender) -> None:
    web.answer = lambda asked: Answer(422 if b"template" in asked.body else 200)
    assert await sender.send(TO, MESSAGE) == 200
    alimtalk, sms = bodies(web)
    assert sms["text"] == alimtalk["text"]
    assert "template" not in sms
    # Another message to the webhook, which may know the first id as done.
    assert sms["id"] == f"{MESSAGE.id}.sms"


@pytest.mark.parametrize("change", [{"type": EventType.MEMBER_APPROVED}, {"language": Language.EN}])
async def test_without_a_template_of_that_event_and_language_an_sms_goes(
    web: Web, sender: TextWebhookSender, change: dict[str, object]
) -> None:
    await sender.send(TO, replace(MESSAGE, **change))  # type: ignore[arg-type]
    assert "template" not in bodies(web)[0]


@pytest.mark.parametrize(("status", "again"), [(401, True), (429, True), (500, True), (400, False), (302, False)])
async def test_a_status_says_whether_to_try_again(web: Web, status: int, again: bool) -> None:
    web.answer = lambda asked: Answer(status, headers={"retry-after": "7", "location": f"{web.url}/elsewhere"})
    sender = TextWebhookSender(web.url, KEY, {})
    with pytest.raises((TryAgain, Refused)) as raised:
        await sender.send(TO, MESSAGE)
    wait = timedelta(seconds=7)
    failure = TryAgain("webhook_failed", status, wait) if again else Refused("webhook_refused", status)
    assert raised.value == failure
    assert len(web.asked) == 1
    await sender.close()
