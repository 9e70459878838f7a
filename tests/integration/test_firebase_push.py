"""Push messages by Firebase's own SDK to a local server that speaks its protocol."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import cache
from typing import Any, cast

import pytest
from joserfc.jwk import RSAKey

from tests.support.http_server import Answer, ReceivedRequest, Web, serving
from ygs.adapters.firebase_push import FirebasePushSender
from ygs.entrypoints.testing.contracts.message_senders import (
    MESSAGE,
    MessageSenderContract,
    ReceivedMessages,
    Receiver,
)
from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, MessageSender

PROJECT = "demo-ygs"
TO = Address("dQw4w9WgXcQ:APA91bH_a_device_token")
_SEND = f"/v1/projects/{PROJECT}/messages:send"


@cache
def _private_key() -> str:
    key = cast(Any, RSAKey.generate_key(2048))
    pem: bytes = key.as_pem(private=True)
    return pem.decode()


def fcm_error(status: int, code: str, detail: str = "") -> Answer:
    """An error as Firebase Cloud Messaging answers it; it quotes the token."""
    details = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": detail}] if detail else []
    error = {"code": status, "message": f"about {TO.value}", "status": code, "details": details}
    return Answer(status, {"error": error}, {"retry-after": "7"} if status == 400 else {})


class Google:
    """Plays the tokens of our service account, and Firebase Cloud Messaging."""

    def __init__(self, answer: Answer | None = None, seconds: float = 0.0) -> None:
        self.answered = answer or Answer(body={"name": f"projects/{PROJECT}/messages/1"})
        self.seconds = seconds
        self.pushed = list[dict[str, Any]]()
        self.texts = ReceivedMessages()

    def answer(self, asked: ReceivedRequest) -> Answer:
        """Answer a request of the SDK."""
        if asked.path == "/token":
            return Answer(body={"access_token": "ours", "expires_in": 3600, "token_type": "Bearer"})
        assert (asked.path, asked.headers["authorization"]) == (_SEND, "Bearer ours")
        time.sleep(self.seconds)
        if self.answered.status == 200:
            message = json.loads(asked.body)["message"]
            self.pushed.append(message)
            self.texts.append(json.dumps(message, ensure_ascii=False))
        return self.answered


def sender_to(web: Web, monkeypatch: pytest.MonkeyPatch, total: float = 3.0) -> FirebasePushSender:
    """What production runs, with Google's two addresses pointing here."""
    from firebase_admin import messaging

    monkeypatch.setattr(messaging._MessagingService, "FCM_URL", web.url + "/v1/projects/{0}/messages:send")
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "client_email": "ygs@demo-ygs.test",
        "private_key": _private_key(),
        "private_key_id": "1",
        "token_uri": f"{web.url}/token",
    }
    return FirebasePushSender(PROJECT, account, total=total)


_RECEIVERS: dict[Receiver, Callable[[], Google]] = {
    Receiver.TAKES: Google,
    Receiver.BUSY: lambda: Google(fcm_error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")),
    Receiver.REFUSES: lambda: Google(fcm_error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")),
    Receiver.SILENT: lambda: Google(seconds=0.4),
}


class TestFirebasePushSender(MessageSenderContract):
    """`FirebasePushSender`."""

    @pytest.fixture(autouse=True)
    async def _servers(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
        self.monkeypatch = monkeypatch
        async with AsyncExitStack() as self.stack:
            yield

    async def receive(self, receiver: Receiver) -> tuple[MessageSender, Address, ReceivedMessages]:
        google = _RECEIVERS[receiver]()
        web = self.stack.enter_context(serving(google.answer))
        sender = sender_to(web, self.monkeypatch, 0.2 if receiver is Receiver.SILENT else 3.0)
        self.stack.push_async_callback(sender.close)
        return sender, TO, google.texts if receiver is not Receiver.SILENT else ReceivedMessages()


async def _outcome(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> Exception:
    with serving(Google(answer).answer) as web:
        sender = sender_to(web, monkeypatch)
        with pytest.raises((Refused, TryAgain)) as raised:
            await sender.send(TO, MESSAGE)
        await sender.close()
    return raised.value


@pytest.mark.parametrize(
    "answer",
    [fcm_error(404, "NOT_FOUND", "UNREGISTERED"), fcm_error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")],
)
async def test_a_device_that_is_no_longer_registered_is_gone(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _outcome(answer, monkeypatch) == Refused("device_gone", answer.status, gone=True)


@pytest.mark.parametrize(
    "answer", [fcm_error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), fcm_error(403, "PERMISSION_DENIED")]
)
async def test_what_the_operator_can_put_right_is_tried_again(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _outcome(answer, monkeypatch) == TryAgain("push_failed", answer.status)


async def test_a_push_replaces_an_earlier_copy_and_holds_no_more_than_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    google = Google()
    with serving(google.answer) as web:
        sender = sender_to(web, monkeypatch)
        await sender.send(TO, MESSAGE)
        await sender.close()
    assert google.pushed == [
        {
            "token": TO.value,
            "notification": {"title": MESSAGE.title, "body": MESSAGE.text},
            "data": {"type": "introduction.proposed", "link": MESSAGE.link},
            "android": {"ttl": "172800s", "notification": {"tag": MESSAGE.id}},
            "apns": {"headers": {"apns-collapse-id": MESSAGE.id}},
        }
    ]
