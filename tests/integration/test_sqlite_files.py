"""A database file that is lost, or put back from a backup, while it is open: nothing is read from the old one, and
nothing is written where nobody would find it."""

import asyncio
import shutil
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.support.databases import migrated_sqlite, opened
from ygs.adapters.sql.migrations import upgrade
from ygs.adapters.sql.sqlite import engine
from ygs.adapters.sql.statements.cancellation import open_transaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.domain.errors import Unavailable
from ygs.entrypoints.testing.builders import a_user


async def _everywhere(storage: SqlStorage, number: int) -> Sequence[int]:
    """How many users each kind of connection knows, the writer after adding one."""
    async with storage.write() as tx:
        await tx.users.add(a_user(number))
        written = len(await tx.users.page())
    async with storage.read() as reading:
        read = len(await reading.users.page())
    return written, read, await _hot(storage, number)


async def _hot(storage: SqlStorage, number: int) -> int:
    """How many of the first user and this one hot reads know."""
    return len([await storage.hot_reads.user(a_user(each).id) for each in {1, number}])


def _lose(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


def _is_there(path: Path) -> bool:
    return path.exists()


async def test_a_file_that_is_lost_is_missed_by_whoever_asks_and_comes_back_by_being_put_back(
    sqlite_path: str, tmp_path: Path
) -> None:
    path, backup = Path(sqlite_path), tmp_path / "backup"
    storage = await opened(sqlite_path)
    assert await _everywhere(storage, 1) == (1, 1, 1)
    with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(backup)) as then:
        now.backup(then)
    assert await _everywhere(storage, 2) == (2, 2, 2)
    _lose(path)
    with pytest.raises(Unavailable):
        async with storage.write() as tx:
            await tx.users.add(a_user(3))
    with pytest.raises(Unavailable):
        async with storage.read() as reading:
            await reading.users.page()
    with pytest.raises(Unavailable):
        await storage.hot_reads.user(a_user(1).id)
    assert not _is_there(path)
    shutil.copy(backup, path)
    assert await _everywhere(storage, 4) == (2, 2, 2)
    await storage.close()
    again = await opened(sqlite_path)
    assert [(await again.hot_reads.user(a_user(n).id)).id for n in (1, 4)] == [a_user(1).id, a_user(4).id]
    await again.close()


async def test_two_processes_that_read_and_then_write_wait_for_each_other(sqlite_path: str) -> None:
    """Each has a storage of its own. Of two transactions that lock late, one would fail however long it waited."""
    storages = [await opened(sqlite_path) for _ in range(2)]

    async def add(storage: SqlStorage, number: int) -> None:
        async with storage.write() as tx:
            await tx.users.page()
            await asyncio.sleep(0.05)
            await tx.users.add(a_user(number))

    await asyncio.gather(*(add(storage, number) for number, storage in enumerate(storages, start=1)))
    async with storages[0].read() as reading:
        assert len(await reading.users.page()) == 2
    for storage in storages:
        await storage.close()


async def test_a_new_file_is_opened_as_soon_as_another_who_makes_it_lets_it_go(tmp_path: Path) -> None:
    """SQLite itself refuses at once to change the journal's mode of a file that is locked."""
    path = tmp_path / "new.db"
    maker = sqlite3.connect(path, isolation_level=None)
    maker.execute("BEGIN IMMEDIATE")
    opened_engine = engine(path, writes=True)
    opening = asyncio.create_task(upgrade(opened_engine))
    await asyncio.sleep(0.2)
    assert not opening.done()
    maker.execute("COMMIT")
    maker.close()
    await opening
    await opened_engine.dispose()


async def test_a_reader_cannot_write_and_a_commit_is_flushed(sqlite_path: str) -> None:
    storage = await opened(sqlite_path)
    async with open_transaction(storage.reader) as connection:
        with pytest.raises(OperationalError, match="readonly"):
            await connection.exec_driver_sql("DELETE FROM users")
    async with storage.transaction() as tx:
        # 2: the file is flushed at every commit, so that what was answered survives a power cut.
        assert await tx.scalar(text("PRAGMA synchronous")) == 2
    await storage.close()


def test_a_new_file_and_its_journals_are_its_owners_alone(tmp_path: Path) -> None:
    migrated_sqlite(tmp_path / "new.db")
    assert all(not stat.S_IMODE(path.stat().st_mode) & 0o077 for path in tmp_path.iterdir())
