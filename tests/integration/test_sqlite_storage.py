"""SQLite keeps every promise of a storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.databases import opened, stored_bytes
from ygs.adapters.sql.storage import SqlStorage
from ygs.entrypoints.testing.contracts.encryption_at_rest import StoredBytes
from ygs.entrypoints.testing.contracts.round_trips import everybody_comes_back
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage

_template = b""


@pytest.fixture(autouse=True)
def _known_template(sqlite_template: bytes) -> None:
    # A property's test takes no fixture, for it would be one for all examples.
    global _template  # noqa: PLW0603
    _template = sqlite_template


@asynccontextmanager
async def an_empty_storage() -> AsyncIterator[Storage]:
    with TemporaryDirectory() as folder:
        storage = await opened(_copy(Path(folder, "test.db")))
        yield storage
        await storage.close()


def _copy(path: Path) -> str:
    path.write_bytes(_template)
    return str(path)


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    async def storage(self, sqlite_path: str) -> AsyncIterator[Storage]:
        storage = await opened(sqlite_path)
        yield storage
        await storage.close()

    @pytest.fixture
    def stored_bytes(self, storage: SqlStorage, sqlite_path: str) -> StoredBytes:
        return partial(stored_bytes, storage, Path(sqlite_path).parent)


test_everybody_comes_back = everybody_comes_back(an_empty_storage, examples=10)
