"""Real servers, one per test process and started only when a test asks."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.blob_stores import with_buckets
from tests.support.databases import migrated_postgres, migrated_sqlite, opened
from tests.support.postgres import LocalPostgres
from tests.support.seaweed import LocalS3
from ygs.adapters.sql.storage import SqlStorage


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """This test process's own PostgreSQL, without any database of ours: make one per test from a template."""
    with LocalPostgres.start() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: LocalPostgres) -> str:
    """The name of a migrated database to copy."""
    return migrated_postgres(postgres)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated file's content."""
    return migrated_sqlite(tmp_path_factory.mktemp("sqlite") / "empty.db").read_bytes()


@pytest.fixture
def postgres_url(postgres: LocalPostgres, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = f"test_{uuid4().hex}"
    yield postgres.create_database(name, template=postgres_template)
    postgres.drop_database(name)


@pytest.fixture
def sqlite_path(tmp_path: Path, sqlite_template: bytes) -> str:
    """A migrated SQLite file of this test's own."""
    path = tmp_path / "test.db"
    path.write_bytes(sqlite_template)
    return str(path)


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database there is."""
    return str(request.param)


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest) -> str:
    """Where an empty database is that this test may use: SQLite's path, and then PostgreSQL's URL."""
    where: str = request.getfixturevalue("sqlite_path" if kind == "sqlite" else "postgres_url")
    return where


@pytest.fixture
async def storage(database: str) -> AsyncIterator[SqlStorage]:
    """An empty storage, on SQLite and then on PostgreSQL."""
    storage = await opened(database)
    yield storage
    await storage.close()


@pytest.fixture(scope="session")
def seaweed() -> Iterator[LocalS3]:
    """A real S3 server with the two buckets."""
    with LocalS3.start() as server:
        yield with_buckets(server)
