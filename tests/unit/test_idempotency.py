"""A command that comes twice acts once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.application.idempotency import IdempotentRequests
from ygs.domain.errors import Conflict, InvalidFact, KeyReused, OutcomeUnknown, StillRunning
from ygs.domain.idempotency import Reply
from ygs.domain.ids import UserId
from ygs.domain.users import Role
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.ids import numbered

KEY = "3f1c2f7e-0f1f-4b6e-9a9e-6a1f0c9f7d11"
ME = Actor.signed_in(UserId(numbered("usr", 1)), Role.MEMBER)
OTHER = Actor.signed_in(UserId(numbered("usr", 2)), Role.MEMBER)


class Handler:
    """Something that must be done once."""

    def __init__(self) -> None:
        self.opened = 0

    async def open(self) -> Reply:
        await asyncio.sleep(0)
        self.opened += 1
        return Reply(201, f"열림 {self.opened}".encode())

    async def refuse(self) -> Reply:
        raise Conflict("taken")

    async def be_lost(self) -> Reply:
        self.opened += 1
        raise OutcomeUnknown("no reply to the commit")

    async def die(self) -> Reply:
        raise asyncio.CancelledError


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def idempotent_requests(clock: FrozenClock) -> IdempotentRequests:
    return IdempotentRequests(MemoryStorage(), clock)


async def test_the_same_again_gets_the_same_reply(idempotent_requests: IdempotentRequests) -> None:
    handler = Handler()
    replies = [await idempotent_requests.reply(ME, KEY, b"POST /linked-identities", handler.open) for _ in range(3)]
    assert {(reply.status, reply.body.decode()) for reply in replies} == {(201, "열림 1")}
    assert handler.opened == 1


async def test_another_request_under_the_key_is_refused(idempotent_requests: IdempotentRequests) -> None:
    handler = Handler()
    await idempotent_requests.reply(ME, KEY, b"POST /linked-identities", handler.open)
    with pytest.raises(KeyReused):
        await idempotent_requests.reply(ME, KEY, b"POST /windows", handler.open)


async def test_of_two_at_once_the_second_is_told_to_wait(idempotent_requests: IdempotentRequests) -> None:
    handler = Handler()
    replies = await asyncio.gather(
        *(idempotent_requests.reply(ME, KEY, b"x", handler.open) for _ in range(10)), return_exceptions=True
    )
    assert handler.opened == 1
    assert sum(isinstance(reply, StillRunning) for reply in replies) == 9


async def test_keys_are_each_actors_own(idempotent_requests: IdempotentRequests) -> None:
    handler = Handler()
    for actor in (ME, OTHER, Actor.operator()):
        await idempotent_requests.reply(actor, KEY, b"x", handler.open)
    assert handler.opened == 3


async def test_what_failed_may_be_tried_again(idempotent_requests: IdempotentRequests) -> None:
    handler = Handler()
    with pytest.raises(Conflict):
        await idempotent_requests.reply(ME, KEY, b"x", handler.refuse)
    await idempotent_requests.reply(ME, KEY, b"x", handler.open)
    assert handler.opened == 1


async def test_what_nobody_knows_the_end_of_is_not_done_again(
    idempotent_requests: IdempotentRequests, clock: FrozenClock
) -> None:
    handler = Handler()
    with pytest.raises(asyncio.CancelledError):
        await idempotent_requests.reply(ME, KEY, b"x", handler.die)
    clock.advance(hours=23)
    with pytest.raises(StillRunning):
        await idempotent_requests.reply(ME, KEY, b"x", handler.open)


async def test_after_a_day_the_key_is_free(idempotent_requests: IdempotentRequests, clock: FrozenClock) -> None:
    handler = Handler()
    await idempotent_requests.reply(ME, KEY, b"x", handler.open)
    clock.advance(hours=24)
    await idempotent_requests.reply(ME, KEY, b"y", handler.open)
    assert handler.opened == 2


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "with space 123", "한글열쇠열쇠열쇠", "newline\n123"])
async def test_a_key_is_visible_ascii_of_some_length(idempotent_requests: IdempotentRequests, key: str) -> None:
    act: Callable[[], Awaitable[Reply]] = Handler().open
    with pytest.raises(InvalidFact):
        await idempotent_requests.reply(ME, key, b"x", act)


async def test_what_may_have_happened_is_not_done_again(idempotent_requests: IdempotentRequests) -> None:
    handler = Handler()
    with pytest.raises(OutcomeUnknown):
        await idempotent_requests.reply(ME, KEY, b"x", handler.be_lost)
    with pytest.raises(StillRunning):
        await idempotent_requests.reply(ME, KEY, b"x", handler.open)
    assert handler.opened == 1
