"""The schema's history, from an empty database to what `tables` says."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from ygs.adapters.sql.statements.errors import connecting
from ygs.domain.errors import Unavailable

Answer = TypeVar("Answer")

# Any number of ours: two who migrate at once take turns.
_MIGRATING = 8_271_002


def head() -> str:
    """The revision this release needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


async def current(engine: AsyncEngine) -> str | None:
    """The revision a database is at; None for an empty one."""
    return await _with(engine, lambda connection: MigrationContext.configure(connection).get_current_revision())


async def upgrade(engine: AsyncEngine) -> None:
    """Bring a database to `head`, in one transaction: all of it or nothing. At head already, nothing changes."""
    await _with(engine, _upgrade)


async def require_head(engine: AsyncEngine) -> None:
    """`Unavailable` unless the database is at `head`."""
    found = await current(engine)
    if found is None:
        raise Unavailable("the database is empty: run `ygs db upgrade`")
    if found != head():
        raise Unavailable(f"the database is at schema {found}, this release needs {head()}: run `ygs db upgrade`")


async def _with(engine: AsyncEngine, ask: Callable[[Connection], Answer]) -> Answer:
    with connecting():
        async with engine.begin() as connection:
            return await connection.run_sync(ask)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    # Where the package lies may have a % in its path, or a colon.
    config.set_main_option("path_separator", "newline")
    return config
