"""The contracts of transactions and of read-only transactions."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ygs.domain.errors import NotFound, PhoneTaken, StaleWrite, YgsError
from ygs.domain.events import member_submitted
from ygs.domain.ids import IntroductionId
from ygs.domain.match_weeks import WeekState
from ygs.entrypoints.testing.builders import a_feedback, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.fixtures import stored_introduction, stored_users
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Reading, Storage, Writing


class Mishap(Exception):
    """An error in the middle of a transaction."""


class TransactionContract:
    """A block that ends commits; a block that raises changes nothing."""

    async def test_what_is_written_is_seen_by_its_own_transaction_first_and_by_others_after_it(
        self, storage: Storage
    ) -> None:
        user = a_user()
        async with storage.write() as tx:
            await tx.users.add(user)
            assert (await tx.users.get(user.id)).name == user.name
            async with storage.read() as other:
                assert await other.users.page() == []
        async with storage.read() as later:
            assert (await later.users.get(user.id)).name == user.name

    async def test_a_clock_that_is_not_the_time_of_day_decides_by_itself(self, storage: Storage) -> None:
        async with storage.write() as tx:
            assert await tx.now(FrozenClock(NOON)) == NOON

    async def test_a_block_that_raises_leaves_nothing_behind(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        three = a_user(3)
        four = a_user(4)
        week = a_week(2)

        async def change_everything(tx: Writing) -> None:
            await tx.users.add_all([three, four])
            await tx.users.save(replace(await tx.users.get(introduction.a), name="이수정"))
            await tx.blocks.add(introduction.a, three.id, NOON)
            await tx.weeks.add(week)
            await tx.weeks.keep_snapshot(week.id, b"snapshot")
            await tx.introductions.add_all([an_introduction(three, four, week, 2)], {})
            await tx.introductions.add_feedback(a_feedback(introduction, introduction.a))
            await tx.outbox.add([member_submitted(three, NOON)])
            raise Mishap

        with pytest.raises(Mishap):
            async with storage.write() as writing:
                await change_everything(writing)
        async with storage.read() as tx:
            assert [user.id for user in await tx.users.page()] == [introduction.a, introduction.b]
            assert (await tx.users.get(introduction.a)).name != "이수정"
            assert await tx.blocks.between([introduction.a, introduction.b]) == frozenset()
            assert [each.id for each in await tx.weeks.latest()] == [introduction.week_id]
            assert await tx.introductions.of_user(three.id) == []
            assert await tx.introductions.feedback_on(introduction.id) == []
            assert await tx.outbox.pending() == []

    async def test_what_was_rolled_back_can_be_written_again(self, storage: Storage) -> None:
        async def add(fault: Exception | None) -> None:
            async with storage.write() as tx:
                await tx.users.add(a_user())
                if fault:
                    raise fault

        with pytest.raises(Mishap):
            await add(Mishap())
        await add(None)
        async with storage.read() as tx:
            assert len(await tx.users.page()) == 1

    async def test_a_writer_that_is_cancelled_leaves_nothing_and_holds_nobody_up(self, storage: Storage) -> None:
        written = asyncio.Event()

        async def write_and_wait() -> None:
            async with storage.write() as tx:
                await tx.users.add(a_user(1))
                written.set()
                await asyncio.Event().wait()

        writer = asyncio.create_task(write_and_wait())
        await written.wait()
        writer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writer
        async with storage.write() as tx:
            await tx.users.add(a_user(2))
        async with storage.read() as reading:
            assert [user.id for user in await reading.users.page()] == [a_user(2).id]

    async def test_a_refused_command_changes_nothing_and_its_transaction_goes_on(self, storage: Storage) -> None:
        first = a_user(1)
        same_phone = a_user(2, phone=a_user(1).phone)
        third = a_user(3)
        async with storage.write() as tx:
            await tx.users.add(first)
            with pytest.raises(PhoneTaken):
                await tx.users.add_all([third, same_phone])
            with pytest.raises(StaleWrite):
                await tx.users.save(first)
            await tx.users.add(replace(third, name="정하은"))
            with pytest.raises(PhoneTaken):
                await tx.users.save(replace(third, phone=first.phone, version=1))
            await tx.users.add(a_user(4))
        async with storage.read() as tx:
            stored = [(user.name, user.phone) for user in await tx.users.page()]
            assert stored == [(first.name, first.phone), ("정하은", third.phone), (a_user(4).name, a_user(4).phone)]

    async def test_an_empty_block_is_fine(self, storage: Storage) -> None:
        async with storage.write():
            pass
        async with storage.read():
            pass


async def _adds(tx: Any) -> None:
    await tx.users.add(a_user(9))


async def _saves(tx: Any) -> None:
    user = (await tx.users.page())[0]
    await tx.users.save(replace(user, name="오지훈"))


async def _adds_a_week(tx: Any) -> None:
    await tx.weeks.add(a_week(9))


async def _keeps(tx: Any) -> None:
    await tx.weeks.keep_plan(a_week(1).id, b"another plan")


async def _answers(tx: Any) -> None:
    introduction = await tx.introductions.get(IntroductionId(numbered("mh", 1)))
    await tx.introductions.save(replace(introduction, met=True))


async def _blocks(tx: Any) -> None:
    await tx.blocks.add(a_user(1).id, a_user(2).id, NOON)


async def _tells(tx: Any) -> None:
    await tx.outbox.add([member_submitted(a_user(1), NOON)])


WRITES = [_adds, _saves, _adds_a_week, _keeps, _answers, _blocks, _tells]


class ReaderContract:
    """A reader sees one consistent state and cannot write."""

    @pytest.mark.parametrize("write", WRITES)
    async def test_a_reader_cannot_write(self, storage: Storage, write: Callable[[Any], Any]) -> None:
        await stored_introduction(storage)
        before = await _everything(storage)
        # No such command, or the store's own refusal: either will do, as long as it is one.
        with pytest.raises((AttributeError, YgsError)):
            async with storage.read() as tx:
                await write(tx)
        assert await _everything(storage) == before

    async def test_a_reader_sees_one_moment_whatever_is_committed_meanwhile(self, storage: Storage) -> None:
        one, other = await stored_users(storage, 2)
        async with storage.read() as early:
            assert (await early.users.get(one.id)).version == 1
            async with storage.write() as tx:
                await tx.users.save(replace(one, name="한지민"))
                await tx.users.save(replace(other, deleted_at=NOON))
                await tx.users.add(a_user(3))
            assert (await early.users.get(one.id)).name == one.name
            assert [user.id for user in await early.users.page()] == [one.id, other.id]
            assert await early.users.count_by_status() == {one.status: 2}
            async with storage.read() as late:
                assert [user.name for user in await late.users.page()] == ["한지민", a_user(3).name]

    async def test_readers_do_not_wait_for_a_writer(self, storage: Storage) -> None:
        (user,) = await stored_users(storage, 1)
        async with storage.write() as tx:
            await tx.users.save(replace(await tx.users.get(user.id), name="서유진"))
            async with asyncio.timeout(2), storage.read() as other:
                assert (await other.users.get(user.id)).name == user.name

    async def test_a_sound_store_breaks_no_invariant_and_an_unsound_one_says_which(self, storage: Storage) -> None:
        await stored_introduction(storage)
        async with storage.read() as tx:
            assert [violation async for violation in tx.invariants.violations()] == []
        unsound = a_week(2, state=WeekState.PUBLISHED, published_at=None)
        async with storage.write() as writing:
            await writing.weeks.add(unsound)
        async with storage.read() as tx:
            found = [violation async for violation in tx.invariants.violations()]
        assert [(violation.invariant, violation.ids) for violation in found] == [
            ("published_weeks_say_when", (unsound.id,))
        ]


async def _everything(storage: Storage) -> object:
    async with storage.read() as tx:
        users = await tx.users.page()
        introductions = [await tx.introductions.of_user(user.id) for user in users]
        blocks = await tx.blocks.between([user.id for user in users])
        return users, await tx.weeks.latest(), await _plan(tx), introductions, blocks, await tx.outbox.pending()


async def _plan(tx: Reading) -> bytes | None:
    try:
        return await tx.weeks.plan(a_week(1).id)
    except NotFound:
        return None
