"""Stored users, weeks and introductions for contracts."""

from collections.abc import Sequence

from ygs.domain.introductions import Introduction
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.users import User
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.ports.storage import Storage


async def stored_users(storage: Storage, count: int) -> Sequence[User]:
    """The users numbered 1 to `count`, ascending by id, as they are stored."""
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, count + 1)])
    async with storage.read() as tx:
        return await tx.users.page(limit=count)


async def stored_week(storage: Storage, number: int = 1) -> MatchWeek:
    """The week of that number, as it is stored."""
    week = a_week(number)
    async with storage.write() as tx:
        await tx.weeks.add(week)
        return await tx.weeks.get(week.id)


async def stored_introduction(storage: Storage) -> Introduction:
    """Two people, introduced to each other and waiting for answers."""
    one, other = await stored_users(storage, 2)
    introduction = an_introduction(one, other, await stored_week(storage))
    async with storage.write() as tx:
        await tx.introductions.add_all([introduction], {})
        return await tx.introductions.get(introduction.id)
