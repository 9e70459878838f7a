"""Texts by webhook to a real server: signed, tried again, never in the way and never in the log."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator

import pytest

from tests.support.http_server import Answer, ReceivedRequest, Web, serving
from ygs.adapters import text_queue
from ygs.adapters.sms import LogMessenger, WebhookMessenger
from ygs.domain.errors import Unavailable

KEY, PHONE, TEXT = b"k" * 32, "+821012345678", "인증번호 12345678"


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(lambda asked: Answer(204)) as web:
        yield web


async def sent(web: Web, *, total: float = 2.0) -> None:
    messenger = WebhookMessenger(f"{web.url}/hook?token=s3cret", KEY, pause=0.01, total=total)
    await messenger.send(PHONE, TEXT)
    await messenger.close()


async def test_a_text_arrives_signed(web: Web) -> None:
    await sent(web)
    (asked,) = web.asked
    body = json.loads(asked.body)
    assert (body["to"], body["text"]) == (PHONE, TEXT)
    moment, mac = (part.partition("=")[2] for part in asked.headers["ygs-signature"].split(","))
    assert abs(int(moment) - time.time()) < 60
    assert mac == hmac.digest(KEY, f"{moment}.".encode() + asked.body, hashlib.sha256).hex()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_receiver_in_trouble_is_asked_again_with_the_same_id(web: Web, status: int) -> None:
    web.answer = lambda asked: Answer(status if len(web.asked) < 3 else 200)
    await sent(web)
    assert len(web.asked) == 3
    assert len({json.loads(asked.body)["id"] for asked in web.asked}) == 1


@pytest.mark.parametrize("status", [400, 401, 302])
async def test_a_refusal_is_not_repeated_nor_a_redirect_followed(
    web: Web, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    web.answer = lambda asked: Answer(status, headers={"location": f"{web.url}/elsewhere"})
    await sent(web)
    assert len(web.asked) == 1
    assert str(status) in caplog.text


async def test_a_receiver_that_never_answers_is_given_up_and_nothing_personal_is_logged(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ygs")

    def hang(asked: ReceivedRequest) -> Answer:
        time.sleep(0.2)
        return Answer()

    web.answer = hang
    await sent(web, total=0.05)
    assert len(web.asked) == text_queue.MOST_TRIES
    assert "was not sent" in caplog.text
    for private in (PHONE, "12345678", "s3cret"):
        assert private not in caplog.text


async def test_sending_takes_no_time(web: Web) -> None:
    def slowly(asked: ReceivedRequest) -> Answer:
        time.sleep(0.2)
        return Answer()

    web.answer = slowly
    messenger = WebhookMessenger(web.url, KEY)
    started = time.perf_counter()
    await messenger.send(PHONE, TEXT)
    assert time.perf_counter() - started < 0.1
    await messenger.close()
    assert len(web.asked) == 1


async def test_what_waited_for_longer_than_a_code_is_good_is_not_sent_any_more(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def slowly(asked: ReceivedRequest) -> Answer:
        time.sleep(0.3)
        return Answer()

    web.answer = slowly
    monkeypatch.setattr(text_queue, "STALE_SECONDS", 0.2)
    messenger = WebhookMessenger(web.url, KEY)
    for _ in range(2 * text_queue.AT_ONCE):
        await messenger.send(PHONE, TEXT)
    await messenger.close()
    assert len(web.asked) == text_queue.AT_ONCE
    assert caplog.text.count("was not sent") == text_queue.AT_ONCE


async def test_too_many_waiting_are_refused(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_queue, "MOST_WAITING", 2)
    messenger = WebhookMessenger(web.url, KEY)
    for _ in range(2):
        await messenger.send(PHONE, TEXT)
    with pytest.raises(Unavailable):
        await messenger.send(PHONE, TEXT)
    await messenger.close()


@pytest.mark.parametrize("show", [True, False])
async def test_the_log_shows_a_text_only_where_that_is_meant(show: bool, caplog: pytest.LogCaptureFixture) -> None:
    await LogMessenger(show=show).send(PHONE, TEXT)
    assert (TEXT in caplog.text) is show
    assert (PHONE in caplog.text) is show
    assert caplog.text
