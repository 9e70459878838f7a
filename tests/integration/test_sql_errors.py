"""What goes wrong in a database: said in our words, telling nobody's data, and leaving nothing half-written."""

import asyncio
import sqlite3
import traceback
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import insert, text, update

from tests.support.databases import KEYRING, migrated_sqlite, opened
from tests.support.postgres import LocalPostgres
from ygs.adapters.sql import postgres as postgresql
from ygs.adapters.sql import sqlite
from ygs.adapters.sql.pool_sizes import PoolSizes
from ygs.adapters.sql.statements.cancellation import open_transaction
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import outbox, users
from ygs.domain.errors import Conflict, InvalidText, OutcomeUnknown, PhoneTaken, Unavailable, YgsError
from ygs.domain.users import User
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON


async def test_the_database_itself_keeps_readers_from_writing(storage: SqlStorage) -> None:
    row = {"type": "x", "dedupe_key": "x", "ids": {}, "created_at": NOON}
    async with storage.transaction() as tx:
        await tx.run(insert(outbox).values(row))
    for change in (insert(outbox).values({**row, "dedupe_key": "y"}), update(outbox).values(type="z")):
        with pytest.raises(YgsError):
            async with open_transaction(storage.reader) as connection:
                await SqlTransaction(connection, KEYRING, locking=False).run(change)
    async with storage.transaction() as tx:
        assert [row.type for row in await tx.rows(text("SELECT type FROM outbox"))] == ["x"]


