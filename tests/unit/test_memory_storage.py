"""The in-memory storage keeps every promise of its port; it is what other storages are compared with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ygs.adapters.memory import MemoryStorage
from ygs.entrypoints.testing.contracts.round_trips import everybody_comes_back
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage


@asynccontextmanager
async def an_empty_storage() -> AsyncIterator[Storage]:
    storage = MemoryStorage()
    yield storage
    await storage.close()


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    async def storage(self) -> AsyncIterator[Storage]:
        async with an_empty_storage() as storage:
            yield storage


test_everybody_comes_back = everybody_comes_back(an_empty_storage)
