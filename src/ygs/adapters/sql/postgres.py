"""PostgreSQL: many writers, locking what they read; readers perhaps on a replica."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
from sqlalchemy import Dialect, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ygs.adapters.sql.migrations import require_head
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.errors import BUSY, trouble
from ygs.adapters.sql.statements.url import parse_url
from ygs.adapters.sql.storage import SqlStorage
from ygs.domain.errors import Unavailable

# A single statement; the few that read everything ask for more themselves.
STATEMENT_MS = 5_000
LOCK_MS = 2_000
POOL_SECONDS = 3.0
CONNECT_SECONDS = 5.0
# A transaction that is asked nothing: its process was stopped, and must not hold its rows for ever. Publishing a week
# computes inside its transaction for some seconds.
IDLE_MS = 120_000
# For a server that is there no longer: by then it would have cancelled the longest statement itself.
SILENCE_SECONDS = 90.0
# The same for long transactions, which the server cancels no statement of, and which wait longer for a lock.
LONG_SILENCE_SECONDS = 3_600.0
LONG_LOCK_MS = 30_000
CONNECTIONS = 10
READERS = 10
HOT_READ_THREADS = 5
REST_SECONDS = 20.0


async def open_postgres(url: str, keyring: Keyring, replica_url: str | None = None) -> SqlStorage:
    """Connect to a database that is at the schema's head; `Unavailable` says what to do when it is not."""
    writer = engine(url, writes=True)
    reader = engine(replica_url or url, writes=False)
    latest = engine(url, writes=False) if replica_url else None
    storage = SqlStorage(writer, reader, keyring, _at_once, PostgresQueryRunner(url), latest, long_engine(url))
    try:
        await require_head(writer)
    except BaseException:
        await storage.close()
        raise
    return storage


@asynccontextmanager
async def _at_once() -> AsyncIterator[None]:
    """Writers wait for rows, not for each other."""
    yield


class PostgresQueryRunner:
    """Asks over connections of its own, which cannot write, opened when they are needed.

    Not over the driver's pool: what that does around a question costs as much as a question does.
    """

    def __init__(self, url: str) -> None:
        parsed = parse_url(url).set(drivername="postgresql+asyncpg")
        self.dialect: Dialect = parsed.get_dialect()()
        _, where = self.dialect.create_connect_args(parsed)
        self._where = {name: value for name, value in where.items() if name not in _NOT_OF_THE_DRIVER}
        self._idle = list[Any]()
        self._places = asyncio.Semaphore(HOT_READ_THREADS)

    async def run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows that a query brings. Asked once more when the connection turns out to be gone: reading is safe to
        repeat, and finding out beforehand would cost every question another one."""
        # Outside of what is repeated: having waited in vain says nothing about the connections.
        await self._place()
        try:
            try:
                return await self._run(text, values)
            except _GONE:
                # A server that was restarted has dropped them all.
                while self._idle:
                    self._idle.pop().terminate()
                return await self._run(text, values)
        except (*_GONE, asyncpg.PostgresError) as error:
            raise trouble(error, gone=isinstance(error, _GONE)) from error
        finally:
            self._places.release()

    async def _place(self) -> None:
        if not self._places.locked():
            # As nearly always: then there is nothing to set a clock for.
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(POOL_SECONDS):
                await self._places.acquire()
        except TimeoutError as error:
            raise Unavailable(BUSY) from error

    async def _run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            found: Sequence[Sequence[Any]] = await connection.fetch(text, *values)
        except BaseException:
            # Gone, or its answer may still be under way to somebody who was cancelled.
            connection.terminate()
            raise
        self._idle.append(connection)
        return found

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            **self._where,
            server_settings=_settings() | {"default_transaction_read_only": "on"},
            timeout=CONNECT_SECONDS,
            command_timeout=SILENCE_SECONDS,
        )

    async def close(self) -> None:
        """Close what was opened."""
        while self._idle:
            await self._idle.pop().close(timeout=CONNECT_SECONDS)


_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # What the driver says when a question and the news of the connection's end cross.
    asyncpg.InternalClientError,
    OSError,  # a time-out is one, too
)
# What SQLAlchemy lets a URL say of itself.
_NOT_OF_THE_DRIVER = {"prepared_statement_cache_size", "prepared_statement_name_func", "async_creator_fn"}


def engine(url: str, *, writes: bool) -> AsyncEngine:
    """An engine for transactions at READ COMMITTED that lock what they get, or of one moment and read-only."""
    made = create_async_engine(
        parse_url(url).set(drivername="postgresql+asyncpg"),
        connect_args={"server_settings": _settings(), "timeout": CONNECT_SECONDS, "command_timeout": SILENCE_SECONDS},
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        pool_size=CONNECTIONS if writes else READERS,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        # Every transaction is ended by who began it.
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    _look_before_use(made)
    return made if writes else made.execution_options(postgresql_readonly=True)


def long_engine(url: str) -> AsyncEngine:
    """An engine for the few writing transactions that must not end because they take long. It keeps no connections."""
    settings = _settings() | {"statement_timeout": "0", "lock_timeout": str(LONG_LOCK_MS)}
    return create_async_engine(
        parse_url(url).set(drivername="postgresql+asyncpg"),
        connect_args={
            "server_settings": settings,
            "timeout": CONNECT_SECONDS,
            "command_timeout": LONG_SILENCE_SECONDS,
        },
        isolation_level="READ COMMITTED",
        poolclass=NullPool,
        hide_parameters=True,
    )


def _look_before_use(made: AsyncEngine) -> None:
    """Replace connections that are gone before anybody is given one, and all that are as old at once.

    SQLAlchemy's own way asks the server three times before every transaction. The driver hears it when the server hangs
    up; only what has rested for a while may have been dropped unheard by something in between.
    """

    @event.listens_for(made.sync_engine, "checkin")
    def rest(_: Any, record: Any) -> None:
        record.info["rests since"] = monotonic()

    @event.listens_for(made.sync_engine, "checkout")
    def look(connection: Any, record: Any, _: Any) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if monotonic() - record.info.get("rests since", monotonic()) > REST_SECONDS:
            try:
                made.dialect.do_ping(connection)
            except (made.dialect.loaded_dbapi.Error, *_GONE) as error:
                raise InvalidatePoolError from error


def _settings() -> dict[str, str]:
    return {
        "statement_timeout": str(STATEMENT_MS),
        "lock_timeout": str(LOCK_MS),
        "idle_in_transaction_session_timeout": str(IDLE_MS),
        "timezone": "UTC",
    }
