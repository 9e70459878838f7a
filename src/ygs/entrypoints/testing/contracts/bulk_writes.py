"""The contract of bulk writes: thousands of rows are stored in seconds."""

import asyncio
from dataclasses import replace
from itertools import product

from ygs.domain.introductions import Introduction, IntroductionState
from ygs.entrypoints.testing.builders import a_user, an_introduction
from ygs.entrypoints.testing.contracts.fixtures import stored_week
from ygs.ports.repositories.introductions import IntroductionCounts
from ygs.ports.storage import Storage

# More rows than the parameters of one statement allow, in either database: a user has more columns.
MANY_USERS = 1_500
MANY = 3_000
# Many times as long as the slowest adapter needs on a small machine; one statement per row takes longer.
SECONDS = 60


class BulkWriteContract:
    """Bulk writes run a bounded number of statements."""

    async def test_thousands_of_users_are_added_and_saved_at_once(self, storage: Storage) -> None:
        users = [a_user(number) for number in range(1, MANY_USERS + 1)]
        async with asyncio.timeout(SECONDS):
            async with storage.write() as tx:
                await tx.users.add_all(users)
            async with storage.write() as tx:
                stored = await tx.users.by_ids([user.id for user in users])
                await tx.users.save_all([replace(user, name="다바뀐이름") for user in stored])
            async with storage.read() as tx:
                saved = await tx.users.by_ids([user.id for user in users])
        assert saved == [replace(user, name="다바뀐이름", version=2) for user in users]

    async def test_thousands_of_introductions_are_added_and_saved_at_once(self, storage: Storage) -> None:
        week = await stored_week(storage)
        people = MANY // 3
        users = [a_user(number) for number in range(1, people + 1)]
        # Everybody with the next three in a circle, so everybody six times.
        new = [
            an_introduction(users[one], users[(one + step) % people], week, step * people + one)
            for one, step in product(range(people), (1, 2, 3))
        ]
        async with asyncio.timeout(SECONDS):
            async with storage.write() as tx:
                await tx.users.add_all(users)
                await tx.introductions.add_all(new, {user.id: 6 for user in users})
            async with storage.write() as tx:
                stored = await tx.introductions.of_week(week.id, limit=MANY)
                await tx.introductions.save_all([_expired(each) for each in stored])
            async with storage.read() as tx:
                counts = (await tx.introductions.count_by_week([week.id]))[week.id]
        assert len(stored) == len(new)
        assert counts == IntroductionCounts(expired=len(new))


def _expired(introduction: Introduction) -> Introduction:
    return replace(introduction, state=IntroductionState.EXPIRED, decided_at=introduction.deadline)
