"""A store that cannot be written says so, keeps nothing of a transaction, and works again once there is room."""

from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import Connection, event, text

from tests.integration.test_readiness import settings, url_of
from tests.support.databases import opened, statements
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.application.operations import readiness
from ygs.bootstrap import build
from ygs.domain.errors import NotWritable, Unavailable
from ygs.entrypoints.http.app import create
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.storage import Storage

BIGGER_THAN_THE_DISK = b"x" * 3_000_000


async def _fill(storage: SqlStorage) -> None:
    """Give the file no further page: SQLite then fails as on a full disk."""

    @event.listens_for(storage.writer.sync_engine, "connect")
    def bound(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 1")  # as many as there are
        cursor.close()

    await storage.writer.dispose()


@pytest.fixture
async def full(sqlite_path: str) -> AsyncIterator[SqlStorage]:
    """A storage on a full disk, with an empty table for values of any size."""
    storage = await opened(sqlite_path)
    async with storage.transaction() as tx:
        await tx.run(text("CREATE TABLE kept (value BLOB)"))
    await _fill(storage)
    yield storage
    await storage.close()


async def _keep(tx: SqlTransaction, value: bytes) -> None:
    await tx.run(text("INSERT INTO kept VALUES (:value)"), value=value)


async def _kept(storage: SqlStorage) -> int:
    async with storage.transaction() as tx:
        return int(await tx.scalar(text("SELECT count(*) FROM kept")))


async def test_a_full_disk_is_told_as_one(full: SqlStorage) -> None:
    with pytest.raises(NotWritable, match="disk is full"):
        await _overfill(full)
    assert await _kept(full) == 0


async def test_a_full_disk_inside_a_savepoint_is_told_as_one(full: SqlStorage) -> None:
    with pytest.raises(NotWritable, match="disk is full"):
        await _overfill(full, in_savepoint=True)
    assert await _kept(full) == 0


async def _overfill(storage: SqlStorage, *, in_savepoint: bool = False) -> None:
    async with storage.transaction() as tx:
        await _keep(tx, b"before")
        async with tx.savepoint() if in_savepoint else nullcontext():
            await _keep(tx, BIGGER_THAN_THE_DISK)


@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("in_savepoint", [True, False])
async def test_nothing_is_kept_of_a_transaction_that_goes_on_after_a_full_disk(
    full: SqlStorage, goes_on: bool, in_savepoint: bool
) -> None:
    with pytest.raises(Unavailable):
        await _overfill_and_go_on(full, goes_on=goes_on, in_savepoint=in_savepoint)
    assert await _kept(full) == 0


async def _overfill_and_go_on(storage: SqlStorage, *, goes_on: bool, in_savepoint: bool) -> None:
    async with storage.transaction() as tx:
        await _keep(tx, b"before")
        with suppress(NotWritable):
            async with tx.savepoint() if in_savepoint else nullcontext():
                await _keep(tx, BIGGER_THAN_THE_DISK)
        if goes_on:
            await _keep(tx, b"after")


async def test_the_error_of_a_block_is_the_one_that_is_told_when_rolling_back_fails_too(database: str) -> None:
    storage = await opened(database)
    with pytest.raises(ZeroDivisionError):
        await _fail_without_a_savepoint_to_go_back_to(storage)
    async with storage.read() as reading:
        assert await reading.weeks.latest(1) == []
    await storage.close()


async def _fail_without_a_savepoint_to_go_back_to(storage: SqlStorage) -> None:
    async with storage.transaction() as tx, tx.savepoint():
        await tx.run(text("ROLLBACK"))
        raise ZeroDivisionError


async def test_a_service_that_cannot_write_is_alive_and_not_ready_until_it_can(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "WRITTEN_EVERY", timedelta(0))
    async with build(settings(url_of(database))) as ygs:
        transport = httpx.ASGITransport(create(ygs))
        async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test") as client:
            assert (await client.get("/health/ready")).status_code == 200
            refused = _writes_refused(cast(SqlStorage, ygs.storage))
            not_ready = await client.get("/health/ready")
            assert (not_ready.status_code, not_ready.json()["code"]) == (503, "not_writable")
            assert (await client.get("/health/live")).status_code == 200
            refused.clear()
            assert (await client.get("/health/ready")).status_code == 200


def _writes_refused(storage: SqlStorage) -> list[str]:
    """Make the writing transactions of a storage read-only until the list that is returned is cleared."""
    engine = storage.writer.sync_engine
    postgresql = engine.dialect.name == "postgresql"
    refused = ["SET TRANSACTION READ ONLY" if postgresql else "PRAGMA query_only = ON"]

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        for statement in refused:
            connection.exec_driver_sql(statement)

    @event.listens_for(engine, "rollback")
    def rollback(connection: Connection) -> None:
        if not postgresql:
            connection.exec_driver_sql("PRAGMA query_only = OFF")

    return refused


async def test_the_storage_is_written_once_in_a_while_and_not_once_a_question(sqlite_path: str) -> None:
    storage = await opened(sqlite_path)
    clock = FrozenClock()
    check = readiness.Readiness(cast(Storage, storage), clock).check
    with statements(storage) as sent:
        for _ in range(3):
            await check()
        once = sum(each.startswith("INSERT") for each in sent)
        clock.set(clock.now() + readiness.WRITTEN_EVERY)
        await check()
    assert (once, sum(each.startswith("INSERT") for each in sent)) == (1, 2)
    await storage.close()


async def test_a_store_that_is_busy_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "READY_SECONDS", 0.1)
    storage = MemoryStorage()
    async with storage.write():
        assert await readiness.Readiness(storage, FrozenClock()).check() == "memory"