async def test_a_locked_sqlite_file_says_so_and_nothing_is_written(
    sqlite_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    storage, other = await opened(sqlite_path), sqlite3.connect(sqlite_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="try again"):
        async with storage.write() as tx:
            await tx.users.add(a_user())
    async with storage.read() as reading:
        assert await reading.users.page() == []
    other.execute("ROLLBACK")
    other.close()
    async with storage.write() as tx:
        await tx.users.add(a_user())
    await storage.close()


async def test_a_turn_that_does_not_come_is_said(sqlite_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "TURN_SECONDS", 0.1)
    storage = await opened(sqlite_path)
    async with storage.write():
        with pytest.raises(Unavailable, match="try again"):
            async with storage.write():
                pass
    await storage.close()


async def test_a_row_that_stays_locked_on_postgresql_is_said(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_MS", 100)
    storage = await opened(postgres_url)
    async with storage.write() as tx:
        await tx.users.add(a_user())
    async with storage.write() as first:
        await first.users.get(a_user().id)
        with pytest.raises(Unavailable, match="try again"):
            async with storage.write() as second:
                await second.users.get(a_user().id)
    await storage.close()


async def test_a_statement_that_takes_too_long_on_postgresql_is_said(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "STATEMENT_MS", 100)
    storage = await opened(postgres_url)
    with pytest.raises(Unavailable, match="try again"):
        async with storage.transaction() as tx:
            await tx.run(text("SELECT pg_sleep(5)"))
    await storage.close()


async def test_a_pool_without_a_free_connection_is_said(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "POOL_SECONDS", 0.1)
    storage = await postgresql.open_postgres(postgres_url, KEYRING, pools=PoolSizes(writers=1))
    async with storage.write():
        with pytest.raises(Unavailable, match="try again"):
            async with storage.write():
                pass
    await storage.close()


async def test_a_connection_that_breaks_is_said_and_the_next_one_works(
    postgres_url: str, postgres: LocalPostgres
) -> None:
    storage = await opened(postgres_url)
    administrator = await asyncpg.connect(host=str(postgres.folder), user="postgres", database="postgres")
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"

    async def write_while_killed() -> None:
        async with storage.write() as tx:
            await tx.users.add(a_user())
            await administrator.execute(kill)
            await tx.users.get(a_user().id)

    with pytest.raises(Unavailable):
        await write_while_killed()
    async with storage.write() as tx:
        await tx.users.add(a_user())
    await administrator.close()
    await storage.close()


# The commit itself takes a while, so that the connection can break meanwhile.
SLOW_COMMIT = (
    "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(10); RETURN NEW; END'",
    """CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()""",
)


async def test_a_connection_that_breaks_during_the_commit_leaves_the_outcome_unknown(
    postgres_url: str, postgres: LocalPostgres
) -> None:
    storage = await opened(postgres_url)
    administrator = await asyncpg.connect(host=str(postgres.folder), user="postgres", database="postgres")
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query ILIKE 'commit%'"
    async with storage.transaction() as tx:
        for statement in SLOW_COMMIT:
            await tx.run(text(statement))

    async def write() -> None:
        async with storage.write() as tx:
            await tx.users.add(a_user())

    writing = asyncio.create_task(write())
    while not await administrator.fetch(kill):  # noqa: ASYNC110 - the server tells nobody that a commit has begun
        await asyncio.sleep(0.05)
    with pytest.raises(OutcomeUnknown, match="look before you repeat"):
        await writing
    await administrator.close()
    await storage.close()


async def test_a_commit_that_the_server_refuses_stored_nothing(postgres_url: str) -> None:
    storage = await opened(postgres_url)
    async with storage.transaction() as tx:
        for statement in SLOW_COMMIT:
            await tx.run(text(statement.replace("PERFORM pg_sleep(10)", "RAISE ''no''")))
    with pytest.raises(Unavailable) as refused:
        async with storage.write() as writing:
            await writing.users.add(a_user())
    assert not isinstance(refused.value, OutcomeUnknown)
    async with storage.read() as reading:
        assert await reading.users.page() == []
    await storage.close()


async def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("이 파일은 데이터베이스가 아닙니다." * 100)
    for where, what in (
        (f"postgresql://postgres@/nowhere?host={tmp_path}", "cannot be reached"),
        (str(tmp_path / "no" / "folder.db"), "ygs db upgrade"),
        (str(tmp_path / "text.db"), "not a SQLite database"),
        ("sqlite://", "names no file"),
    ):
        with pytest.raises(Unavailable, match=what):
            await opened(where)


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no folder"):
        sqlite.engine(tmp_path / "no" / "folder.db", writes=True)
    storage = await opened(str(migrated_sqlite(tmp_path / "new? 50%#1 한글.db")))
    async with storage.write() as tx:
        await tx.users.add(a_user())
        # The file, and SQLite's two beside it.
        assert len(modes_by_name(tmp_path)) == 3
        assert set(modes_by_name(tmp_path).values()) == {0o600}
    await storage.close()


def modes_by_name(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_a_time_out_of_the_callers_own_is_left_alone(storage: SqlStorage) -> None:
    async def too_slow() -> None:
        async with storage.write() as tx:
            await tx.users.add(a_user())
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await too_slow()
    async with storage.read() as reading:
        assert await reading.users.page() == []


async def test_what_the_database_says_of_a_refused_row_is_not_repeated(storage: SqlStorage) -> None:
    # Out of the lines that a traceback quotes.
    canaries = first, second = [a_user(number, name="카나리아", phone="+821099998888") for number in (1, 2)]
    async with storage.write() as tx:
        await tx.users.add(first)
    caught: list[YgsError] = []
    for wrong in ({"gender": 7}, {"version": 0}, {"name": None}):
        with pytest.raises(Conflict) as refused:
            async with storage.transaction() as tx:
                await tx.run(update(users).values(wrong))
        caught.append(refused.value)
    with pytest.raises(PhoneTaken) as taken:
        async with storage.write() as writing:
            await writing.users.add(second)
    for error in (*caught, taken.value):
        shown = "".join(traceback.format_exception(error))
        assert error.__cause__ is not None
        assert all(private not in shown for user in canaries for private in (user.name, str(user.phone)))
        assert "DETAIL" not in shown


@pytest.mark.long
async def test_a_row_refused_among_thousands_leaves_none_of_them(storage: SqlStorage) -> None:
    crowd = [a_user(number) for number in range(2_100)]
    with pytest.raises(InvalidText):
        async with storage.write() as tx:
            await tx.users.add_all([*crowd, unstorable(a_user(6_000))])
    async with storage.write() as tx:
        with pytest.raises(PhoneTaken):
            await tx.users.add_all([*crowd, a_user(6_000, phone=crowd[0].phone)])
    async with storage.read() as reading:
        assert await reading.users.count_by_status() == {}


def unstorable(user: User) -> User:
    """The user with a name that the domain's gate would have refused."""
    forged = replace(user)
    object.__setattr__(forged, "name", "가\x00나")
    return forged


async def test_a_writer_cancelled_anywhere_leaves_nothing_and_blocks_nobody(storage: SqlStorage) -> None:
    async def register() -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(number) for number in range(20)])
            await tx.users.page()
            await asyncio.sleep(10)

    # Later and later, until it has got through, so that every wait in it is cancelled by some.
    for step in range(40):
        writing = asyncio.create_task(register())
        await asyncio.sleep(step * 0.000_4)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        async with asyncio.timeout(2), storage.write() as tx:
            assert await tx.users.count_by_status() == {}
    async with storage.write() as tx:
        await tx.users.add(a_user(1))
