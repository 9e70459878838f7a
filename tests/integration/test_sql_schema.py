"""The schema: migrated equals fresh, every column says how it is to be treated, and a wrong one is told in words."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.databases import opened
from tests.support.postgres import LocalPostgres
from ygs.adapters.sql import migrations, sqlite
from ygs.adapters.sql import postgres as postgresql
from ygs.adapters.sql.tables import Retention, Sensitivity, metadata, sealed_columns
from ygs.domain.errors import Unavailable

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_says_how_sensitive_it_is_how_long_it_stays_and_whose_it_is(column: Column[object]) -> None:
    assert isinstance(column.info.get("sensitivity"), Sensitivity), "say kept(...) or sealed(...) as its info"
    assert isinstance(column.info.get("retention"), Retention)
    assert isinstance(column.info.get("subject"), bool)


def test_sealed_columns_are_bytes_in_a_table_with_an_id() -> None:
    for column in sealed_columns():
        assert column.type.python_type is bytes
        assert "id" in column.table.columns


def engine_of(database: str) -> AsyncEngine:
    if database.startswith("postgresql"):
        return postgresql.engine(database, writes=True)
    return sqlite.engine(Path(database), writes=True)


@pytest.fixture
def nothing(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a database without any table is, or will be."""
    if kind == "sqlite":
        return str(tmp_path / "new.db")
    server: LocalPostgres = request.getfixturevalue("postgres")
    server.drop_database("nothing")
    return server.create_database("nothing")


def described(connection: Connection) -> object:
    """Everything a database knows of its schema. Columns by name: a migration can only add them at the end."""
    if connection.dialect.name == "sqlite":
        return sorted(sqlite_statements(connection))
    looked = inspect(connection)
    return {
        table: (
            sorted(
                (each["name"], str(each["type"]), each["nullable"], str(each["default"]))
                for each in looked.get_columns(table)
            ),
            looked.get_pk_constraint(table),
            *(
                sorted(found, key=lambda each: str(each["name"]))
                for found in (
                    looked.get_indexes(table),
                    looked.get_check_constraints(table),
                    looked.get_unique_constraints(table),
                    looked.get_foreign_keys(table),
                )
            ),
        )
        for table in looked.get_table_names()
        if table != migrations.VERSION_TABLE
    }


def sqlite_statements(connection: Connection) -> list[list[str]]:
    """What made each table and index, its parts in order: where a constraint stands in a table means nothing."""
    stored = connection.execute(text("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")).scalars()
    return [
        sorted(squeezed.removesuffix(" )").split(", "))
        for each in stored
        if migrations.VERSION_TABLE not in (squeezed := " ".join(each.split()))
    ]


async def test_a_migrated_database_equals_a_fresh_one(database: str, nothing: str) -> None:
    migrated, fresh = engine_of(database), engine_of(nothing)
    async with fresh.begin() as connection:
        await connection.run_sync(metadata.create_all)
        expected = await connection.run_sync(described)
    async with migrated.begin() as connection:
        assert await connection.run_sync(described) == expected
        assert await connection.run_sync(difference) == []
    await migrated.dispose()
    await fresh.dispose()


def difference(connection: Connection) -> object:
    options = {"version_table": migrations.VERSION_TABLE}
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


async def test_an_upgrade_of_a_database_at_head_changes_nothing(database: str) -> None:
    engine = engine_of(database)
    assert await migrations.current(engine) == migrations.head()
    await migrations.upgrade(engine)
    assert await migrations.current(engine) == migrations.head()
    await engine.dispose()


async def test_two_upgrades_at_once_make_one_schema(nothing: str) -> None:
    engines = engine_of(nothing), engine_of(nothing)
    await asyncio.gather(*map(migrations.upgrade, engines))
    assert await migrations.current(engines[0]) == migrations.head()
    for engine in engines:
        await engine.dispose()


async def test_an_upgrade_that_fails_leaves_nothing_half_made(nothing: str) -> None:
    engine = engine_of(nothing)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE elsewhere (x INTEGER)"))
        # In the way of the index that is made last.
        await connection.execute(text("CREATE INDEX participants_of_user ON elsewhere (x)"))
    with pytest.raises(Unavailable):
        await migrations.upgrade(engine)
    async with engine.begin() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert names == ["elsewhere"]
    await engine.dispose()


async def test_a_database_without_a_schema_says_what_to_run(nothing: str) -> None:
    with pytest.raises(Unavailable, match="ygs db upgrade"):
        await opened(nothing)


async def set_revision(database: str, revision: str) -> None:
    engine = engine_of(database)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE ygs_version SET version_num = :revision"), {"revision": revision})
    await engine.dispose()


# What the development before the first release left behind, and what a later release may bring.
@pytest.mark.parametrize("revision", ["0001", "0007", "9999_of_a_later_release"])
async def test_a_database_at_an_unknown_revision_is_refused_and_to_be_made_anew(database: str, revision: str) -> None:
    await set_revision(database, revision)
    with pytest.raises(Unavailable, match=rf"schema {revision},.*make the database anew"):
        await opened(database)
    engine = engine_of(database)
    with pytest.raises(Unavailable, match=rf"schema {revision},.*make the database anew"):
        await migrations.upgrade(engine)
    await engine.dispose()


async def test_a_database_behind_head_is_to_be_upgraded(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "head", lambda: "0002_later")
    with pytest.raises(Unavailable, match=r"needs 0002_later: run `ygs db upgrade`"):
        await opened(database)
