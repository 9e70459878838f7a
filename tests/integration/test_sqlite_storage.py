"""SQLite keeps every promise of a storage."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.databases import opened
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    async def storage(self, sqlite_path: str) -> AsyncIterator[Storage]:
        storage = await opened(sqlite_path)
        yield storage
        await storage.close()
