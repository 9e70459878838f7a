"""Many at once, in one process and in two: nothing is lost, and nobody is introduced twice in a week."""

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.databases import opened
from ygs.adapters.sql.repositories.idempotency import SqlIdempotencyRepository
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import participants
from ygs.application.actors import Actor
from ygs.application.idempotency import IdempotentRequests
from ygs.domain.errors import AlreadyIntroduced, OverCapacity, StillRunning, Unavailable, YgsError
from ygs.domain.idempotency import IdempotencyRecord, Reply
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import Introduction
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_profile, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered

PEOPLE = 40
WEEKS = 5


async def count_one_up(storage: SqlStorage) -> int:
    """Read, change, write: 1 when it was acknowledged, 0 when it was refused."""
    try:
        async with storage.write() as tx:
            user = await tx.users.get(a_user().id)
            so_far = int(user.profile.introduction)
            await asyncio.sleep(0)
            await tx.users.save(replace(user, profile=a_profile(introduction=str(so_far + 1))))
    except Unavailable:
        return 0
    return 1


async def counted(storage: SqlStorage) -> int:
    async with storage.read() as tx:
        return int((await tx.users.get(a_user().id)).profile.introduction)


@pytest.mark.long
async def test_of_two_hundred_updates_at_once_none_is_lost(storage: SqlStorage) -> None:
    async with storage.write() as tx:
        await tx.users.add(a_user(profile=a_profile(introduction="0")))
    acknowledged = sum(await asyncio.gather(*(count_one_up(storage) for _ in range(200))))
    assert await counted(storage) == acknowledged == 200


def in_two_processes(work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What two processes return that begin together; each is also told whether it is the first or the second."""
    spawning = multiprocessing.get_context("spawn")
    with spawning.Manager() as manager, ProcessPoolExecutor(2, spawning) as pool:
        barrier = manager.Barrier(2)
        futures = [pool.submit(work, which, barrier, *arguments) for which in range(2)]
        return [future.result(timeout=120) for future in futures]


def count_up(_which: int, barrier: Barrier, where: str) -> int:
    return asyncio.run(_count_up(barrier, where))


async def _count_up(barrier: Barrier, where: str) -> int:
    storage = await opened(where)
    barrier.wait(60)
    acknowledged = sum(await asyncio.gather(*(count_one_up(storage) for _ in range(100))))
    await storage.close()
    return acknowledged


@pytest.mark.long
async def test_of_the_updates_of_two_processes_none_is_lost(storage: SqlStorage, database: str) -> None:
    async with storage.write() as tx:
        await tx.users.add(a_user(profile=a_profile(introduction="0")))
    acknowledged = await asyncio.to_thread(in_two_processes, count_up, database)
    assert await counted(storage) == sum(acknowledged) == 200


def paired_differently(which: int, week: int) -> list[Introduction]:
    """All of a week's people in pairs, neighbours for the one and the circle moved on by one for the other."""
    first = 1 + week * PEOPLE
    people = [a_user(first + (position + which) % PEOPLE) for position in range(PEOPLE)]
    return [
        an_introduction(one, other, a_week(week + 1), id=IntroductionId(numbered("mh", 1_000 * which + one_id)))
        for one_id, (one, other) in enumerate(zip(people[::2], people[1::2], strict=True), start=first)
    ]


def publish(which: int, barrier: Barrier, where: str) -> list[str]:
    return asyncio.run(_publish(which, barrier, where))


async def _publish(which: int, barrier: Barrier, where: str) -> list[str]:
    """Publish every week without lease or lock, as the worst of code would: what became of each."""
    storage = await opened(where)
    outcomes = []
    for week in range(WEEKS):
        made = paired_differently(which, week)
        await asyncio.to_thread(barrier.wait, 60)
        try:
            async with storage.write() as tx:
                await tx.introductions.add_all(made, {})
                await asyncio.sleep(0.05)
        except YgsError as refused:
            outcomes.append(type(refused).__name__)
        else:
            outcomes.append("published")
    await storage.close()
    return outcomes


async def test_two_processes_that_publish_at_once_introduce_nobody_twice(storage: SqlStorage, database: str) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, 1 + WEEKS * PEOPLE)])
        for week in range(WEEKS):
            await tx.weeks.add(a_week(week + 1))
    outcomes = await asyncio.to_thread(in_two_processes, publish, database)
    for both in zip(*outcomes, strict=True):
        assert "published" in both
        assert set(both) <= {"published", OverCapacity.__name__, Unavailable.__name__}
        assert both.count("published") == 1
    async with storage.transaction() as raw:
        rows = await raw.rows(select(participants.c.week_id, participants.c.user_id))
    async with storage.read() as tx:
        assert [violation async for violation in tx.invariants.violations()] == []
    seats = Counter((row.week_id, row.user_id) for row in rows)
    assert len(seats) == WEEKS * PEOPLE
    assert set(seats.values()) == {1}


