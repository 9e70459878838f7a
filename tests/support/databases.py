"""Databases at the schema's head, and what a test asks of one directly."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.postgres import LocalPostgres
from ygs.adapters.sql import migrations, sqlite
from ygs.adapters.sql import postgres as postgresql
from ygs.adapters.sql.postgres import open_postgres
from ygs.adapters.sql.sqlite import open_sqlite
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import metadata

# A service refuses early; a test waits, for its machine may be busy with others.
postgresql.POOL_SECONDS, postgresql.LOCK_MS, postgresql.STATEMENT_MS = 60.0, 30_000, 60_000
sqlite.BUSY_SECONDS, sqlite.TURN_SECONDS = 30.0, 60.0

# Hangs up on everybody else who is connected to this database.
DROP_ALL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

KEYRING = Keyring({1: bytes(range(32))}, 1, bytes(range(32, 64)))

# A truncation makes the files of a table, of its indexes and of all that refer to it anew, which takes eight times as
# long as deleting some rows; but deleted rows are walked over again, so it is done where there were many.
EMPTY_ALL = text(r"""
DO $$ DECLARE one record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT quote_ident(relname) AS name, pg_relation_size(oid) AS size FROM pg_class
        WHERE relnamespace = 'public'\:\:regnamespace AND relkind = 'r' AND relname <> 'ygs_version' LOOP
        IF one.size > 500000 THEN
            EXECUTE 'TRUNCATE ' || one.name || ' CASCADE';
        ELSIF one.size > 0 THEN
            EXECUTE 'DELETE FROM ' || one.name;
        END IF;
    END LOOP;
    PERFORM setval('outbox_id_seq', 1, false);
END $$
""")


def empty_sqlite(path: Path) -> None:
    """Remove every row of a file that nobody is writing to."""
    database = sqlite3.connect(path, isolation_level=None)
    tables = [table.name for table in metadata.sorted_tables]
    database.executescript(
        "PRAGMA synchronous = OFF; BEGIN IMMEDIATE;" + "".join(f"DELETE FROM {each};" for each in tables) + "COMMIT;"
    )
    database.close()


async def opened(where: str, keyring: Keyring = KEYRING) -> SqlStorage:
    """The storage at a URL of PostgreSQL or a path for SQLite."""
    return await (open_postgres if where.startswith("postgresql") else open_sqlite)(where, keyring)


def migrated_postgres(server: LocalPostgres) -> str:
    """Make the database that every test copies, and say its name."""
    in_a_loop(_upgrade(postgresql.engine(server.create_database("template_ygs"), writes=True)))
    return "template_ygs"


def migrated_sqlite(path: Path) -> Path:
    """Make a migrated file, closed, so that nothing of it is left in a journal."""
    in_a_loop(_upgrade(sqlite.engine(path, writes=True)))
    return path


async def _upgrade(engine: AsyncEngine) -> None:
    await migrations.upgrade(engine)
    await engine.dispose()


def in_a_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread of its own, since a fixture may or may not be inside a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def stored_bytes(storage: SqlStorage, folder: Path | None = None) -> bytes:
    """Every value of every row, as the database returns it, and every file in `folder`."""
    parts: list[bytes] = []
    async with storage.transaction() as tx:
        for table in metadata.sorted_tables:
            for row in await tx.rows(text(f"SELECT * FROM {table.name}")):
                parts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join([*parts, *(_files_in(folder) if folder else [])])


def _files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@contextmanager
def statements(storage: SqlStorage) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, apart from the transactions' own."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SET LOCAL")):
            sent.append(statement)

    used = (storage.writer, storage.long_writer, storage.reader, storage.latest)
    engines = {engine.sync_engine for engine in used}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
