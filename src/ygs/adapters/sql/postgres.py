"""The PostgreSQL storage: concurrent writers that lock the rows they read; readers optionally on a replica."""

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
from ygs.adapters.sql.pool_sizes import DEFAULT_POOLS, PoolSizes
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.errors import trouble
from ygs.adapters.sql.statements.places import Places
from ygs.adapters.sql.statements.url import parse_url
from ygs.adapters.sql.storage import SqlStorage

# The limit of a single statement; the few that read whole tables raise it themselves.
STATEMENT_MS = 5_000
LOCK_MS = 2_000
POOL_SECONDS = 3.0
CONNECT_SECONDS = 5.0
# The limit of an idle transaction, whose process may have stopped: it must not hold its rows for ever. Publishing a
# week computes inside its transaction for some seconds.
IDLE_MS = 120_000
# When a server counts as gone: a running server would have cancelled the longest statement before.
SILENCE_SECONDS = 90.0
# The same for long transactions, whose statements have no limit, and which wait longer for a lock.
LONG_SILENCE_SECONDS = 3_600.0
LONG_LOCK_MS = 30_000
REST_SECONDS = 20.0


async def open_postgres(
    url: str,
    keyring: Keyring,
    replica_url: str | None = None,
    *,
    schema: str = "",
    pools: PoolSizes = DEFAULT_POOLS,
) -> SqlStorage:
    """Connect to a database that is at the schema's head; `Misconfigured` says what to do when it is not.

    `schema`: the PostgreSQL schema that holds the tables; "" leaves it to the server's search path.
    """
    writer = engine(url, writes=True, schema=schema, pools=pools)
    reader = engine(replica_url or url, writes=False, schema=schema, pools=pools)
    latest = engine(url, writes=False, schema=schema, pools=pools) if replica_url else None
    runner = PostgresQueryRunner(url, schema, pools.hot_reads)
    storage = SqlStorage(writer, reader, keyring, _at_once, runner, latest, long_engine(url, schema))
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
    """Runs hot reads over its own read-only connections, which are opened when needed.

    It does not use the driver's pool, whose overhead costs as much as the query.
    """

    def __init__(self, url: str, schema: str = "", connections: int = DEFAULT_POOLS.hot_reads) -> None:
        parsed = parse_url(url).set(drivername="postgresql+asyncpg")
        self.dialect: Dialect = parsed.get_dialect()()
        _, where = self.dialect.create_connect_args(parsed)
        self._where = {name: value for name, value in where.items() if name not in _NOT_OF_THE_DRIVER}
        self._server_settings = _settings(schema) | {"default_transaction_read_only": "on"}
        self._idle = list[Any]()
        self._places = Places(connections, POOL_SECONDS)

    async def run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a query and return its rows; runs again, once, when the connection is lost.

        Reads are safe to repeat, and checking the connection first would double the queries.
        """
        # Outside the retry: a timeout while waiting for a connection says nothing about the connections.
        await self._places.acquire()
        try:
            try:
                return await self._run(text, values)
            except _GONE:
                # A restarted server has dropped all connections.
                while self._idle:
                    self._idle.pop().terminate()
                return await self._run(text, values)
        except (*_GONE, asyncpg.PostgresError) as error:
            raise trouble(error, gone=isinstance(error, _GONE)) from error
        finally:
            self._places.release()

    async def _run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            rows: Sequence[Sequence[Any]] = await connection.fetch(text, *values)
        except BaseException:
            # The connection is lost, or the reply to a cancelled query may still arrive on it.
            connection.terminate()
            raise
        self._idle.append(connection)
        return rows

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            **self._where,
            server_settings=self._server_settings,
            timeout=CONNECT_SECONDS,
            command_timeout=SILENCE_SECONDS,
        )

    async def close(self) -> None:
        """Close all connections."""
        self._places.close()
        while self._idle:
            await self._idle.pop().close(timeout=CONNECT_SECONDS)


_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # The driver raises this when a query and the end of the connection cross.
    asyncpg.InternalClientError,
    OSError,  # Includes timeouts.
)
# Parameters of a URL that are SQLAlchemy's, not the driver's.
_NOT_OF_THE_DRIVER = {"prepared_statement_cache_size", "prepared_statement_name_func", "async_creator_fn"}


def engine(url: str, *, writes: bool, schema: str = "", pools: PoolSizes = DEFAULT_POOLS) -> AsyncEngine:
    """An engine for writing transactions at READ COMMITTED, or for read-only ones with one snapshot."""
    engine_ = create_async_engine(
        parse_url(url).set(drivername="postgresql+asyncpg"),
        connect_args={
            "server_settings": _settings(schema),
            "timeout": CONNECT_SECONDS,
            "command_timeout": SILENCE_SECONDS,
        },
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        pool_size=pools.writers if writes else pools.readers,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        # Each transaction is ended by the code that began it.
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    _check_before_use(engine_)
    return engine_ if writes else engine_.execution_options(postgresql_readonly=True)


def long_engine(url: str, schema: str = "") -> AsyncEngine:
    """An engine for the few long writing transactions, without a statement timeout. It keeps no connections."""
    settings = _settings(schema) | {"statement_timeout": "0", "lock_timeout": str(LONG_LOCK_MS)}
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


def _check_before_use(engine_: AsyncEngine) -> None:
    """Replace lost connections before they are used, and then all others that are as old.

    SQLAlchemy's own check takes three round trips before every transaction. The driver notices when the server closes
    a connection; only an idle one may have been dropped unnoticed by something in between, so only those are pinged.
    """

    @event.listens_for(engine_.sync_engine, "checkin")
    def rest(_: Any, record: Any) -> None:
        record.info["rests since"] = monotonic()

    @event.listens_for(engine_.sync_engine, "checkout")
    def look(connection: Any, record: Any, _: Any) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if monotonic() - record.info.get("rests since", monotonic()) > REST_SECONDS:
            try:
                engine_.dialect.do_ping(connection)
            except (engine_.dialect.loaded_dbapi.Error, *_GONE) as error:
                raise InvalidatePoolError from error


def _settings(schema: str) -> dict[str, str]:
    # Only that schema: with `public` behind it, a table that is missing here would be read from another application.
    path = {"search_path": f'"{schema}"'} if schema else {}
    return path | {
        "statement_timeout": str(STATEMENT_MS),
        "lock_timeout": str(LOCK_MS),
        "idle_in_transaction_session_timeout": str(IDLE_MS),
        "timezone": "UTC",
    }
