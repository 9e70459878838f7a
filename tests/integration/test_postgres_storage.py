"""PostgreSQL keeps every promise of a storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from tests.support.databases import EMPTY_ALL, opened, stored_bytes
from tests.support.postgres import LocalPostgres
from ygs.adapters.sql.storage import SqlStorage
from ygs.entrypoints.testing.contracts.encryption_at_rest import StoredBytes
from ygs.entrypoints.testing.contracts.round_trips import everybody_comes_back
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage

_url = ""


@pytest.fixture(scope="module", autouse=True)
def _one_database(postgres: LocalPostgres, postgres_template: str) -> None:
    # One for all, emptied for each: a database of one's own takes the server longer than most of these tests.
    global _url  # noqa: PLW0603
    _url = postgres.create_database("promises", template=postgres_template)


@asynccontextmanager
async def an_emptied_storage() -> AsyncIterator[SqlStorage]:
    storage = await opened(_url)
    async with storage.transaction() as tx:
        await tx.run(EMPTY_ALL)
    yield storage
    await storage.close()


class TestPostgresStorage(StorageContract):
    @pytest.fixture
    async def storage(self) -> AsyncIterator[Storage]:
        async with an_emptied_storage() as storage:
            yield storage

    @pytest.fixture
    def stored_bytes(self, storage: SqlStorage) -> StoredBytes:
        return partial(stored_bytes, storage)


test_everybody_comes_back = everybody_comes_back(an_emptied_storage, examples=10)
