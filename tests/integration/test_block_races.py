"""A block and an answer at the same moment: one of them comes first, and nothing is left waiting."""

import asyncio

from tests.support.members import signed_in
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.sql.storage import SqlStorage
from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.application.members.blocks import Blocks, ContactBlock
from ygs.domain.errors import WrongStatus
from ygs.domain.introductions import Answer, Choice, Introduction, IntroductionState
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock

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
        await blocks.block_contact(me, ContactBlock(phone=them.phone))


async def accept(answers: AnswerWriter, introduction: Introduction) -> bool:
    record = audit_entry(Actor.operator(), "introduction.answered", at=NOON, subject=introduction.b)
    try:
        await answers.give(GivenAnswer(introduction.id, introduction.b, YES, record))
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