async def test_a_slot_beyond_the_capacity_is_refused_by_the_database_itself(storage: SqlStorage) -> None:
    one, other, third = a_user(1), a_user(2), a_user(3)
    async with storage.write() as tx:
        await tx.users.add_all([one, other, third])
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([an_introduction(one, other, a_week())], {})
        await tx.introductions.add_all([an_introduction(other, third, a_week(), 2)], {other.id: 2})
    row = {"week_id": a_week().id, "user_id": one.id, "introduction_id": numbered("mh", 2)}
    for slot, capacity in ((1, 2), (2, 1), (8, 8), (0, 1)):
        with pytest.raises(OverCapacity):
            async with storage.transaction() as raw:
                await raw.run(participants.insert().values(**row, slot=slot, capacity=capacity))


async def test_the_same_pair_twice_is_refused_by_the_database_itself(storage: SqlStorage) -> None:
    one, other = a_user(1), a_user(2)
    async with storage.write() as tx:
        await tx.users.add_all([one, other])
        await tx.weeks.add(a_week(1))
        await tx.weeks.add(a_week(2))
        await tx.introductions.add_all([an_introduction(one, other, a_week(1))], {})
        with pytest.raises(AlreadyIntroduced):
            await tx.introductions.add_all([an_introduction(other, one, a_week(2), 2)], {})


async def test_nobody_leaves_between_the_check_and_the_introduction(storage: SqlStorage) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2)])

    async def leave() -> None:
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(a_user(1).id)).withdraw(at=NOON))

    async with storage.write() as tx:
        assert len(await tx.market.enrolled(capacity=1)) == 2
        leaving = asyncio.create_task(leave())
        await asyncio.sleep(0.2)
        assert not leaving.done()
        # Nor does the one who tries to leave hold up the publication.
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([an_introduction(a_user(1), a_user(2), a_week())], {})
    await leaving
    async with storage.read() as reading:
        assert await reading.users.count_by_status() == {Status.ACTIVE: 1}


async def test_a_command_begun_by_another_between_two_statements_acts_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, acted, looked, begun = await opened(postgres_url), list[str](), asyncio.Event(), asyncio.Event()
    idempotent_requests, me, find = (
        IdempotentRequests(storage, FrozenClock()),
        Actor.signed_in(a_user(1).id, Role.MEMBER),
        SqlIdempotencyRepository.find,
    )

    async def slow(commands: SqlIdempotencyRepository, actor: str, key: str) -> IdempotencyRecord | None:
        found = await find(commands, actor, key)
        if not looked.is_set():
            looked.set()
            await begun.wait()
        return found

    async def act(who: str) -> Reply:
        acted.append(who)
        begun.set()
        # Still at it when the other one goes on.
        await asyncio.sleep(0.3)
        return Reply(201, b"made")

    monkeypatch.setattr(SqlIdempotencyRepository, "find", slow)
    late = asyncio.create_task(idempotent_requests.reply(me, "key-12345", b"POST", lambda: act("late")))
    await looked.wait()
    assert (await idempotent_requests.reply(me, "key-12345", b"POST", lambda: act("early"))).status == 201
    with pytest.raises(StillRunning):
        await late
    assert acted == ["early"]
    await storage.close()
