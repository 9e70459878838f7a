"""What was read is put on record before it is shown, however many read at once and whatever happens to one of them."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from ygs.adapters.memory import MemoryStorage
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.group_commit import GroupCommit
from ygs.domain.audit import Entry, Verifier
from ygs.domain.errors import Unavailable
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.storage import Writing


@dataclass
class GatedStorage:
    """A real storage whose writers wait at a gate, each counted, and which may be told to refuse them."""

    inner: MemoryStorage = field(default_factory=MemoryStorage)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: bool = False
    begun: int = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Writing]:
        self.begun += 1
        await self.gate.wait()
        if self.refuses:
            raise Unavailable("no")
        async with self.inner.write() as tx:
            yield tx

    async def log(self) -> list[str]:
        """What is on record, once it is seen to be whole."""
        async with self.inner.read() as reading:
            page, head = await reading.audit.page(limit=1000), await reading.audit.head()
            verifier = Verifier.of(head, reading.audit.mac)
        assert [*verifier.read(page, {}), *verifier.finish()] == []
        return [sealed.entry.what for sealed in page]


def an_entry(what: str) -> Entry:
    return Entry(at=NOON, actor="usr_1", role="admin", action="member.read", what=what)


@pytest.fixture
async def storage() -> GatedStorage:
    return GatedStorage()


@pytest.fixture
async def audit_writer(storage: GatedStorage) -> AuditWriter:
    return an_audit_writer(storage)  # type: ignore[arg-type]


async def asked(audit_writer: AuditWriter, *names: str) -> list[asyncio.Future[None]]:
    """Each has asked for its entry to be written, in this order, and waits."""
    waiting = [audit_writer.add(an_entry(name)) for name in names]
    for _ in range(5):
        await asyncio.sleep(0)
    return waiting


async def within_a_second(*asked: Awaitable[None]) -> list[BaseException | None]:
    """What each was answered."""
    return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 1)


async def test_nobody_is_told_before_their_entry_is_there(storage: GatedStorage, audit_writer: AuditWriter) -> None:
    (one,) = await asked(audit_writer, "one")
    assert not one.done()
    storage.gate.set()
    assert await within_a_second(one) == [None]
    assert await storage.log() == ["one"]


async def test_those_who_come_together_share_a_transaction_and_each_is_written_once(
    storage: GatedStorage, audit_writer: AuditWriter
) -> None:
    (first,) = await asked(audit_writer, "first")
    crowd = await asked(audit_writer, *(f"{number}" for number in range(50)))
    storage.gate.set()
    assert set(await within_a_second(first, *crowd)) == {None}
    assert storage.begun == 2
    assert await storage.log() == ["first", *(f"{number}" for number in range(50))]


async def test_whoever_comes_after_all_was_written_is_written_too(
    storage: GatedStorage, audit_writer: AuditWriter
) -> None:
    storage.gate.set()
    for name in ("one", "two", "three"):
        assert await within_a_second(audit_writer.add(an_entry(name), an_entry(f"{name} again"))) == [None]
    assert await storage.log() == ["one", "one again", "two", "two again", "three", "three again"]


async def test_a_failure_reaches_all_who_wait_for_it_and_nobody_after(
    storage: GatedStorage, audit_writer: AuditWriter
) -> None:
    storage.refuses = True
    waiting = await asked(audit_writer, "one", "two", "three")
    storage.gate.set()
    told = await within_a_second(*waiting)
    assert [type(each) for each in told] == [Unavailable] * 3
    storage.refuses = False
    assert await within_a_second(audit_writer.add(an_entry("four"))) == [None]
    assert await storage.log() == ["four"]


async def test_a_first_asker_who_is_cancelled_loses_nobodys_entry(
    storage: GatedStorage, audit_writer: AuditWriter
) -> None:
    first, second, third = await asked(audit_writer, "first", "second", "third")
    first.cancel()
    second.cancel()
    storage.gate.set()
    assert (await within_a_second(first, second, third))[2] is None
    assert first.cancelled()
    assert second.cancelled()
    # What was read may have been seen: an entry too many is no harm.
    assert await storage.log() == ["first", "second", "third"]


async def test_an_error_whose_caller_has_gone_away_is_not_reported_as_forgotten() -> None:
    async def refused(_: object) -> list[Exception | None]:
        raise Unavailable("no")

    reported = list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["message"]))
    future = GroupCommit[str, None](refused).add("a")
    await asyncio.wait([future])
    del future
    gc.collect()
    assert reported == []
