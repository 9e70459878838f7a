"""Answers that come at once are stored together, and what is in the way of one is nobody else's."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence

import pytest

from tests.unit.test_group_commit import GatedStorage, an_entry
from ygs.adapters.memory.introductions import MemoryIntroductionRepository
from ygs.application.actors import Actor
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.domain.errors import AlreadyDecided, DeadlinePassed, NotFound, Unavailable
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction, IntroductionState
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock

PAIRS = 5
WEEK = a_week()
USERS = [a_user(number) for number in range(1, 2 * PAIRS + 1)]
MADE = [an_introduction(USERS[2 * n], USERS[2 * n + 1], WEEK, n + 1) for n in range(PAIRS)]
FIRST = MADE[0]
YES = Answer(choice=Choice.ACCEPT, at=NOON)
NO = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.AGE)


@pytest.fixture
async def storage() -> GatedStorage:
    """With introductions, and its gate shut."""
    storage = GatedStorage()
    async with storage.inner.write() as tx:
        await tx.users.add_all(USERS)
        await tx.weeks.add(WEEK)
        await tx.introductions.add_all(MADE, {})
    return storage


@pytest.fixture
async def answers(storage: GatedStorage) -> AnswerWriter:
    return AnswerWriter(storage, FrozenClock())  # type: ignore[arg-type]


def given(to: Introduction, by: UserId, answer: Answer = YES) -> GivenAnswer:
    return GivenAnswer(to.id, Actor.signed_in(by, Role.MEMBER), answer, an_entry(f"{to.id} {by}"))


async def asked(answers: AnswerWriter, every: Iterable[GivenAnswer]) -> list[asyncio.Task[Introduction]]:
    """All of them wait: the first is on its way, and the others come meanwhile."""
    tasks = [asyncio.create_task(answers.give(each)) for each in every]
    await asyncio.sleep(0)
    return tasks


async def told(waiting: Sequence[Awaitable[Introduction]]) -> list[object]:
    """How each was heard, or the kind of its refusal."""
    replies = await asyncio.gather(*waiting, return_exceptions=True)
    return [type(reply) if isinstance(reply, BaseException) else reply.state for reply in replies]


async def stored(storage: GatedStorage, made: Introduction) -> Introduction:
    async with storage.inner.read() as reading:
        return await reading.introductions.get(made.id)


WAITING, MUTUAL = IntroductionState.WAITING, IntroductionState.MUTUAL


async def test_those_who_come_meanwhile_are_stored_in_one_transaction(
    storage: GatedStorage, answers: AnswerWriter
) -> None:
    waiting = []
    for each in MADE:
        waiting += await asked(answers, [given(each, each.a), given(each, each.b)])
        await asyncio.sleep(0)
    storage.gate.set()
    assert await told(waiting) == [WAITING, MUTUAL] * PAIRS
    assert storage.begun == 2
    assert len(await storage.log()) == 2 * PAIRS


async def test_both_sides_at_once_decide_and_hear_of_it_once(storage: GatedStorage, answers: AnswerWriter) -> None:
    both = await asked(answers, [given(FIRST, FIRST.a), given(FIRST, FIRST.b, NO)])
    storage.gate.set()
    assert await told(both) == [WAITING, IntroductionState.NOT_MUTUAL]
    async with storage.inner.read() as reading:
        events = await reading.outbox.pending()
    assert {(event.type, event.user_id) for event in events} == {
        ("introduction.decided", side) for side in (FIRST.a, FIRST.b)
    }
    assert len(events) == 2


async def test_the_same_answer_twice_is_on_record_once_and_the_last_of_two_counts(
    storage: GatedStorage, answers: AnswerWriter
) -> None:
    every = await asked(answers, [given(FIRST, FIRST.a, answer) for answer in (YES, YES, NO)])
    storage.gate.set()
    assert await told(every) == [WAITING] * 3
    assert (await stored(storage, FIRST)).answer_of_a == NO
    assert len(await storage.log()) == 2


async def test_a_refusal_is_only_theirs_whose_answer_it_is(storage: GatedStorage, answers: AnswerWriter) -> None:
    over = an_introduction(USERS[0], USERS[3], WEEK, 98, deadline=NOON)
    async with storage.inner.write() as tx:
        await tx.introductions.add_all([over], {over.a: 2, over.b: 2})
    nowhere = an_introduction(USERS[0], USERS[9], WEEK, 99)
    every = await asked(
        answers,
        [
            given(FIRST, USERS[9].id),
            given(nowhere, USERS[0].id),
            given(over, over.a),
            given(FIRST, FIRST.a),
            given(FIRST, FIRST.b),
            given(FIRST, FIRST.b, NO),
        ],
    )
    storage.gate.set()
    assert await told(every) == [NotFound, NotFound, DeadlinePassed, WAITING, MUTUAL, AlreadyDecided]
    assert storage.begun == 1
    assert await storage.log() == [f"{FIRST.id} {me}" for me in (FIRST.a, FIRST.b)]


async def test_where_storing_together_fails_each_is_stored_alone(
    storage: GatedStorage, answers: AnswerWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody who is leaving holds one of the introductions for longer than a writer waits."""
    get = MemoryIntroductionRepository.get

    async def held(self: MemoryIntroductionRepository, id: IntroductionId) -> Introduction:
        if id == FIRST.id:
            raise Unavailable("somebody holds it")
        return await get(self, id)

    monkeypatch.setattr(MemoryIntroductionRepository, "get", held)
    every = await asked(answers, [given(each, each.a) for each in MADE])
    storage.gate.set()
    assert await told(every) == [Unavailable, *[WAITING] * (PAIRS - 1)]
    assert await storage.log() == [f"{each.id} {each.a}" for each in MADE[1:]]


async def test_all_are_told_when_nothing_can_be_stored_and_the_next_ones_are(
    storage: GatedStorage, answers: AnswerWriter
) -> None:
    storage.refuses = True
    every = await asked(answers, [given(each, each.a) for each in MADE])
    storage.gate.set()
    assert await told(every) == [Unavailable] * PAIRS
    storage.refuses = False
    assert await told([answers.give(given(FIRST, FIRST.a))]) == [WAITING]
    assert len(await storage.log()) == 1


async def test_whoever_goes_away_takes_nobodys_answer_along(storage: GatedStorage, answers: AnswerWriter) -> None:
    first, *rest = await asked(answers, [given(each, each.a) for each in MADE])
    first.cancel()
    storage.gate.set()
    assert await told([first, *rest]) == [asyncio.CancelledError, *[WAITING] * (PAIRS - 1)]
    assert (await stored(storage, MADE[1])).answer_of_a == YES


async def test_introductions_are_locked_in_one_order_whatever_order_the_answers_came_in(
    storage: GatedStorage, answers: AnswerWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = list[IntroductionId]()
    get = MemoryIntroductionRepository.get

    async def noted(self: MemoryIntroductionRepository, id: IntroductionId) -> Introduction:
        locked.append(id)
        return await get(self, id)

    monkeypatch.setattr(MemoryIntroductionRepository, "get", noted)
    storage.gate.set()
    for side in ("a", "b"):
        turned = [given(each, getattr(each, side)) for each in (MADE[3], MADE[1], MADE[4], MADE[0], MADE[2])]
        await asyncio.gather(*(answers.give(each) for each in turned))
        assert locked == sorted(each.id for each in MADE)
        locked.clear()
