"""Ledgers are read in one statement, however many there are; and two staff who sign a member at once make one."""

import asyncio

import pytest

from tests.support.databases import opened, statements
from ygs.adapters.sql.storage import SqlStorage
from ygs.domain.errors import Conflict
from ygs.entrypoints.testing.builders import a_membership, a_user, a_week, an_introduction


async def test_a_page_of_ledgers_is_one_statement(storage: SqlStorage) -> None:
    people = [a_user(number) for number in range(1, 61)]
    pairs = zip(people[::2], people[1::2], strict=True)
    made = [an_introduction(one, other, a_week(), number) for number, (one, other) in enumerate(pairs, start=1)]
    async with storage.write() as tx:
        await tx.users.add_all(people)
        await tx.weeks.add(a_week())
        await tx.introductions.add_all(made, {})
        for number in range(1, 61):
            await tx.memberships.add(a_membership(number, user=number))
    async with storage.read() as reading:
        with statements(storage) as sent:
            page = await reading.memberships.open_records(limit=100)
            own = await reading.memberships.records_of(people[0].id)
    assert len(sent) == 2
    assert [len(record.deliveries) for record in (*page, *own)] == [1] * 61


async def test_of_two_who_sign_a_member_at_once_one_is_told(storage: SqlStorage, database: str) -> None:
    other = await opened(database)
    async with storage.write() as tx:
        await tx.users.add(a_user(1))

    async def sign(where: SqlStorage, number: int) -> None:
        async with where.write() as tx:
            await tx.memberships.add(a_membership(number))

    told = await asyncio.gather(sign(storage, 1), sign(other, 2), return_exceptions=True)
    await other.close()
    assert [type(each) for each in told if each is not None] == [Conflict]
    with pytest.raises(Conflict, match="has not ended"):
        await sign(storage, 3)
