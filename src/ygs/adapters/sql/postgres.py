"""PostgreSQL: many writers, locking what they read; readers perhaps on a replica."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ygs.adapters.sql.migrations import require_head
from ygs.adapters.sql.sealing import Keyring
from ygs.adapters.sql.storage import SqlStorage

# A single statement; the few that read everything ask for more themselves.
STATEMENT_MS, LOCK_MS, POOL_SECONDS, CONNECT_SECONDS = 5_000, 2_000, 3.0, 5.0
# For a server that is there no longer: by then it would have cancelled the longest statement itself.
SILENCE_SECONDS = 90.0
CONNECTIONS, READERS = 10, 10


async def open_postgres(url: str, keyring: Keyring, replica_url: str | None = None) -> SqlStorage:
    """Connect to a database that is at the schema's head; `Unavailable` says what to do when it is not."""
    writer, reader = engine(url, writes=True), engine(replica_url or url, writes=False)
    latest = engine(url, writes=False) if replica_url else None
    storage = SqlStorage(writer, reader, keyring, _at_once, latest)
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


def engine(url: str, *, writes: bool) -> AsyncEngine:
    """An engine for transactions at READ COMMITTED that lock what they get, or of one moment and read-only."""
    settings = {"statement_timeout": str(STATEMENT_MS), "lock_timeout": str(LOCK_MS), "timezone": "UTC"}
    made = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        connect_args={"server_settings": settings, "timeout": CONNECT_SECONDS, "command_timeout": SILENCE_SECONDS},
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        pool_size=CONNECTIONS if writes else READERS,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    return made if writes else made.execution_options(postgresql_readonly=True)
