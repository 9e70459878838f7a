"""The SQLite storage: one file, one writer at a time, any number of readers."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import URL, Connection, Dialect, event
from sqlalchemy.dialects.sqlite import aiosqlite
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ygs.adapters.sql.migrations import require_head
from ygs.adapters.sql.pool_sizes import DEFAULT_POOLS, PoolSizes
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.errors import BUSY, trouble
from ygs.adapters.sql.statements.url import parse_url
from ygs.adapters.sql.storage import SqlStorage
from ygs.domain.errors import N_, Misconfigured, Unavailable

BUSY_SECONDS = 5.0
RETRY_SECONDS = 0.02
# The limit of waiting for another writer of this process, such as a bulk import.
TURN_SECONDS = 30.0

# Device and number of a file; None when there is none.
File: TypeAlias = tuple[int, int] | None


async def open_sqlite(where: str | Path, keyring: Keyring, *, pools: PoolSizes = DEFAULT_POOLS) -> SqlStorage:
    """Open a database file that is at the schema's head; `Misconfigured` says what to do when it is not."""
    path = path_of(where)
    if not path.exists():
        raise Misconfigured(
            N_("no database at {path}: make one with `ygs db upgrade`, or give another path"), path=path
        )
    writer = engine(path, writes=True)
    reader = engine(path, writes=False, readers=pools.readers)
    lock = asyncio.Lock()

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await lock.acquire()
        except TimeoutError as error:
            raise Unavailable(BUSY) from error
        try:
            yield
        finally:
            lock.release()

    storage = SqlStorage(writer, reader, keyring, turn, SqliteQueryRunner(path, pools.hot_reads))
    try:
        await require_head(writer)
    except BaseException:
        await storage.close()
        raise
    return storage


class SqliteQueryRunner:
    """Runs hot reads in its own threads, each with a connection."""

    def __init__(self, path: Path, threads: int = DEFAULT_POOLS.hot_reads) -> None:
        self.dialect: Dialect = aiosqlite.dialect()
        self._path = path
        self._idle = list[tuple[File, sqlite3.Connection]]()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="hot_reads")

    async def run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a query and return its rows. After a cancellation the thread ends at once and holds nothing."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, text, values)
        except sqlite3.Error as error:
            raise trouble(error) from error

    def _run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        file, connection = self._connection(_file(self._path))
        try:
            return connection.execute(text, values).fetchall()
        finally:
            self._idle.append((file, connection))

    def _connection(self, file: File) -> tuple[File, sqlite3.Connection]:
        while self._idle:
            with suppress(IndexError):  # Another thread took the last one.
                opened, connection = self._idle.pop()
                if opened == file:
                    return opened, connection
                connection.close()
        where = f"{_there(self._path)}?mode=rw"
        connection = sqlite3.connect(where, timeout=BUSY_SECONDS, check_same_thread=False, uri=True)
        _set(connection, _pragmas(writes=False))
        return file, connection

    async def close(self) -> None:
        """Close all connections, after running queries have ended."""
        self._threads.shutdown(wait=True)
        while self._idle:
            self._idle.pop()[1].close()


def path_of(where: str | Path) -> Path:
    """The file of a path or of ``sqlite:///file.db``; `Misconfigured` for a database in memory."""
    if isinstance(where, Path) or "://" not in where:
        return Path(where)
    database = parse_url(where).database
    if not database or database == ":memory:":
        raise Misconfigured(
            N_("this SQLite URL names no file: write sqlite:///ygs.db, or memory: for a storage in memory")
        )
    return Path(database)


def engine(path: Path, *, writes: bool, readers: int = DEFAULT_POOLS.readers) -> AsyncEngine:
    """An engine whose transactions lock from their beginning (`writes`), or cannot write at all.

    A new file can be read by its owner alone, and so can the journals that SQLite makes beside it.
    """
    if not path.parent.is_dir():
        raise Misconfigured(
            N_("no folder {parent} for the database: make it, or give another path"), parent=path.parent
        )
    if writes:
        path.touch(mode=0o600)
    engine_ = create_async_engine(
        URL.create("sqlite+aiosqlite", database=_there(path), query={"mode": "rw", "uri": "true"}),
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=1 if writes else readers,
        max_overflow=0,
        pool_timeout=TURN_SECONDS,
        # Each transaction is ended by the code that began it.
        pool_reset_on_return=None,
        hide_parameters=True,
    )

    @event.listens_for(engine_.sync_engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        record.info["file"] = _file(path)
        # Otherwise the driver would begin transactions itself, late and without the lock.
        connection.isolation_level = None
        _set(connection, _pragmas(writes))
        if writes:
            connection.run_async(_keep_a_write_ahead_log)

    @event.listens_for(engine_.sync_engine, "checkout")
    def look(_: Any, record: Any, __: Any) -> None:
        if record.info["file"] != _file(path):
            raise InvalidatePoolError

    @event.listens_for(engine_.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # Of two deferred transactions that read and then write, one always fails, however long it waits.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine_.sync_engine, "handle_error", _give_up_what_was_rolled_back)
    return engine_


def _give_up_what_was_rolled_back(context: ExceptionContext) -> None:
    """Close a connection whose transaction SQLite has rolled back by itself, as it does when the disk is full or fails.

    What the block wrote afterwards would be committed statement by statement; so every further statement is refused.
    """
    if context.connection and context.statement and not context.statement.startswith("BEGIN"):
        driver = context.connection.connection.driver_connection
        context.is_disconnect = context.is_disconnect or not getattr(driver, "in_transaction", True)


def _file(path: Path) -> File:
    """Which file is there now. A connection to one that was removed, or replaced by a backup, would go on with the old
    one as if nothing had happened, and what is written to that is lost when the last connection goes."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _there(path: Path) -> str:
    """The file as a URI, which can say that it must be there: SQLite would make an empty one in place of one lost."""
    return path.absolute().as_uri()


def _set(connection: Any, pragmas: Sequence[str]) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _keep_a_write_ahead_log(connection: Any) -> None:
    """Set the journal's mode, which is kept in the file: the first writer sets it for all.

    SQLite does not wait its `busy_timeout` for this lock, so of two who open a new file at once one would be refused.
    """
    until = asyncio.get_running_loop().time() + BUSY_SECONDS
    while True:
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or asyncio.get_running_loop().time() > until:
                raise
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


def _pragmas(writes: bool) -> list[str]:
    always = [f"busy_timeout = {BUSY_SECONDS * 1_000:.0f}", "foreign_keys = ON", "synchronous = FULL"]
    # What is deleted is overwritten: who was erased must not be readable in pages that wait to be used again. Debian's
    # SQLite does so anyway.
    return [*always, "secure_delete = ON"] if writes else [*always, "query_only = ON"]
