"""The in-memory storage keeps every promise of its port; it is what other storages are compared with."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from ygs.adapters.memory import MemoryStorage
from ygs.domain.errors import Unavailable
from ygs.domain.ids import UserId
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.contracts.round_trips import everybody_comes_back
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage


@asynccontextmanager
async def an_empty_storage() -> AsyncIterator[Storage]:
    storage = MemoryStorage()
    yield storage
    await storage.close()


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    async def storage(self) -> AsyncIterator[Storage]:
        async with an_empty_storage() as storage:
            yield storage

    @pytest.fixture
    def stored_bytes(self) -> None:
        """Memory keeps nothing at rest."""


def test_no_part_of_the_contract_hides_anothers_test() -> None:
    # Two parts with a test of one name would both be inherited, and one of them never run.
    named = Counter(name for part in StorageContract.__bases__ for name in vars(part) if name.startswith("test_"))
    assert [name for name, parts in named.items() if parts > 1] == []
    assert len(named) > 100


test_everybody_comes_back = everybody_comes_back(an_empty_storage)


async def test_a_writer_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ygs.adapters.memory.storage.PATIENCE_SECONDS", 0.01)
    storage = MemoryStorage()
    async with storage.write():
        with pytest.raises(Unavailable):
            # Within its own block it would wait for itself.
            async with storage.write():
                pass
    async with storage.write() as tx:
        await tx.users.add(a_user())


async def test_a_transaction_that_is_over_answers_nothing_and_changes_nothing() -> None:
    storage = MemoryStorage()
    async with storage.write() as tx:
        await tx.users.add(a_user(1))
    with pytest.raises(RuntimeError, match="over"):
        await tx.users.add(a_user(2))
    async with storage.read() as reading:
        assert len(await reading.users.page()) == 1
    with pytest.raises(RuntimeError, match="over"):
        await reading.users.page()


async def test_others_get_to_run_between_any_two_questions() -> None:
    storage = MemoryStorage()
    async with storage.write() as tx:
        await tx.users.add(a_user())
    order: list[str] = []

    async def ask(name: str) -> None:
        async with storage.read() as tx:
            for _ in range(3):
                await tx.users.get(a_user().id)
                order.append(name)

    await asyncio.gather(ask("one"), ask("other"))
    assert order == ["one", "other"] * 3


@pytest.mark.slow
async def test_sixty_thousand_members_are_changed_one_at_a_time_in_good_time() -> None:
    storage, member = MemoryStorage(), a_user()
    async with storage.write() as tx:
        await tx.users.add_all(
            [member, *(replace(member, id=UserId(f"{member.id}{number}"), phone=None) for number in range(60_000))]
        )
    async with asyncio.timeout(10):
        for number in range(1, 101):
            async with storage.write() as tx:
                await tx.users.save(replace(await tx.users.get(member.id), capacity=1 + number % 7))
    async with storage.read() as reading:
        assert (await reading.users.get(member.id)).version == 101
