"""Schema migrations: they bring an empty or older database to what `ygs.adapters.sql.tables` says."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateSchema

from ygs.adapters.sql.statements.errors import connecting
from ygs.adapters.sql.tables import metadata
from ygs.domain.errors import N_, Misconfigured

Answer = TypeVar("Answer")

# Not Alembic's own name for it, which another application in the same database may use.
VERSION_TABLE = "ygs_version"
_ANOTHER_VERSION_TABLE = "alembic_version"

# The number of an advisory lock: concurrent upgrades of one database run one after another.
_MIGRATING = 8_271_002


@cache
def head() -> str:
    """The revision this release needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


@cache
def _known() -> frozenset[str]:
    """The revisions that this release knows. Kept, because Alembic compiles every script each time it is asked."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


async def current(engine: AsyncEngine) -> str | None:
    """The revision a database is at; None for an empty one."""
    return await _with(engine, _current)


async def upgrade(engine: AsyncEngine, schema: str = "") -> None:
    """Bring a database to `head` in one transaction; a database at `head` stays as it is.

    `schema`: the PostgreSQL schema of the engine's search path, made where it is missing. `Misconfigured` when the
    database is at a revision that this release does not know, or holds another application's tables.
    """
    await _with(engine, lambda connection: _upgrade(connection, schema))


async def require_head(engine: AsyncEngine) -> None:
    """`Misconfigured` unless the database is at `head`."""
    found = await current(engine)
    if found is None:
        raise Misconfigured(N_("the database has no tables of ygs yet: run `ygs db upgrade`"))
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


def _current(connection: Connection) -> str | None:
    """The revision a database is at; `Misconfigured` where there is none and other tables are in the way."""
    options = {"version_table": VERSION_TABLE}
    found = MigrationContext.configure(connection, opts=options).get_current_revision()
    if found is None:
        _require_free(connection)
    return found


def _require_free(connection: Connection) -> None:
    """`Misconfigured` where another application's tables stand: it, or we, would take the other's for its own."""
    looked = inspect(connection)
    there = {*looked.get_table_names(), *looked.get_view_names()}
    taken = sorted(there & {*metadata.tables, _ANOTHER_VERSION_TABLE})
    if not taken:
        return
    shown = ", ".join(taken[:3])
    if connection.dialect.name == "postgresql":
        raise Misconfigured(
            N_(
                "the database holds tables that are not of this ygs ({shown}): name a schema "
                "for ygs alone in YGS_DATABASE_SCHEMA and run `ygs db upgrade`, or give it a database of its own"
            ),
            shown=shown,
        )
    raise Misconfigured(
        N_(
            "the database file holds tables that are not of this ygs ({shown}): give ygs a "
            "file of its own in YGS_DATABASE_URL and run `ygs db upgrade`"
        ),
        shown=shown,
    )


def _upgrade(connection: Connection, schema: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
        _make_schema(connection, schema)
    found = _current(connection)
    if found is not None:
        _require_known(found)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _make_schema(connection: Connection, schema: str) -> None:
    # Looked for first: CREATE ... IF NOT EXISTS needs the right to make one even where it is there.
    if schema and schema not in inspect(connection).get_schema_names():
        connection.execute(CreateSchema(schema))


def _require_known(revision: str) -> None:
    if revision not in _known():
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
