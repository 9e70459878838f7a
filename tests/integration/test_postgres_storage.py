"""PostgreSQL keeps every promise of a storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import pytest_asyncio

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


async def _empty(storage: SqlStorage) -> None:
    async with storage.transaction() as tx:
        await tx.run(EMPTY_ALL)


@asynccontextmanager
async def an_emptied_storage() -> AsyncIterator[SqlStorage]:
    storage = await opened(_url)
    await _empty(storage)
    yield storage
    await storage.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened_once(_one_database: None) -> AsyncIterator[SqlStorage]:
    storage = await opened(_url)
    yield storage
    await storage.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.filterwarnings("ignore:The test .* is marked with '@pytest.mark.asyncio':pytest.PytestWarning")
class TestPostgresStorage(StorageContract):
    """Over the same connections: to open them takes longer than most of these tests."""

    @pytest_asyncio.fixture(loop_scope="module")
    async def storage(self, opened_once: SqlStorage) -> Storage:
        await _empty(opened_once)
        return opened_once

    @pytest.fixture
    def stored_bytes(self, opened_once: SqlStorage) -> StoredBytes:
        return partial(stored_bytes, opened_once)


test_everybody_comes_back = everybody_comes_back(an_emptied_storage, examples=10)
