"""SQLite keeps every promise of a storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio

from tests.support.databases import empty_sqlite, opened, stored_bytes
from ygs.adapters.sql.storage import SqlStorage
from ygs.entrypoints.testing.contracts.encryption_at_rest import StoredBytes
from ygs.entrypoints.testing.contracts.round_trips import everybody_comes_back
from ygs.entrypoints.testing.contracts.storage import StorageContract
from ygs.ports.storage import Storage

_template = b""


@pytest.fixture(scope="module", autouse=True)
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened_once(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Path, SqlStorage]]:
    path = tmp_path_factory.mktemp("promises") / "test.db"
    storage = await opened(_copy(path))
    yield path, storage
    await storage.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.filterwarnings("ignore:The test .* is marked with '@pytest.mark.asyncio':pytest.PytestWarning")
class TestSqliteStorage(StorageContract):
    """Over one file, emptied for each test: to open one takes longer than most of them."""

    @pytest.fixture
    def storage(self, opened_once: tuple[Path, SqlStorage]) -> Storage:
        path, storage = opened_once
        empty_sqlite(path)
        return storage

    @pytest.fixture
    def stored_bytes(self, opened_once: tuple[Path, SqlStorage]) -> StoredBytes:
        path, storage = opened_once
        return partial(stored_bytes, storage, path.parent)


test_everybody_comes_back = everybody_comes_back(an_empty_storage, examples=10)
