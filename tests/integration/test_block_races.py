"""A block at the same moment as an answer or an introduction by hand: one comes first, and nothing is left waiting."""

import asyncio
from collections.abc import Sequence

from tests.support.members import signed_in
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.sql.storage import SqlStorage
from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.application.introductions.manual_introductions import ManualIntroduction, ManualIntroductions
from ygs.application.members.blocks import Blocks, ContactBlock
from ygs.domain.errors import RoundRefused, WrongStatus
from ygs.domain.introductions import Answer, Choice, Introduction, IntroductionState
from ygs.domain.match_weeks import WeekState
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.storage import Storage

PAIRS = 12
YES = Answer(choice=Choice.ACCEPT, at=NOON)
PEOPLE = [a_user(number) for number in range(1, 2 * PAIRS + 1)]
MADE = [
    an_introduction(PEOPLE[2 * number], PEOPLE[2 * number + 1], a_week(), number + 1, answer_of_a=YES)
    for number in range(PAIRS)
]


async def block(blocks: Blocks, number: int) -> None:
    me = signed_in(PEOPLE[2 * number])
    them = PEOPLE[2 * number + 1]
    if number % 2:
        await blocks.block(me, them.id)
    else:
        await block_contact(blocks, number)


async def block_contact(blocks: Blocks, number: int) -> None:
    await blocks.block_contact(signed_in(PEOPLE[2 * number]), ContactBlock(phone=PEOPLE[2 * number + 1].phone))


async def accept(answers: AnswerWriter, introduction: Introduction) -> bool:
    record = audit_entry(Actor.operator(), "introduction.answered", at=NOON, subject=introduction.b)
    try:
        await answers.give(GivenAnswer(introduction.id, Actor.signed_in(introduction.b, Role.MEMBER), YES, record))
    except WrongStatus:
        return False
    return True


async def test_a_block_and_an_answer_at_once_leave_nothing_waiting(storage: SqlStorage) -> None:
    blocks = Blocks(storage, FrozenClock(), LibPhones())
    async with storage.write() as tx:
        await tx.users.add_all(PEOPLE)
        await tx.weeks.add(a_week())
        await tx.introductions.add_all(MADE, {})
    # A writer for each, so that they do not share one transaction.
    answered = [accept(AnswerWriter(storage, FrozenClock()), each) for each in MADE]
    blocked = [block(blocks, number) for number in range(PAIRS)]
    accepted, _ = await asyncio.gather(asyncio.gather(*answered), asyncio.gather(*blocked))
    async with storage.read() as reading:
        stored = [await reading.introductions.get(each.id) for each in MADE]
        apart = await reading.blocks.between([user.id for user in PEOPLE])
    expected = [IntroductionState.MUTUAL if told else IntroductionState.CANCELLED for told in accepted]
    assert [each.state for each in stored] == expected
    assert apart == {(each.a, each.b) for each in MADE}


async def introduced(manual: ManualIntroductions, number: int) -> bool:
    """Introduce a pair by hand; whether that came before the block."""
    one, other = PEOPLE[2 * number], PEOPLE[2 * number + 1]
    request = ManualIntroduction(one=one.id, other=other.id, reason="상담에서 두 분이 원하심")
    try:
        await manual.introduce(Actor.operator(), request)
    except RoundRefused:
        return False
    return True


async def race(storage: Storage) -> Sequence[bool]:
    """Half of the blocks are begun before the introduction of the same two, half after; which introductions came
    first."""
    blocks = Blocks(storage, FrozenClock(), LibPhones())
    manual = ManualIntroductions(storage, FrozenClock(), CountingIds(), an_audit_writer(storage))
    async with storage.write() as tx:
        await tx.users.add_all(PEOPLE)
        await tx.weeks.add(a_week(state=WeekState.PUBLISHED, published_at=NOON))
    first = [block_contact(blocks, number) for number in range(PAIRS // 2)]
    made = [introduced(manual, number) for number in range(PAIRS)]
    later = [block_contact(blocks, number) for number in range(PAIRS // 2, PAIRS)]
    _, came_first, _ = await asyncio.gather(asyncio.gather(*first), asyncio.gather(*made), asyncio.gather(*later))
    async with storage.read() as reading:
        stored = [await reading.introductions.of_user(user.id) for user in PEOPLE[::2]]
        apart = await reading.blocks.between([user.id for user in PEOPLE])
    expected = [[IntroductionState.CANCELLED] if first else [] for first in came_first]
    assert [[each.state for each in theirs] for theirs in stored] == expected
    assert len(apart) == PAIRS
    return came_first


async def test_a_block_and_an_introduction_by_hand_at_once_leave_nothing_waiting(storage: SqlStorage) -> None:
    await race(storage)


async def test_in_memory_they_leave_nothing_waiting_either() -> None:
    # There writers take turns as they come.
    assert [*await race(MemoryStorage())] == [False] * (PAIRS // 2) + [True] * (PAIRS // 2)
