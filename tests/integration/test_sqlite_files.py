"""A database file that is lost, or put back from a backup, while it is open: nothing is read from the old one, and
nothing is written where nobody would find it."""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.databases import opened
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
    return written, read, len(await storage.hot_reads.lines())


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
        await storage.hot_reads.lines()
    assert not _is_there(path)
    shutil.copy(backup, path)
    assert await _everywhere(storage, 4) == (2, 2, 2)
    await storage.close()
    again = await opened(sqlite_path)
    assert [line.id for line in await again.hot_reads.lines()] == [a_user(1).id, a_user(4).id]
    await again.close()
