"""Gemini through its real SDK, against a local server that answers by a script."""

import asyncio
import json
import logging
import time
from typing import Any

import pytest

from tests.support.gemini_server import Scripted, answers, good, replied, serving
from ygs.adapters.advisors.gemini import ATTEMPTS, GeminiAdvisor
from ygs.application.advisor.answers import checked_answers
from ygs.application.advisor.prompts import PairItem, pairs_prompt
from ygs.domain.errors import Misconfigured, Unavailable
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Language
from ygs.ports.match_advisor import ModelReply, Stopped

SECRET = "주말에는 산에 갑니다"
ABOUT = {"introduction": SECRET}
ITEMS = [
    PairItem(a=UserId("usr_1"), b=UserId("usr_2"), about_a=ABOUT, about_b=ABOUT),
    PairItem(a=UserId("usr_3"), b=UserId("usr_4"), about_a=ABOUT, about_b=ABOUT),
]
PROMPT = pairs_prompt(ITEMS, Language.KO)


def strengths(reply: ModelReply) -> list[int]:
    return [each.strength for _, each in sorted(checked_answers(reply, ITEMS, Language.KO).items())]


def advisor(url: str, *, seconds: float = 5, at_once: int = 4) -> GeminiAdvisor:
    return GeminiAdvisor("a-key", "gemini-test", url=url, seconds=seconds, at_once=at_once, backoff=0.01)


async def asked(script: Any, *, seconds: float = 5) -> tuple[ModelReply, int]:
    """The reply, and how often the server was called."""
    async with serving(script) as server:
        gemini = advisor(server.url, seconds=seconds)
        try:
            return await gemini.ask(PROMPT), len(server.calls)
        finally:
            await gemini.close()


async def test_what_is_sent_and_what_comes_back() -> None:
    async with serving() as server:
        gemini = advisor(server.url)
        reply = await gemini.ask(PROMPT)
        await gemini.close()
    (call,) = server.calls
    assert server.keys == ["a-key"]
    assert call["contents"] == [{"parts": [{"text": PROMPT.data}], "role": "user"}]
    assert call["systemInstruction"]["parts"] == [{"text": PROMPT.instructions}]
    assert call["generationConfig"]["responseMimeType"] == "application/json"
    assert "tools" not in call
    assert (reply.input_tokens, reply.output_tokens, reply.stopped) == (100, 20, None)
    assert strengths(reply) == [50, 50]


async def test_thinking_is_paid_like_the_reply() -> None:
    reply, _ = await asked(lambda _: replied("{}", tokens=(100, 20), thoughts=70))
    assert reply.output_tokens == 90


async def test_a_busy_server_is_asked_again_after_as_long_as_it_says() -> None:
    times: list[float] = []

    def script(call: dict[str, Any]) -> Scripted:
        times.append(time.monotonic())
        if len(times) == 1:
            return Scripted(status=429, headers=(("Retry-After", "1"),))
        return Scripted(status=503) if len(times) == 2 else good(call)

    reply, calls = await asked(script)
    assert (strengths(reply), calls) == ([50, 50], 3)
    assert 0.9 < times[1] - times[0] < 1.6


async def test_a_server_that_says_to_wait_longer_than_the_call_may_take_is_given_up_in_time() -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await asked(lambda _: Scripted(status=429, headers=(("Retry-After", "3600"),)), seconds=0.3)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "scripted",
    [
        Scripted(status=500, body=b'{"error": {"code": 500, "message": "' + SECRET.encode() + b'"}}'),
        Scripted(status=503, body=b"not JSON"),
        Scripted(body=b'{"candidates": [{"content": {"parts": [{"te'),
        Scripted(hang=True),
        Scripted(seconds=3, body=b"{}"),
    ],
)
async def test_without_an_answer_the_call_ends_in_time_and_tells_nothing(
    scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    began = time.monotonic()
    with pytest.raises(Unavailable) as raised:
        await asked(lambda _: scripted, seconds=0.5)
    assert time.monotonic() - began < 2
    assert SECRET not in f"{raised.value!r} {raised.value} {raised.value.__cause__} {caplog.text}"
    assert raised.value.__cause__ is None


async def test_trouble_is_tried_a_few_times_and_a_refusal_once() -> None:
    calls: list[int] = []
    for status in (500, 403):
        async with serving(lambda _, status=status: Scripted(status=status)) as server:  # type: ignore[misc]
            gemini = advisor(server.url)
            with pytest.raises(Unavailable) as raised:
                await gemini.ask(PROMPT)
            await gemini.close()
            calls.append(len(server.calls))
    assert calls == [ATTEMPTS, 1]
    assert isinstance(raised.value, Misconfigured)


@pytest.mark.parametrize(
    ("scripted", "stopped"),
    [
        (Scripted(body=b'{"promptFeedback": {"blockReason": "SAFETY"}}'), Stopped.SAFETY),
        (replied("", finish="SAFETY"), Stopped.SAFETY),
        (replied("", finish="PROHIBITED_CONTENT"), Stopped.SAFETY),
        (replied('{"answers": [', finish="MAX_TOKENS"), Stopped.TOO_LONG),
        (Scripted(body=b"{}"), Stopped.EMPTY),
        (Scripted(body=b'{"candidates": "no list"}'), Stopped.EMPTY),
        (replied("x" * 100_000), None),
        (replied('{"answers": ['), None),
    ],
)
async def test_a_reply_that_is_not_whole_says_so_and_counts_for_nothing(
    scripted: Scripted, stopped: Stopped | None
) -> None:
    reply, calls = await asked(lambda _: scripted)
    assert (reply.stopped, strengths(reply), calls) == (stopped, [], 1)


def swapped(call: dict[str, Any]) -> Scripted:
    """Each answer with the people of the other item."""
    one, other = answers(call)
    one["a"], one["b"], other["a"], other["b"] = other["a"], other["b"], one["a"], one["b"]
    return replied(json.dumps({"answers": [one, other]}))


@pytest.mark.parametrize(
    "script",
    [
        swapped,
        lambda call: replied(json.dumps({"answers": answers(call, pair=7)})),
        lambda call: replied(json.dumps({"answers": answers(call, a="usr_1")})),
        lambda call: replied(json.dumps({"answers": answers(call, strength=float("nan"))})),
        lambda call: replied(json.dumps({"answers": answers(call, strength=1e9)})),
        lambda call: replied(json.dumps({"answers": answers(call, strength=10**9)})),
        lambda call: replied(json.dumps({"answers": answers(call, reason="二人とも山が好きです。")})),
        lambda call: replied(json.dumps({"answers": answers(call, reason="가" * 100_000)})),
        lambda _: replied("죄송하지만 답할 수 없습니다."),
    ],
)
async def test_a_whole_reply_that_is_wrong_counts_for_nothing(script: Any) -> None:
    reply, _ = await asked(script)
    assert strengths(reply) == []


async def test_no_more_calls_run_at_once_than_allowed() -> None:
    async with serving(lambda call: Scripted(body=good(call).body, seconds=0.05)) as server:
        gemini = advisor(server.url, at_once=2)
        await asyncio.gather(*(gemini.ask(PROMPT) for _ in range(6)))
        await gemini.close()
    assert (server.most_at_once, len(server.calls)) == (2, 6)


async def test_a_server_that_never_answers_is_left_alone_after_a_while() -> None:
    async with serving(lambda _: Scripted(hang=True)) as server:
        gemini = advisor(server.url, seconds=0.05)
        for _ in range(8):
            with pytest.raises(Unavailable):
                await gemini.ask(PROMPT)
        await gemini.close()
    assert len(server.calls) == 5
