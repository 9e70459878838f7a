"""PostgreSQL keeps every promise of a storage."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.databases import opened
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage


class TestPostgresStorage(StorageContract):
    @pytest.fixture
    async def storage(self, postgres_url: str) -> AsyncIterator[Storage]:
        storage = await opened(postgres_url)
        yield storage
        await storage.close()
