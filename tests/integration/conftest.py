"""Real servers, one per test process and started only when a test asks."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.databases import KEYRING, migrated_postgres, migrated_sqlite
from ygs.adapters.sql.postgres import open_postgres
from ygs.adapters.sql.sqlite import open_sqlite
from ygs.adapters.sql.storage import SqlStorage
from ygs.entrypoints.testing.postgres import LocalPostgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """This test process's own PostgreSQL, without any database of ours: make one per test from a template."""
    with LocalPostgres.start() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: LocalPostgres) -> str:
    """The name of a migrated database to copy."""
    return migrated_postgres(postgres)


@pytest.fixture
def postgres_url(postgres: LocalPostgres, template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = f"test_{uuid4().hex}"
    yield postgres.create_database(name, template=template)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated SQLite file's content."""
    return migrated_sqlite(tmp_path_factory.mktemp("sqlite") / "empty.db").read_bytes()


@pytest.fixture
def sqlite_path(tmp_path: Path, empty_sqlite: bytes) -> Path:
    """A migrated SQLite file of this test's own."""
    path = tmp_path / "test.db"
    path.write_bytes(empty_sqlite)
    return path


@pytest.fixture
async def postgres_storage(postgres_url: str) -> AsyncIterator[SqlStorage]:
    """An empty storage on PostgreSQL."""
    storage = await open_postgres(postgres_url, KEYRING)
    yield storage
    await storage.close()


@pytest.fixture
async def sqlite_storage(sqlite_path: Path) -> AsyncIterator[SqlStorage]:
    """An empty storage on SQLite."""
    storage = await open_sqlite(sqlite_path, KEYRING)
    yield storage
    await storage.close()


@pytest.fixture(params=["sqlite", "postgres"])
def sql_storage(request: pytest.FixtureRequest) -> SqlStorage:
    """An empty storage, on SQLite and then on PostgreSQL."""
    storage: SqlStorage = request.getfixturevalue(f"{request.param}_storage")
    return storage
