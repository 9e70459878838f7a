"""PostgreSQL keeps every promise of a storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from sqlalchemy import text

from tests.support.databases import opened, stored_bytes
from ygs.adapters.sql.storage import SqlStorage
from ygs.entrypoints.testing.contracts.encryption_at_rest import StoredBytes
from ygs.entrypoints.testing.contracts.round_trips import everybody_comes_back
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage

_url = ""


class TestPostgresStorage(StorageContract):
    @pytest.fixture
    async def storage(self, postgres_url: str) -> AsyncIterator[Storage]:
        storage = await opened(postgres_url)
        yield storage
        await storage.close()

    @pytest.fixture
    def stored_bytes(self, storage: SqlStorage) -> StoredBytes:
        return partial(stored_bytes, storage)


@pytest.fixture(autouse=True)
def _known_url(request: pytest.FixtureRequest) -> None:
    # A property's test takes no fixture, for it would be one for all examples.
    global _url  # noqa: PLW0603
    if request.cls is None:
        _url = request.getfixturevalue("postgres_url")


@asynccontextmanager
async def an_emptied_storage() -> AsyncIterator[Storage]:
    storage = await opened(_url)
    async with storage.transaction() as tx:
        await tx.run(text("TRUNCATE users CASCADE"))
    yield storage
    await storage.close()


test_everybody_comes_back = everybody_comes_back(an_emptied_storage)
