"""Schema migrations: they bring an empty or older database to what `ygs.adapters.sql.tables` says."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from ygs.adapters.sql.statements.errors import connecting
from ygs.domain.errors import N_, Misconfigured

Answer = TypeVar("Answer")

# The number of an advisory lock: concurrent upgrades of one database run one after another.
_MIGRATING = 8_271_002


@cache
def head() -> str:
    """The revision this release needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


async def current(engine: AsyncEngine) -> str | None:
    """The revision a database is at; None for an empty one."""
    return await _with(engine, lambda connection: MigrationContext.configure(connection).get_current_revision())


async def upgrade(engine: AsyncEngine) -> None:
    """Bring a database to `head` in one transaction; a database at `head` stays as it is.

    `Misconfigured` when the database is at a revision that this release does not know.
    """
    await _with(engine, _upgrade)


async def require_head(engine: AsyncEngine) -> None:
    """`Misconfigured` unless the database is at `head`."""
    found = await current(engine)
    if found is None:
        raise Misconfigured(N_("the database is empty: run `ygs db upgrade`"))
    _require_known(found)
    if found != head():
        raise Misconfigured(
            N_("the database is at schema {found}, this release needs {head}: run `ygs db upgrade`"),
            found=found,
            head=head(),
        )


async def _with(engine: AsyncEngine, ask: Callable[[Connection], Answer]) -> Answer:
    with connecting():
        async with engine.begin() as connection:
            return await connection.run_sync(ask)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None:
        _require_known(found)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _require_known(revision: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision not in known:
        raise Misconfigured(
            N_(
                "the database is at schema {revision}, which this release does not know: use the release that "
                "wrote it, or make the database anew (an empty one, then `ygs db upgrade`)"
            ),
            revision=revision,
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    # Where the package lies may have a % in its path, or a colon.
    config.set_main_option("path_separator", "newline")
    return config
