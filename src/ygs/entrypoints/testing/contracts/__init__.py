"""Contracts: tests that every adapter of a port inherits. They need pytest, pytest-asyncio (auto mode), Hypothesis.

For example, write a `Storage` over MySQL and test it like this::

    # tests/test_mysql_storage.py
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    import pytest

    from ygs.entrypoints.testing.contracts.encryption_at_rest import StoredBytes
    from ygs.entrypoints.testing.contracts.round_trips import everybody_comes_back
    from ygs.entrypoints.testing.contracts.storage import StorageContract
    from ygs.ports.storage import Storage


    @asynccontextmanager
    async def an_empty_storage() -> AsyncIterator[Storage]:
        storage = await MySqlStorage.connect(...)   # an empty schema
        yield storage
        await storage.close()


    class TestMySqlStorage(StorageContract):
        @pytest.fixture
        async def storage(self) -> AsyncIterator[Storage]:
            async with an_empty_storage() as storage:
                yield storage

        @pytest.fixture
        def stored_bytes(self) -> StoredBytes:
            return dump_of_every_table


    test_everybody_comes_back = everybody_comes_back(an_empty_storage)

`storage` is an empty storage for each test. Most tests take a few milliseconds, so emptying tables is better than
creating them. `stored_bytes` returns a function that reads all stored bytes, for the test of encryption at rest.
Sequences are compared with lists. The name of a failing test is a promise of `ygs.ports` that the adapter breaks.
`UserContract`, `WeekContract` and the other parts can also be inherited one at a time.

`ygs.entrypoints.testing.contracts.clock_and_ids` tests a `Clock` and `Ids` of your own in the same way.
"""

import pkgutil

import pytest

# Makes a failing contract show what it compared, as tests in your own folder do.
pytest.register_assert_rewrite(*(part.name for part in pkgutil.iter_modules(__path__, f"{__name__}.")))
