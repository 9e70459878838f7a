"""The contracts of introductions and feedback."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ygs.domain.errors import AlreadyGiven, AlreadyIntroduced, Conflict, NotFound, OverCapacity, StaleWrite
from ygs.domain.ids import FeedbackId, IntroductionId, UserId, WeekId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction, IntroductionOrigin, IntroductionState
from ygs.entrypoints.testing.builders import a_feedback, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_introduction, stored_users, stored_week
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.repositories.introductions import IntroductionCounts
from ygs.ports.storage import Storage

NO_INTRODUCTION = IntroductionId(numbered("mh", 0))
NOBODY = UserId(numbered("usr", 0))
AN_HOUR = timedelta(hours=1)
ACCEPTED = Answer(choice=Choice.ACCEPT, at=NOON + AN_HOUR)
DECLINED = Answer(
    choice=Choice.DECLINE, at=NOON + timedelta(microseconds=1), reason=DeclineReason.DISTANCE, words="너무 멀어요"
)


def a_full_introduction(introduction: Introduction) -> Introduction:
    """The introduction with a value other than the default in every field that can change."""
    return replace(
        introduction,
        origin=IntroductionOrigin.STAFF,
        state=IntroductionState.NOT_MUTUAL,
        answer_of_a=ACCEPTED,
        answer_of_b=DECLINED,
        decided_at=NOON + AN_HOUR,
        met=False,
    )


class IntroductionContract:
    """Every promise of `IntroductionRepository` but feedback."""

    async def test_introductions_come_back_as_they_were_with_version_1(self, storage: Storage) -> None:
        one, two, three, four = await stored_users(storage, 4)
        week = await stored_week(storage)
        plain = an_introduction(one, two, week, 1, proof_of_a=(), proof_of_b=())
        rich = a_full_introduction(an_introduction(three, four, week, 2, a_to_b=10_000, b_to_a=0, mutual=0))
        async with storage.write() as tx:
            await tx.introductions.add_all([plain, rich], {})
        async with storage.read() as tx:
            assert await tx.introductions.get(plain.id) == replace(plain, version=1)
            assert await tx.introductions.get(rich.id) == replace(rich, version=1)

    async def test_a_changed_introduction_comes_back_as_it_was_with_the_next_version(self, storage: Storage) -> None:
        changed = a_full_introduction(await stored_introduction(storage))
        async with storage.write() as tx:
            assert await tx.introductions.save(changed) == replace(changed, version=2)
        async with storage.write() as tx:
            assert await tx.introductions.get(changed.id) == replace(changed, version=2)
            await tx.introductions.save_all([replace(changed, met=True, version=2)])
        async with storage.read() as tx:
            assert await tx.introductions.get(changed.id) == replace(changed, met=True, version=3)

    async def test_no_introduction_is_not_found(self, storage: Storage) -> None:
        async with storage.read() as tx:
            with pytest.raises(NotFound):
                await tx.introductions.get(NO_INTRODUCTION)
            assert await tx.introductions.of_user(NOBODY) == []
            assert await tx.introductions.by_ids([NO_INTRODUCTION]) == []
            assert await tx.introductions.of_week(WeekId(numbered("mw", 0))) == []
            none = WeekId(numbered("mw", 0))
            assert await tx.introductions.count_by_week([none]) == {none: IntroductionCounts()}
            assert await tx.introductions.count_by_week([]) == {}
            assert await tx.introductions.feedback_on(NO_INTRODUCTION) == []

    async def test_a_pair_is_introduced_at_most_once_ever(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        later = await stored_week(storage, 2)
        again = an_introduction(a_user(2), a_user(1), later, 2)
        with pytest.raises(AlreadyIntroduced):
            async with storage.write() as tx:
                await tx.introductions.add_all([again], {})
        async with storage.read() as tx:
            assert await tx.introductions.have_met(introduction.b, introduction.a)
            assert await tx.introductions.have_met(introduction.a, introduction.b)
            assert await tx.introductions.of_user(introduction.a) == [introduction]
            assert await tx.introductions.by_ids([NO_INTRODUCTION, introduction.id]) == [introduction]

    async def test_a_pair_is_not_introduced_twice_in_one_week_either(self, storage: Storage) -> None:
        one, other = await stored_users(storage, 2)
        week = await stored_week(storage)
        twice = [an_introduction(one, other, week, number) for number in (1, 2)]
        with pytest.raises(AlreadyIntroduced):
            async with storage.write() as tx:
                await tx.introductions.add_all(twice, {one.id: 2, other.id: 2})
        async with storage.read() as tx:
            assert not await tx.introductions.have_met(one.id, other.id)

    async def test_of_a_weeks_introductions_all_are_stored_or_none(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        async with storage.write() as tx:
            await tx.users.add_all([a_user(3), a_user(4)])
            later = a_week(2)
            await tx.weeks.add(later)
        new = an_introduction(a_user(3), a_user(4), later, 2)
        with pytest.raises(AlreadyIntroduced):
            async with storage.write() as tx:
                await tx.introductions.add_all([new, an_introduction(a_user(1), a_user(2), later, 3)], {})
        async with storage.write() as tx:
            assert await tx.introductions.of_week(later.id) == []
            await tx.introductions.add_all([], {})
            await tx.introductions.add_all([new], {})
            assert await tx.introductions.of_user(introduction.a) == [introduction]

    async def test_a_person_is_in_one_introduction_a_week_on_whichever_side(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        week = await stored_week(storage)
        middle_is_b = an_introduction(one, two, week, 1)
        middle_is_a = an_introduction(two, three, week, 2)
        with pytest.raises(OverCapacity):
            async with storage.write() as tx:
                await tx.introductions.add_all([middle_is_b, middle_is_a], {})
        async with storage.write() as tx:
            await tx.introductions.add_all([middle_is_b], {})
        with pytest.raises(OverCapacity):
            async with storage.write() as tx:
                await tx.introductions.add_all([middle_is_a], {})
        async with storage.read() as tx:
            assert [each.id for each in await tx.introductions.of_week(week.id)] == [middle_is_b.id]

    async def test_capacity_is_each_persons_own_and_for_each_week(self, storage: Storage) -> None:
        one, two, three, four = await stored_users(storage, 4)
        week = await stored_week(storage, 1)
        later = await stored_week(storage, 2)
        async with storage.write() as tx:
            both = [an_introduction(one, two, week, 1), an_introduction(one, three, week, 2)]
            await tx.introductions.add_all(both, {one.id: 2})
        with pytest.raises(OverCapacity):
            async with storage.write() as tx:
                await tx.introductions.add_all([an_introduction(one, four, week, 3)], {one.id: 2})
        async with storage.write() as tx:
            await tx.introductions.add_all([an_introduction(one, four, later, 4)], {})
        async with storage.read() as tx:
            assert len(await tx.introductions.of_user(one.id)) == 3

    async def test_two_workers_at_once_do_not_introduce_a_person_twice(self, storage: Storage) -> None:
        one, *others = await stored_users(storage, 11)
        week = await stored_week(storage)

        async def introduce(number: int) -> None:
            async with storage.write() as tx:
                await tx.introductions.add_all([an_introduction(one, others[number], week, number)], {})

        outcomes = await asyncio.gather(*(introduce(number) for number in range(10)), return_exceptions=True)
        assert [type(each) for each in outcomes].count(OverCapacity) == 9
        async with storage.read() as tx:
            assert len(await tx.introductions.of_week(week.id)) == 1

    async def test_introductions_join_known_people_in_a_known_week(self, storage: Storage) -> None:
        one, other = await stored_users(storage, 2)
        week = await stored_week(storage)
        for unknown in (an_introduction(one, a_user(3), week, 1), an_introduction(one, other, a_week(2), 1)):
            with pytest.raises(Conflict):
                async with storage.write() as tx:
                    await tx.introductions.add_all([unknown], {})

    async def test_who_left_stays_in_the_history(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(introduction.b)).withdraw(at=NOON))
        async with storage.read() as tx:
            assert await tx.introductions.of_user(introduction.a) == [introduction]
            assert await tx.introductions.have_met(introduction.a, introduction.b)

    async def test_the_second_of_two_who_change_an_introduction_is_told(self, storage: Storage) -> None:
        read_by_both = await stored_introduction(storage)
        async with storage.write() as tx:
            await tx.introductions.save(read_by_both.answered(read_by_both.a, ACCEPTED))
        for save in ("save", "save_all"):
            late = read_by_both.answered(read_by_both.b, DECLINED)
            with pytest.raises(StaleWrite):
                async with storage.write() as tx:
                    await (tx.introductions.save(late) if save == "save" else tx.introductions.save_all([late]))
        async with storage.read() as tx:
            assert (await tx.introductions.get(read_by_both.id)).answer_of_b is None

    async def test_of_many_changed_introductions_all_are_stored_or_none(self, storage: Storage) -> None:
        one, two, three, four = await stored_users(storage, 4)
        week = await stored_week(storage)
        new = [an_introduction(one, two, week, 1), an_introduction(three, four, week, 2)]
        async with storage.write() as tx:
            await tx.introductions.add_all(new, {})
            first, second = await tx.introductions.of_week(week.id)
            await tx.introductions.save(replace(second, met=True))
        with pytest.raises(StaleWrite):
            async with storage.write() as tx:
                await tx.introductions.save_all([replace(first, met=True), second])
        async with storage.read() as tx:
            assert await tx.introductions.get(first.id) == first

    async def test_a_weeks_introductions_come_in_pages_and_a_users_latest_first(self, storage: Storage) -> None:
        one, *others = await stored_users(storage, 6)
        week = await stored_week(storage, 1)
        later = await stored_week(storage, 2)
        this_week = [an_introduction(one, other, week, number) for number, other in enumerate(others[:4], start=1)]
        next_week = an_introduction(one, others[4], later, 9)
        async with storage.write() as tx:
            await tx.introductions.add_all([*reversed(this_week), next_week], {one.id: 4})
        async with storage.read() as tx:
            first = await tx.introductions.of_week(week.id, limit=3)
            rest = await tx.introductions.of_week(week.id, after=first[-1].id, limit=3)
            assert [each.id for each in (*first, *rest)] == [each.id for each in this_week]
            assert await tx.introductions.of_week(week.id, after=rest[-1].id) == []
            latest_first = [next_week, *reversed(this_week)]
            assert [each.id for each in await tx.introductions.of_user(one.id)] == [each.id for each in latest_first]
            assert [each.id for each in await tx.introductions.of_user(others[0].id)] == [this_week[0].id]

    async def test_everybody_who_was_introduced_in_some_weeks_is_named_once(self, storage: Storage) -> None:
        people = await stored_users(storage, 5)
        first, second, third = [await stored_week(storage, number) for number in (1, 2, 3)]
        cancelled = an_introduction(people[0], people[2], second, 2, state=IntroductionState.CANCELLED)
        of_third = an_introduction(people[3], people[4], third, 3)
        async with storage.write() as tx:
            await tx.introductions.add_all([an_introduction(people[0], people[1], first, 1)], {})
            await tx.introductions.add_all([cancelled], {})
            await tx.introductions.add_all([of_third], {})
        async with storage.read() as reading:
            assert await reading.introductions.people_of([first.id, second.id]) == {each.id for each in people[:3]}
            assert await reading.introductions.people_of([]) == frozenset()

    async def test_a_weeks_introductions_are_counted_by_how_they_stand(self, storage: Storage) -> None:
        one, *others = await stored_users(storage, 8)
        week = await stored_week(storage, 1)
        later = await stored_week(storage, 2)
        states: list[dict[str, Any]] = [
            {},
            {},
            {"state": IntroductionState.MUTUAL, "met": True},
            {"state": IntroductionState.MUTUAL, "met": False},
            {"state": IntroductionState.NOT_MUTUAL},
            {"state": IntroductionState.EXPIRED},
        ]
        new = [
            an_introduction(one, other, week, number, **state)
            for number, (other, state) in enumerate(zip(others, states, strict=False))
        ]
        cancelled = an_introduction(one, others[6], later, 9, state=IntroductionState.CANCELLED)
        async with storage.write() as tx:
            await tx.introductions.add_all([*new, cancelled], {one.id: 7})
        async with storage.read() as tx:
            counts = (await tx.introductions.count_by_week([week.id]))[week.id]
            assert counts == IntroductionCounts(waiting=2, mutual=2, not_mutual=1, expired=1, met=1)
            both = await tx.introductions.count_by_week([week.id, later.id])
            assert both == {week.id: counts, later.id: IntroductionCounts(cancelled=1)}


class FeedbackContract:
    """Feedback, once for each side."""

    async def test_feedback_comes_back_as_it_was_ascending(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        good = a_feedback(introduction, introduction.a, 2)
        never_met = a_feedback(
            introduction, introduction.b, 1, met=False, again=None, rating=None, reasons=frozenset(), words=""
        )
        async with storage.write() as tx:
            await tx.introductions.add_feedbacks([good, never_met])
        async with storage.read() as tx:
            assert await tx.introductions.feedback_on(introduction.id) == [never_met, good]
            assert await tx.introductions.feedback_by(introduction.a, [introduction.id, NO_INTRODUCTION]) == [good]
            assert await tx.introductions.feedback_by(introduction.b, [introduction.id]) == [never_met]
            assert await tx.introductions.feedback_by(introduction.a, [NO_INTRODUCTION]) == []
            assert await tx.introductions.feedback_by(introduction.a, []) == []

    async def test_each_side_tells_once(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        first = a_feedback(introduction, introduction.a, 1)
        async with storage.write() as tx:
            await tx.introductions.add_feedback(first)
        again = a_feedback(introduction, introduction.a, 2)
        other = a_feedback(introduction, introduction.b, 3)
        for feedbacks in ([again], [other, again], [other, replace(other, id=FeedbackId(numbered("mf", 4)))]):
            with pytest.raises(AlreadyGiven):
                async with storage.write() as tx:
                    await tx.introductions.add_feedbacks(feedbacks)
        async with storage.write() as tx:
            assert await tx.introductions.feedback_on(introduction.id) == [first]
            await tx.introductions.add_feedbacks([])
            await tx.introductions.add_feedback(other)
        async with storage.read() as tx:
            assert await tx.introductions.feedback_on(introduction.id) == [first, other]

    async def test_feedback_is_on_a_known_introduction(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        unknown = replace(a_feedback(introduction, introduction.a), introduction_id=NO_INTRODUCTION)
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.introductions.add_feedback(unknown)
