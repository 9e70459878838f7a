"""Users in SQL: loaded whole, in a constant number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.integration.databases import a_user, user_id
from ygs.adapters.sql.storage import SqlStorage


@contextmanager
def statements(storage: SqlStorage) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, apart from the transactions' own."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    engines = [storage.writer.sync_engine, storage.reader.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_user_comes_back_as_stored(sql_storage: SqlStorage) -> None:
    async with sql_storage.write() as tx:
        await tx.users.add(a_user(1))
    async with sql_storage.read() as tx:
        assert await tx.users.get(user_id(1)) == a_user(1, version=1)


@pytest.mark.parametrize("count", [1, 100])
async def test_users_are_loaded_by_one_query_and_one_for_each_collection(sql_storage: SqlStorage, count: int) -> None:
    async with sql_storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(count)])
    async with sql_storage.read() as tx:
        with statements(sql_storage) as sent:
            assert len(await tx.users.page()) == count
        assert len(sent) == 3
        with statements(sql_storage) as sent:
            await tx.users.get(user_id(0))
        assert len(sent) == 3
