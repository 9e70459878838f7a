"""PostgreSQL: many writers, locking what they read; readers perhaps on a replica."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg
from sqlalchemy import Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ygs.adapters.sql.errors import trouble
from ygs.adapters.sql.migrations import require_head
from ygs.adapters.sql.sealing import Keyring
from ygs.adapters.sql.storage import SqlStorage

# A single statement; the few that read everything ask for more themselves.
STATEMENT_MS, LOCK_MS, POOL_SECONDS, CONNECT_SECONDS = 5_000, 2_000, 3.0, 5.0
# For a server that is there no longer: by then it would have cancelled the longest statement itself.
SILENCE_SECONDS = 90.0
CONNECTIONS, READERS, GLANCERS = 10, 10, 5


async def open_postgres(url: str, keyring: Keyring, replica_url: str | None = None) -> SqlStorage:
    """Connect to a database that is at the schema's head; `Unavailable` says what to do when it is not."""
    writer, reader = engine(url, writes=True), engine(replica_url or url, writes=False)
    latest = engine(url, writes=False) if replica_url else None
    storage = SqlStorage(writer, reader, keyring, _at_once, await PostgresAsker.open(url), latest)
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


class PostgresAsker:
    """Asks over the driver's own pool."""

    def __init__(self, dialect: Dialect, pool: Any) -> None:
        self.dialect, self._pool = dialect, pool

    @classmethod
    async def open(cls, url: str) -> Self:
        """Over connections that cannot write, opened when they are needed."""
        parsed = make_url(url).set(drivername="postgresql+asyncpg")
        dialect = parsed.get_dialect()()
        _, where = dialect.create_connect_args(parsed)
        pool = asyncpg.create_pool(
            **{name: value for name, value in where.items() if name not in _NOT_OF_THE_DRIVER},
            min_size=0,
            max_size=GLANCERS,
            # Nothing that a glance does could be left behind on a connection.
            reset=_as_it_is,
            server_settings=_settings() | {"default_transaction_read_only": "on"},
            timeout=CONNECT_SECONDS,
            command_timeout=SILENCE_SECONDS,
        )
        return cls(dialect, await pool)

    async def ask(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows that a query brings. Asked once more when the connection turns out to be gone: reading is safe to
        repeat, and finding out beforehand would cost every question another one."""
        try:
            return await self._ask(text, values)
        except _GONE:
            pass
        except (asyncpg.PostgresError, TimeoutError) as error:
            raise trouble(error) from error
        try:
            return await self._ask(text, values)
        except (*_GONE, asyncpg.PostgresError, TimeoutError) as error:
            raise trouble(error, gone=isinstance(error, _GONE)) from error

    async def _ask(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        async with self._pool.acquire(timeout=POOL_SECONDS) as connection:
            found: Sequence[Sequence[Any]] = await connection.fetch(text, *values)
            return found

    async def close(self) -> None:
        """Close what was opened."""
        await self._pool.close()


_GONE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)
# What SQLAlchemy lets a URL say of itself.
_NOT_OF_THE_DRIVER = {"prepared_statement_cache_size", "prepared_statement_name_func", "async_creator_fn"}


async def _as_it_is(_: Any) -> None:
    return None


def engine(url: str, *, writes: bool) -> AsyncEngine:
    """An engine for transactions at READ COMMITTED that lock what they get, or of one moment and read-only."""
    made = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        connect_args={"server_settings": _settings(), "timeout": CONNECT_SECONDS, "command_timeout": SILENCE_SECONDS},
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        pool_size=CONNECTIONS if writes else READERS,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    return made if writes else made.execution_options(postgresql_readonly=True)


def _settings() -> dict[str, str]:
    return {"statement_timeout": str(STATEMENT_MS), "lock_timeout": str(LOCK_MS), "timezone": "UTC"}
