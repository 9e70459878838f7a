"""Whether an answer came in time is decided once its introduction is locked: on PostgreSQL by the server's time, which
all services share, elsewhere by the service's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import SystemClock
from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.domain.errors import DeadlinePassed
from ygs.domain.introductions import Answer, Choice, Introduction
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.clock_and_ids import SharedTime


class WrongClock(SharedTime):
    """The clock of a machine that is an hour ahead, or behind."""

    def __init__(self, hours: int) -> None:
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        """The time as this machine has it."""
        return datetime.now(UTC) + self._ahead


async def introduced(storage: SqlStorage, *, seconds: float) -> Introduction:
    """Two people with so many seconds left to answer."""
    one, other, week = a_user(1), a_user(2), a_week()
    deadline = SystemClock().now() + timedelta(seconds=seconds)
    made = an_introduction(one, other, week, 1, deadline=deadline, created_at=NOON - timedelta(days=1))
    async with storage.write() as tx:
        await tx.users.add_all([one, other])
        await tx.weeks.add(week)
        await tx.introductions.add_all([made], {})
    return made


async def answer(storage: SqlStorage, made: Introduction, clock: SystemClock | WrongClock) -> Introduction:
    record = audit_entry(Actor.operator(), "introduction.answered", at=clock.now(), subject=made.a)
    yes = Answer(choice=Choice.ACCEPT, at=clock.now())
    me = Actor.signed_in(made.a, Role.MEMBER)
    return await AnswerWriter(storage, clock).give(GivenAnswer(made.id, me, yes, record))


async def test_an_answer_that_waited_for_its_introduction_beyond_the_deadline_is_too_late(storage: SqlStorage) -> None:
    made = await introduced(storage, seconds=0.5)
    async with storage.write() as tx:
        await tx.introductions.get(made.id)
        waiting = asyncio.create_task(answer(storage, made, SystemClock()))
        await asyncio.sleep(0.7)
        assert not waiting.done()
    with pytest.raises(DeadlinePassed):
        await waiting


@pytest.mark.parametrize("kind", ["postgres"])
@pytest.mark.parametrize("hours", [-1, 1])
async def test_the_servers_time_decides_whatever_a_machine_takes_for_the_time(storage: SqlStorage, hours: int) -> None:
    made = await introduced(storage, seconds=60 if hours > 0 else -60)
    if hours > 0:
        answered = await answer(storage, made, WrongClock(hours))
        assert answered.answer_of_a
        assert answered.answer_of_a.at < made.deadline
    else:
        with pytest.raises(DeadlinePassed):
            await answer(storage, made, WrongClock(hours))
