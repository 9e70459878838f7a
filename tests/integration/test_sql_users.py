"""How many statements users take, however many there are."""

import pytest

from tests.support.databases import statements
from ygs.adapters.sql.storage import SqlStorage
from ygs.entrypoints.testing.builders import a_user


@pytest.mark.parametrize("count", [1, 100])
async def test_a_page_is_loaded_by_one_query_and_one_for_each_collection(storage: SqlStorage, count: int) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(count)])
    async with storage.read() as tx:
        with statements(storage) as sent:
            page = await tx.users.page()
    assert [user.id for user in page] == [a_user(number).id for number in range(count)]
    assert page[0].wishes
    assert page[0].consents
    assert len(sent) == 3


async def test_a_user_with_everything_is_loaded_and_saved_by_a_constant_number_of_statements(
    storage: SqlStorage,
) -> None:
    async with storage.write() as tx:
        await tx.users.add(a_user())
        with statements(storage) as sent:
            user = await tx.users.get(a_user().id)
        assert len(sent) == 3
        with statements(storage) as sent:
            await tx.users.save(user)
        assert len([each for each in sent if not each.startswith(("SAVEPOINT", "RELEASE"))]) == 7


@pytest.mark.long
async def test_thousands_of_users_take_few_statements_to_store_and_to_save(storage: SqlStorage) -> None:
    users = [a_user(number) for number in range(2_500)]
    async with storage.write() as tx:
        with statements(storage) as sent:
            await tx.users.add_all(users)
        assert len(sent) < 20
        stored = await tx.users.by_ids([user.id for user in users])
        assert len(stored) == 2_500
        with statements(storage) as sent:
            await tx.users.save_all(stored)
        assert len(sent) < 20
        assert (await tx.users.get(users[-1].id)).version == 2


async def test_a_market_takes_the_same_statements_for_any_number_of_people(storage: SqlStorage) -> None:
    counts = []
    for first in (0, 1_000):
        async with storage.write() as tx:
            await tx.users.add_all([a_user(number) for number in range(first, first + 1_000)])
        async with storage.read() as tx:
            with statements(storage) as sent:
                assert len(await tx.market.enrolled(capacity=1)) == first + 1_000
        counts.append(len(sent))
    assert counts == [8, 8]


async def test_who_chooses_by_what_is_counted_by_one_statement(storage: SqlStorage) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(100)])
    async with storage.read() as tx:
        with statements(storage) as sent:
            assert (await tx.users.wish_counts(a_user(1)))["birth_year"].people == 50
        assert len(sent) == 1
