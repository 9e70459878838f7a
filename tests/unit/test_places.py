"""Places for queries: in turn, none lost when somebody gives up, and a refusal for whoever waits too long."""

import asyncio

import pytest

from ygs.adapters.sql.statements.places import Places
from ygs.domain.errors import Unavailable


async def _begun(places: Places, *, order: list[int], number: int) -> None:
    await places.acquire()
    order.append(number)


async def test_whoever_waits_is_served_in_turn_and_no_place_is_lost() -> None:
    places = Places(2, 10)
    order: list[int] = []
    waiting = [asyncio.create_task(_begun(places, order=order, number=number)) for number in range(6)]
    await asyncio.sleep(0)
    assert order == [0, 1]
    waiting[2].cancel()
    await asyncio.sleep(0)
    places.release()
    # Given up in the moment in which the place was given: the next one has it.
    waiting[3].cancel()
    await asyncio.gather(*waiting[:4], return_exceptions=True)
    await asyncio.sleep(0)
    assert order == [0, 1, 4]
    for _ in range(2):
        places.release()
    await waiting[5]
    assert order == [0, 1, 4, 5]
    # One is free again, and the next one waits.
    await places.acquire()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(places.acquire(), 0.01)
    places.close()


async def test_whoever_waits_too_long_is_refused_and_the_others_are_not() -> None:
    places = Places(1, 0.03)
    await places.acquire()
    first = asyncio.create_task(places.acquire())
    await asyncio.sleep(0.02)
    second = asyncio.create_task(places.acquire())
    with pytest.raises(Unavailable, match="try again"):
        await first
    assert not second.done()
    places.release()
    await second
    with pytest.raises(Unavailable):
        await places.acquire()
    places.close()
