"""Hashes: beside the loop, few at once, old ones read."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import bcrypt
import pytest

from ygs.adapters import argon2_passwords as passwords
from ygs.adapters.argon2_passwords import ArgonPasswords
from ygs.domain.errors import Unavailable

PASSWORD = "노란 우산 아래 고양이 세 마리"


@pytest.fixture
async def quick() -> AsyncIterator[ArgonPasswords]:
    made = ArgonPasswords(passes=1, memory=8)
    yield made
    await made.close()


async def test_a_hash_is_of_its_password_only_and_salted(quick: ArgonPasswords) -> None:
    one, two = await quick.hash(PASSWORD), await quick.hash(PASSWORD)
    assert one != two
    assert one.startswith("$argon2id$")
    assert await quick.verify(PASSWORD, one)
    assert not await quick.verify(PASSWORD + " ", one)
    assert not quick.outdated(one)


async def test_nobody_has_no_password(quick: ArgonPasswords) -> None:
    for password in (PASSWORD, "", "None"):
        assert not await quick.verify(password, None)


@pytest.mark.parametrize("password", [PASSWORD, "x" * 72, "가" * 30])
async def test_bcrypt_hashes_of_an_older_system_are_read_and_outdated(quick: ArgonPasswords, password: str) -> None:
    # Long ones were cut off at 72 bytes by what made them.
    old = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    assert await quick.verify(password, old)
    assert not await quick.verify("another", old)
    assert quick.outdated(old)
    assert await quick.verify(password, old.replace("$2b$", "$2y$"))


async def test_hashes_at_other_costs_are_outdated(quick: ArgonPasswords) -> None:
    dearer = ArgonPasswords(passes=2, memory=16)
    assert dearer.outdated(await quick.hash(PASSWORD))
    await dearer.close()


@pytest.mark.parametrize("damaged", ["", "$argon2id$", "plain", "$2b$31$" + "x" * 53, "$2b$04$short", "\x00", "한글"])
async def test_a_damaged_hash_is_nobodys(quick: ArgonPasswords, damaged: str) -> None:
    assert not await quick.verify(PASSWORD, damaged)


@pytest.mark.parametrize(("cores", "hashing"), [(1, 1), (2, 1), (3, 2), (64, 2)])
def test_two_hash_at_once_and_never_on_every_core(cores: int, hashing: int) -> None:
    assert passwords.at_once(cores) == hashing


async def test_the_loop_goes_on_and_only_a_few_work_at_once(
    quick: ArgonPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    working, most = 0, 0

    def slowly(password: str, encoded: str | None) -> bool:
        nonlocal working, most
        working += 1
        most = max(most, working)
        time.sleep(0.02)
        working -= 1
        return True

    monkeypatch.setattr(quick, "_verify", slowly)
    verifying = asyncio.gather(*(quick.verify(PASSWORD, None) for _ in range(10)))
    turns = 0
    while not verifying.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert most == passwords.AT_ONCE
    assert turns > 10


async def test_too_many_at_once_are_told_to_come_back(quick: ArgonPasswords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 3)
    asked = (quick.verify(PASSWORD, None) for _ in range(5))
    replies = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(reply) for reply in replies] == [bool, bool, bool, Unavailable, Unavailable]
    assert await quick.verify(PASSWORD, await quick.hash(PASSWORD))


async def test_an_unknown_phone_takes_as_long_as_a_known_one() -> None:
    real = ArgonPasswords(passes=1, memory=32 * 1024)
    encoded = await real.hash(PASSWORD)
    await real.verify("wrong", None)
    took: dict[str | None, float] = {}
    # The quickest of several, and by the processor's clock: whoever else uses the machine must not decide.
    for hash_ in (encoded, None) * 8:
        start = time.process_time()
        await real.verify("wrong", hash_)
        took[hash_] = min(took.get(hash_, 9.0), time.process_time() - start)
    await real.close()
    assert 0.4 < took[None] / took[encoded] < 2.5


async def test_turns_are_few_and_taken_in_order_and_whoever_has_one_can_hash_however_many_wait(
    quick: ArgonPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 4)
    served: list[int] = []
    go = asyncio.Event()

    async def converse(number: int) -> None:
        async with quick.turn():
            served.append(number)
            await go.wait()
            await quick.hash(PASSWORD)

    talking = [asyncio.create_task(converse(number)) for number in range(passwords.AT_ONCE + 4)]
    await asyncio.sleep(0.01)
    assert served == list(range(passwords.AT_ONCE))
    with pytest.raises(Unavailable):
        await converse(99)
    go.set()
    await asyncio.gather(*talking)
    assert served == list(range(passwords.AT_ONCE + 4))


async def test_a_turn_given_up_while_waiting_is_the_next_ones(quick: ArgonPasswords) -> None:
    async with AsyncExitStack() as all_turns:
        for _ in range(passwords.AT_ONCE):
            await all_turns.enter_async_context(quick.turn())
        impatient = asyncio.create_task(quick.turn().__aenter__())
        await asyncio.sleep(0)
        impatient.cancel()
    async with asyncio.timeout(1), AsyncExitStack() as all_turns:
        for _ in range(passwords.AT_ONCE):
            await all_turns.enter_async_context(quick.turn())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads a priority of their own")
async def test_hashing_steps_back_behind_the_loop(quick: ArgonPasswords, monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpriority(os.PRIO_PROCESS, 0)
    there: list[int] = []

    def look(password: str, encoded: str | None) -> bool:
        there.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return True

    monkeypatch.setattr(quick, "_verify", look)
    await quick.verify(PASSWORD, None)
    assert there[0] > here
    assert os.getpriority(os.PRIO_PROCESS, 0) == here


async def test_a_wrong_password_for_a_quick_old_hash_is_answered_no_sooner() -> None:
    real = ArgonPasswords(passes=1, memory=32 * 1024)
    new, old = await real.hash(PASSWORD), bcrypt.hashpw(PASSWORD.encode()[:72], bcrypt.gensalt(4)).decode()
    took: dict[str, float] = {}
    for hash_ in (new, old, new, old, new, old):
        start = time.perf_counter()
        assert not await real.verify("wrong", hash_)
        took[hash_] = min(took.get(hash_, 9.0), time.perf_counter() - start)
    await real.close()
    assert took[old] > 0.4 * took[new]
