"""What staff see of an introduction as one of its members sees it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.support.audit import audited
from tests.support.http import World, populate, served
from ygs.application.actors import Actor
from ygs.domain.errors import Forbidden, NotFound
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction, IntroductionState
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user

CONSULTANT = Actor.signed_in(a_user(90).id, Role.CONSULTANT)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def stored(world: World, state: IntroductionState) -> Introduction:
    """An introduction in that state."""
    async with world.ygs.storage.read() as reading:
        every = [await reading.introductions.get(IntroductionId(each)) for each in world.introductions.values()]
    return next(each for each in every if each.state is state)


async def as_members(world: World, introduction: Introduction) -> list[str]:
    """What staff see of it, for both sides."""
    sides = (introduction.a, introduction.b)
    return [
        (await world.ygs.member_previews.show(CONSULTANT, introduction.id, side)).model_dump_json() for side in sides
    ]


async def test_staff_see_the_very_view_that_the_member_reads(world: World) -> None:
    for state in (IntroductionState.MUTUAL, IntroductionState.NOT_MUTUAL):
        introduction = await stored(world, state)
        mine = await world.ygs.member_introductions.get(Actor.signed_in(introduction.a, Role.MEMBER), introduction.id)
        shown = await world.ygs.member_previews.show(CONSULTANT, introduction.id, introduction.a)
        assert shown.model_dump(exclude={"partner"}) == mine.model_dump(exclude={"partner"})
        assert shown.my_answer is not None


async def test_what_staff_see_is_the_same_whatever_was_answered_while_it_waits(world: World) -> None:
    waiting = await stored(world, IntroductionState.WAITING)
    silent = replace(waiting, answer_of_a=None, answer_of_b=None)
    yes = Answer(choice=Choice.ACCEPT, at=waiting.created_at)
    no = Answer(choice=Choice.DECLINE, at=waiting.created_at, reason=DeclineReason.AGE)
    seen = []
    for answer in (None, yes, no):
        async with world.ygs.storage.write() as tx:
            known = await tx.introductions.get(waiting.id)
            await tx.introductions.save(replace(silent, answer_of_a=answer, version=known.version))
        seen.append(await as_members(world, waiting))
    assert seen[0] == seen[1] == seen[2]


async def test_a_showing_is_on_record_with_both_people_and_changes_nothing(world: World) -> None:
    waiting = await stored(world, IntroductionState.WAITING)
    await world.ygs.member_previews.show(CONSULTANT, waiting.id, waiting.a)
    entry = (await audited(world.ygs.storage))[-1]
    assert entry == ("introduction.previewed", (waiting.a, waiting.b), waiting.id)
    async with world.ygs.storage.read() as reading:
        assert await reading.introductions.get(waiting.id) == waiting


async def test_only_staff_who_were_introduced_to_neither_see_it(world: World) -> None:
    waiting = await stored(world, IntroductionState.WAITING)
    show = world.ygs.member_previews.show
    with pytest.raises(Forbidden):
        await show(Actor.signed_in(waiting.a, Role.MEMBER), waiting.id, waiting.a)
    for reader in (waiting.a, waiting.b):
        for side in (waiting.a, waiting.b):
            with pytest.raises(Forbidden):
                await show(Actor.signed_in(reader, Role.ADMIN), waiting.id, side)
    with pytest.raises(NotFound):
        await show(CONSULTANT, waiting.id, a_user(77).id)
    with pytest.raises(NotFound):
        await show(replace(CONSULTANT, members=frozenset({waiting.a})), waiting.id, waiting.a)
