"""Whoever left is erased after the retention period: from memory here, from databases in the integration tests."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from ygs.application.accounts.expired_rows import RECOGNISED_FOR
from ygs.application.actors import Actor
from ygs.application.operations.purge import AT_ONCE, Erasure, Retention
from ygs.domain.errors import Forbidden, NotFound
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Choice, DeclineReason
from ygs.entrypoints.testing.builders import a_feedback, a_user
from ygs.entrypoints.testing.clock import NOON

MONTH = Retention(timedelta(days=30))


@pytest.fixture
def club() -> Club:
    return Club()


def erasure(club: Club) -> Erasure:
    return Erasure(club.storage, club.clock, MONTH)


@pytest.mark.parametrize("who", [signed_in(a_user(1)), CONSULTANT])
async def test_only_the_operator_and_administrators_erase(club: Club, who: Actor) -> None:
    with pytest.raises(Forbidden):
        await erasure(club).purge(who)
    assert (await erasure(club).purge(ADMIN)).people == 0


async def test_nobody_is_erased_before_the_retention_period_is_over(club: Club) -> None:
    await club.add(a_user(1), a_user(2), a_user(3))
    await club.members.withdraw(signed_in(a_user(1)))
    club.clock.advance(days=1)
    await club.members.withdraw(signed_in(a_user(2)))
    club.clock.advance(days=29)
    assert (await erasure(club).purge(Actor.operator())).people == 0
    club.clock.advance(seconds=1)
    assert (await erasure(club).purge(Actor.operator())).people == 1
    assert (await erasure(club).purge(Actor.operator())).people == 0
    assert (await club.log())[-1].subject == a_user(1).id
    club.clock.advance(days=2)
    assert (await erasure(club).purge(Actor.operator())).people == 1
    assert (await club.user(a_user(3).id)).name == a_user(3).name


async def test_more_people_than_fit_into_a_batch_all_go_and_progress_is_told(club: Club) -> None:
    count = 2 * AT_ONCE + 1
    await club.add(*(a_user(number) for number in range(1, count + 1)))
    async with club.storage.write() as tx:
        people = [*await tx.users.page(limit=count)]
        await tx.users.save_all([user.withdraw(at=NOON) for user in people])
    club.clock.advance(days=31)
    told: list[tuple[str, int, int]] = []
    purged = await erasure(club).purge(Actor.operator(), lambda *said: told.append(said))
    assert purged.people == count
    assert told == [("erase", done, count) for done in (AT_ONCE, 2 * AT_ONCE, count)]


async def test_a_purge_that_was_stopped_goes_on_when_run_again(club: Club) -> None:
    await club.add(*(a_user(number) for number in range(1, AT_ONCE + 2)))
    async with club.storage.write() as tx:
        await tx.users.save_all([user.withdraw(at=NOON) for user in await tx.users.page(limit=AT_ONCE + 1)])
    club.clock.advance(days=31)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await erasure(club).purge(Actor.operator(), stop)
    assert (await erasure(club).purge(Actor.operator())).people == 1


async def test_the_other_keeps_that_there_was_an_introduction_and_nothing_of_the_erased(club: Club) -> None:
    await club.add(a_user(1), a_user(2))
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    await club.introduce(one, two)
    no = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.AGE, words="김하늘 씨는 나이가")
    async with club.storage.write() as tx:
        (introduction,) = await tx.introductions.of_user(one.id)
        await tx.introductions.save(introduction.answered(one.id, no).answered(two.id, no))
        await tx.introductions.add_feedbacks([a_feedback(introduction, one.id, 1), a_feedback(introduction, two.id, 2)])
        await tx.weeks.keep_snapshot(introduction.week_id, b"snapshot")
    await club.members.withdraw(signed_in(one))
    club.clock.set(NOON + timedelta(days=31))
    assert (await erasure(club).purge(Actor.operator())).weeks == 1
    async with club.storage.read() as tx:
        (kept,) = await tx.introductions.of_user(two.id)
        assert await tx.introductions.have_met(one.id, two.id)
        assert kept.answer_of(one.id) is None
        assert kept.answer_of(two.id) == replace(no, words="")
        assert (kept.proof_of_a, kept.proof_of_b) == ((), ())
        assert (kept.a_to_b, kept.b_to_a, kept.mutual) == (0, 0, 0)
        (told,) = await tx.introductions.feedback_on(kept.id)
        assert (told.by, told.words) == (two.id, "")
        with pytest.raises(NotFound):
            await tx.weeks.snapshot(kept.week_id)
        assert [violation async for violation in tx.invariants.violations()] == []


async def test_the_same_person_may_join_again_and_blocks_stand_as_before(club: Club) -> None:
    await club.add(a_user(1), a_user(2))
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    await club.introduce(one, two)
    await club.blocks.block(signed_in(two), one.id)
    await club.members.withdraw(signed_in(one))
    club.clock.advance(days=31)
    await erasure(club).purge(Actor.operator())
    await club.add(replace(a_user(3), phone=one.phone))
    async with club.storage.read() as tx:
        assert await tx.blocks.asked_by(two.id) == {}
        market = await tx.market.enrolled(capacity=1)
    assert (list(market.ids), list(market.blocked)) == ([two.id, UserId(a_user(3).id)], [1])


async def test_the_same_person_is_never_introduced_again_until_five_years_have_passed(club: Club) -> None:
    await club.add(a_user(1), a_user(2), a_user(4))
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    await club.introduce(one, two)
    left = club.clock.now()
    await club.members.withdraw(signed_in(one))
    club.clock.advance(days=31)
    assert (await erasure(club).purge(Actor.operator())).people == 1
    await club.add(a_user(3, phone=one.phone))
    assert await introduced(club) == {(two.id, a_user(3).id)}
    club.clock.set(left + RECOGNISED_FOR)
    assert (await erasure(club).purge(Actor.operator())).old.kept_pairs == 0
    club.clock.advance(seconds=1)
    assert (await erasure(club).purge(Actor.operator())).old.kept_pairs == 2
    assert await introduced(club) == set()


async def introduced(club: Club) -> set[tuple[str, str]]:
    async with club.storage.read() as tx:
        market = await tx.market.enrolled(capacity=1)
    return {(market.ids[key // len(market)], market.ids[key % len(market)]) for key in market.met}
