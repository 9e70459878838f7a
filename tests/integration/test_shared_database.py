"""A database shared with other applications: a schema of our own, and a clear refusal where tables are in the way."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import inspect, text
from typer.testing import CliRunner

from tests.support.databases import KEYRING
from tests.support.postgres import LocalPostgres
from ygs.adapters.sql import migrations
from ygs.adapters.sql import postgres as postgresql
from ygs.adapters.sql.pool_sizes import PoolSizes
from ygs.adapters.sql.postgres import open_postgres
from ygs.adapters.sql.sqlite import open_sqlite
from ygs.bootstrap import backup_database, build, restore_database, upgrade_database
from ygs.domain.errors import Misconfigured, NotFound
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.http.app import create
from ygs.entrypoints.testing.builders import a_user, a_week
from ygs.settings import Settings

ANOTHER_APPLICATION = ["CREATE TABLE users (id integer)", "CREATE TABLE alembic_version (version_num varchar(32))"]


@pytest.fixture
def shared(postgres: LocalPostgres) -> Iterator[str]:
    """A PostgreSQL database whose schema `public` belongs to another application."""
    name = f"shared_{uuid4().hex}"
    url = postgres.create_database(name)
    asyncio.run(run_in(url, *ANOTHER_APPLICATION))
    yield url
    postgres.drop_database(name)


async def run_in(url: str, *statements: str) -> None:
    engine = postgresql.engine(url, writes=True)
    async with engine.begin() as connection:
        for each in statements:
            await connection.execute(text(each))
    await engine.dispose()


def settings(url: str, schema: str = "", folder: Path = Path("ygs-data")) -> Settings:
    return Settings(_env_file=None, database_url=SecretStr(url), database_schema=schema, data_folder=folder)


def test_two_services_in_two_schemas_do_not_see_each_other(shared: str, tmp_path: Path) -> None:
    one = settings(shared, "agency_one", tmp_path / "one")
    other = settings(shared, "agency_two", tmp_path / "two")
    asyncio.run(_two_services(one, other, tmp_path / "one.zip"))


async def _two_services(one: Settings, other: Settings, file: Path) -> None:
    for each in (one, other, other):
        assert await upgrade_database(each) == migrations.head()
    async with build(one) as first, build(other) as second:
        async with first.storage.write(long=True) as tx:
            await tx.users.add_all([a_user(1), a_user(2)])
            await tx.weeks.add(a_week(1))
        assert (await first.storage.hot_reads.user(a_user(1).id)).name == a_user(1).name
        with pytest.raises(NotFound):
            await second.storage.hot_reads.user(a_user(1).id)
        async with second.storage.read() as reading:
            assert await reading.weeks.latest(1) == []
        # The same phones and the same ISO week are free in the other schema.
        async with second.storage.write() as tx:
            await tx.users.add_all([a_user(1)])
            await tx.weeks.add(a_week(1))
        for service in (first, second):
            await _is_ready(service)
    await _moves_by_backup(one, settings(one.database_url.get_secret_value(), "agency_three", file.parent / "3"), file)


async def _is_ready(service: object) -> None:
    transport = httpx.ASGITransport(create(service))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test") as client:
        reply = await client.get("/health/ready")
    assert (reply.status_code, reply.json()["schema_version"]) == (200, migrations.head())


async def _moves_by_backup(source: Settings, target: Settings, file: Path) -> None:
    await upgrade_database(target)
    rows = await backup_database(file, source)
    assert await restore_database(file, target) == rows
    async with build(target) as moved:
        assert (await moved.storage.hot_reads.user(a_user(2).id)).name == a_user(2).name


def test_the_command_works_in_a_schema(shared: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_DATABASE_URL", shared)
    monkeypatch.setenv("YGS_DATABASE_SCHEMA", "match")
    for command in (["db", "upgrade"], ["week", "list"], ["check"], ["backup", "b.zip"]):
        said = CliRunner().invoke(app, command)
        assert said.exit_code == 0, said.output


async def test_what_one_service_locks_by_name_does_not_hold_the_other_up(shared: str) -> None:
    storages = []
    for schema in ("agency_one", "agency_two"):
        await upgrade_database(settings(shared, schema))
        storages.append(await open_postgres(shared, KEYRING, schema=schema))
    first, second = storages
    async with first.transaction() as held, asyncio.timeout(5):
        await held.lock("duplicates")
        async with second.transaction() as tx:
            await tx.lock("duplicates")
    for storage in storages:
        await storage.close()


@pytest.mark.parametrize("taken", ANOTHER_APPLICATION)
@pytest.mark.parametrize("command", [("db", "upgrade"), ("week", "list")])
def test_tables_of_another_application_are_refused_with_what_to_do(
    kind: str, taken: str, command: tuple[str, ...], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YGS_LANGUAGE", "en")
    url = request.getfixturevalue(f"{kind}_of_another")
    _make(url, taken)
    monkeypatch.setenv("YGS_DATABASE_URL", url)
    said = CliRunner().invoke(app, command)
    assert isinstance(said.exception, SystemExit), repr(said.exception)
    assert said.exit_code == 2, said.output
    assert taken.split()[2] in said.output
    assert ("YGS_DATABASE_SCHEMA" if kind == "postgres" else "YGS_DATABASE_URL") in said.output
    assert _tables(url) == [taken.split()[2]]


@pytest.fixture
def sqlite_of_another(tmp_path: Path) -> str:
    """A SQLite file of another application."""
    return f"sqlite:///{tmp_path / 'another.db'}"


@pytest.fixture
def postgres_of_another(postgres: LocalPostgres) -> Iterator[str]:
    """A PostgreSQL database of another application."""
    name = f"another_{uuid4().hex}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


def _make(url: str, statement: str) -> None:
    if url.startswith("postgresql"):
        asyncio.run(run_in(url, statement))
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        database.execute(statement)


def _tables(url: str) -> list[str]:
    if url.startswith("postgresql"):
        return asyncio.run(_postgres_tables(url))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_schema")]


async def _postgres_tables(url: str) -> list[str]:
    engine = postgresql.engine(url, writes=True)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await engine.dispose()
    return names


async def test_a_schema_that_nobody_made_says_what_to_run(shared: str) -> None:
    with pytest.raises(Misconfigured, match="ygs db upgrade"):
        await open_postgres(shared, KEYRING, schema="nobody_made_this")


async def test_who_may_not_make_a_schema_uses_one_that_is_there(shared: str) -> None:
    await run_in(shared, "CREATE ROLE lodger LOGIN", "CREATE SCHEMA lodging AUTHORIZATION lodger")
    try:
        url = shared.replace("postgres@", "lodger@")
        assert await upgrade_database(settings(url, "lodging")) == migrations.head()
        with pytest.raises(Misconfigured, match="GRANT"):
            await upgrade_database(settings(url, "elsewhere"))
    finally:
        await run_in(shared, "DROP OWNED BY lodger CASCADE", "DROP ROLE lodger")


@pytest.mark.parametrize("name", ["pg_ygs", "Ygs", 'y"gs', "y gs", "1ygs", "y" * 64, "y;DROP"])
def test_a_schema_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValidationError):
        settings("postgresql://h/x", name)


@pytest.mark.parametrize("url", ["memory:", "sqlite:///ygs.db"])
async def test_a_schema_is_not_ignored_where_there_are_none(url: str) -> None:
    with pytest.raises(Misconfigured, match="YGS_DATABASE_SCHEMA"):
        async with build(settings(url, "ygs")):
            pass


async def test_pools_are_as_large_as_the_settings_say(postgres_url: str, sqlite_path: str) -> None:
    given: dict[str, Any] = {"writer_connections": 3, "reader_connections": 4}
    for url, writers in ((postgres_url, 3), (f"sqlite:///{sqlite_path}", 1)):
        async with build(Settings(_env_file=None, database_url=SecretStr(url), **given)) as service:
            storage = service.storage
            assert [each.pool.size() for each in (storage.writer, storage.reader)] == [writers, 4]  # type: ignore[attr-defined]


async def test_hot_reads_keep_no_more_connections_than_their_pool(postgres_url: str, postgres: LocalPostgres) -> None:
    storage = await open_postgres(postgres_url, KEYRING, pools=PoolSizes(hot_reads=2))
    async with storage.write() as tx:
        await tx.users.add(a_user(1))
    await asyncio.gather(*(storage.hot_reads.user(a_user(1).id) for _ in range(8)))
    database = postgres_url.partition("@/")[2].partition("?")[0]
    watcher = await asyncpg.connect(host=str(postgres.folder), user="postgres", database="postgres")
    open_now = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1"
    # Two hot reads and one writer.
    assert await watcher.fetchval(open_now, database) <= 2 + 1 + 1
    await watcher.close()
    await storage.close()


async def test_sqlite_takes_pool_sizes_too(sqlite_path: str) -> None:
    storage = await open_sqlite(sqlite_path, KEYRING, pools=PoolSizes(readers=1, hot_reads=1))
    async with storage.write() as tx:
        await tx.users.add(a_user(1))
    names = await asyncio.gather(*(storage.hot_reads.user(a_user(1).id) for _ in range(4)))
    assert {each.name for each in names} == {a_user(1).name}
    await storage.close()
