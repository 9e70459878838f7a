"""What asks outside of transactions cannot write, and outlives restarts, cancelled questions and crowds."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from tests.support.databases import DROP_ALL, opened
from ygs.adapters.sql import postgres
from ygs.adapters.sql.pool_sizes import DEFAULT_POOLS
from ygs.adapters.sql.postgres import PostgresQueryRunner
from ygs.adapters.sql.sqlite import SqliteQueryRunner
from ygs.adapters.sql.storage import SqlStorage
from ygs.domain.errors import Unavailable
from ygs.entrypoints.testing.builders import a_user

WRITES = [
    "UPDATE users SET name = 'nobody'",
    "DELETE FROM users",
    "INSERT INTO contact_blocks SELECT * FROM contact_blocks",
    "CREATE TABLE mine (id integer)",
]
ME = a_user(1)
PLACES = DEFAULT_POOLS.hot_reads


@pytest.fixture
async def with_me(storage: SqlStorage) -> SqlStorage:
    async with storage.write() as tx:
        await tx.users.add(ME)
    return storage


@pytest.mark.parametrize("statement", WRITES)
async def test_nothing_can_be_written_by_a_hot_read(with_me: SqlStorage, statement: str) -> None:
    with pytest.raises(Unavailable):
        await with_me.hot_reads._runner.run(statement, [])
    assert (await with_me.hot_reads.user(ME.id)).name == ME.name


async def test_a_hot_read_answers_at_once_after_the_server_dropped_every_connection(postgres_url: str) -> None:
    storage = await opened(postgres_url)
    async with storage.write() as tx:
        await tx.users.add(ME)
    await asyncio.gather(*(storage.hot_reads.user(ME.id) for _ in range(PLACES)))
    async with storage.transaction() as bare:
        dropped = await bare.rows(DROP_ALL)
    assert len(dropped) >= PLACES
    again = await asyncio.gather(*(storage.hot_reads.user(ME.id) for _ in range(3 * PLACES)))
    assert {user.name for user in again} == {ME.name}
    await storage.close()


async def test_a_cancelled_hot_read_leaves_no_broken_connection_and_no_place_taken(postgres_url: str) -> None:
    asker = PostgresQueryRunner(postgres_url)
    for _ in range(3):
        asking = [asyncio.create_task(asker.run("SELECT pg_sleep(20)", [])) for _ in range(PLACES + 1)]
        await asyncio.sleep(0.2)
        for each in asking:
            each.cancel()
        told = await asyncio.gather(*asking, return_exceptions=True)
        assert {type(each) for each in told} == {asyncio.CancelledError}
        assert asker._idle == []
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(asker.run("SELECT $1::text", [f"{n}"]) for n in range(4 * PLACES)))
    assert [rows[0][0] for rows in answers] == [f"{n}" for n in range(4 * PLACES)]
    await asker.close()


async def test_whoever_waits_for_a_place_is_told_in_time(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "POOL_SECONDS", 0.3)
    asker = PostgresQueryRunner(postgres_url)
    slow = [asyncio.create_task(asker.run("SELECT pg_sleep(1.5)", [])) for _ in range(PLACES)]
    await asyncio.sleep(0.2)
    began = monotonic()
    with pytest.raises(Unavailable, match="did not answer in time"):
        await asker.run("SELECT 1", [])
    assert monotonic() - began < 1
    await asyncio.gather(*slow)
    assert await asker.run("SELECT 1", [])
    await asker.close()


async def test_a_server_that_is_not_there_is_said_to_be_unreachable(tmp_path: Path) -> None:
    asker = PostgresQueryRunner(f"postgresql+asyncpg://postgres@/none?host={tmp_path}&port=5432")
    with pytest.raises(Unavailable, match="cannot be reached"):
        await asker.run("SELECT 1", [])


async def test_a_lost_file_is_said_to_be_lost_and_not_made_anew(tmp_path: Path) -> None:
    asker = SqliteQueryRunner(tmp_path / "none.db")
    for _ in range(PLACES + 1):
        with pytest.raises(Unavailable, match="cannot be opened"):
            await asker.run("SELECT 1", [])
    assert _files(tmp_path) == []
    await asker.close()


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_cancelled_hot_read_at_a_file_leaves_the_others_their_answers(sqlite_path: str) -> None:
    asker = SqliteQueryRunner(Path(sqlite_path))
    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n"
    asking = [asyncio.create_task(asker.run(long, [])) for _ in range(3 * PLACES)]
    await asyncio.sleep(0.01)
    for each in asking[::2]:
        each.cancel()
    told = await asyncio.gather(*asking[1::2], *(asker.run("SELECT ?", [n]) for n in range(8)))
    assert [rows[0][0] for rows in told] == [200_000] * (len(asking) // 2) + list(range(8))
    await asker.close()
