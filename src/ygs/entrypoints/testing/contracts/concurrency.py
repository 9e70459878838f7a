"""The contract of concurrency: concurrent writers have the same effect as consecutive writers."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

from ygs.application.actors import Actor
from ygs.application.audit.log import AuditLog, audit_entry
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.domain.errors import LeaseLost, PhoneTaken
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Choice, IntroductionState
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_profile, a_user, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.fixtures import stored_introduction, stored_users, stored_week
from ygs.ports.storage import Storage

# More than any pool has connections.
MANY = 60
MANY_PAIRS = 120


class ConcurrencyContract:
    """Concurrent writers lose no update and break no limit."""

    async def test_no_update_is_lost_among_many_at_once(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add(a_user(profile=a_profile(introduction="0")))

        async def count_one_up() -> None:
            async with storage.write() as tx:
                user = await tx.users.get(a_user().id)
                so_far = int(user.profile.introduction)
                await tx.users.save(replace(user, profile=a_profile(introduction=str(so_far + 1))))

        await asyncio.gather(*(count_one_up() for _ in range(MANY)))
        async with storage.read() as reading:
            user = await reading.users.get(a_user().id)
        assert (user.profile.introduction, user.version) == (str(MANY), MANY + 1)

    async def test_a_phone_goes_to_one_of_many_at_once(self, storage: Storage) -> None:
        async def register(number: int) -> None:
            async with storage.write() as tx:
                await tx.users.add(a_user(number, phone="+821055556666"))

        outcomes = await asyncio.gather(*(register(number) for number in range(20)), return_exceptions=True)
        assert sorted(map(type, outcomes), key=str) == sorted([type(None), *[PhoneTaken] * 19], key=str)
        async with storage.read() as tx:
            assert len(await tx.users.page()) == 1

    async def test_a_lease_goes_to_one_of_many_at_once(self, storage: Storage) -> None:
        week = await stored_week(storage)

        async def take() -> MatchWeek:
            async with storage.write() as tx:
                return await tx.weeks.save((await tx.weeks.get(week.id)).leased(at=NOON, seconds=60))

        outcomes = await asyncio.gather(*(take() for _ in range(20)), return_exceptions=True)
        assert [type(each) for each in outcomes].count(LeaseLost) == 19
        async with storage.read() as tx:
            assert (await tx.weeks.get(week.id)).fence == 1

    async def test_both_sides_answering_at_once_are_both_heard(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)

        async def accept(me: UserId) -> None:
            async with storage.write() as tx:
                found = await tx.introductions.get(introduction.id)
                answer = Answer(choice=Choice.ACCEPT, at=NOON + timedelta(hours=1))
                await tx.introductions.save(found.answered(me, answer))

        await asyncio.gather(accept(introduction.a), accept(introduction.b))
        async with storage.read() as tx:
            assert (await tx.introductions.get(introduction.id)).state is IntroductionState.MUTUAL

    async def test_a_whole_week_that_answers_at_once_is_heard_and_on_record_in_one_log(self, storage: Storage) -> None:
        """Each answer locks its introduction and then the head of the log, so no two wait for each other."""
        users = await stored_users(storage, 2 * MANY_PAIRS)
        week = await stored_week(storage)
        couples = zip(users[::2], users[1::2], strict=True)
        pairs = [an_introduction(one, other, week, number) for number, (one, other) in enumerate(couples, 1)]
        async with storage.write() as tx:
            await tx.introductions.add_all(pairs, {})
        # As many processes, each of which stores concurrent answers in one transaction.
        writers = [AnswerWriter(storage, FrozenClock()) for _ in range(4)]
        sides = [(each.id, Actor.signed_in(me, Role.MEMBER)) for each in pairs for me in (each.a, each.b)]
        yes = Answer(choice=Choice.ACCEPT, at=NOON)
        given = [
            GivenAnswer(made, actor, yes, audit_entry(actor, "introduction.answered", at=NOON)) for made, actor in sides
        ]
        await asyncio.gather(*(writer.give(each) for writer, each in zip(cycle(writers), given)))
        async with storage.read() as tx:
            assert (await tx.introductions.count_by_week([week.id]))[week.id].mutual == MANY_PAIRS
            assert (await tx.audit.head()).number == len(sides)
        assert await AuditLog(storage, FrozenClock()).verify(Actor.operator()) == []
