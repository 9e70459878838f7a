"""The contract of meetings."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import Conflict, StaleWrite, Unavailable
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import Introduction
from ygs.domain.meetings import Meeting, MeetingSide, MeetingState
from ygs.entrypoints.testing.builders import a_meeting, a_user, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_introduction, stored_users, stored_week
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

HOUR = timedelta(hours=1)


async def _introduced(storage: Storage, count: int) -> list[Introduction]:
    """User 1, introduced to each of so many others."""
    one, *others = await stored_users(storage, count + 1)
    week = await stored_week(storage)
    new = [an_introduction(one, other, week, number) for number, other in enumerate(others, start=1)]
    async with storage.write() as tx:
        await tx.introductions.add_all(new, {one.id: count})
    return new


class MeetingContract:
    """Every promise of `MeetingRepository`."""

    async def test_a_meeting_comes_back_as_it_was_stored(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        full = a_meeting(introduction)
        bare = Meeting(id=full.id, a=full.a, b=full.b, created_at=NOON)
        async with storage.write() as tx:
            assert await tx.meetings.find(introduction.id) is None
            assert await tx.meetings.add(bare) == replace(bare, version=1)
        async with storage.write() as tx:
            assert await tx.meetings.find(introduction.id) == replace(bare, version=1)
            assert await tx.meetings.save(replace(full, version=1)) == replace(full, version=2)
        async with storage.read() as tx:
            assert await tx.meetings.find(introduction.id) == replace(full, version=2)

    async def test_an_introduction_has_one_meeting(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        meeting = a_meeting(introduction)
        unknown = a_meeting(replace(introduction, id=IntroductionId(numbered("mh", 9))))
        async with storage.write() as tx:
            await tx.meetings.add(meeting)
            for wrong in (meeting, unknown):
                with pytest.raises(Conflict):
                    await tx.meetings.add(wrong)

    async def test_an_older_version_is_refused(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        async with storage.write() as tx:
            stored = await tx.meetings.add(a_meeting(introduction))
            await tx.meetings.save(stored)
            with pytest.raises(StaleWrite):
                await tx.meetings.save(stored)

    async def test_of_two_who_change_a_meeting_at_once_neither_is_lost(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        async with storage.write() as tx:
            await tx.meetings.add(Meeting(id=introduction.id, a=introduction.a, b=introduction.b, created_at=NOON))

        async def change(changed: Callable[[Meeting], Meeting]) -> None:
            async with storage.write() as tx:
                meeting = await tx.meetings.find(introduction.id)
                assert meeting
                await tx.meetings.save(changed(meeting))

        accepted = MeetingSide(accepted=True)
        results = await asyncio.gather(
            change(lambda it: replace(it, side_a=accepted)),
            change(lambda it: replace(it, side_b=accepted)),
            return_exceptions=True,
        )
        assert all(each is None or isinstance(each, Unavailable) for each in results), results
        async with storage.read() as reading:
            stored = await reading.meetings.find(introduction.id)
        assert stored
        assert (stored.side_a.accepted, stored.side_b.accepted) == tuple(each is None for each in results)

    async def test_a_users_meetings_come_in_their_order(self, storage: Storage) -> None:
        introductions = await _introduced(storage, 3)
        async with storage.write() as tx:
            for each in reversed(introductions[:2]):
                await tx.meetings.add(a_meeting(each))
        async with storage.read() as tx:
            assert [each.id for each in await tx.meetings.of_user(a_user(1).id)] == [
                each.id for each in introductions[:2]
            ]
            assert [each.id for each in await tx.meetings.of_user(a_user(3).id)] == [introductions[1].id]
            assert await tx.meetings.of_user(a_user(4).id) == []

    async def test_fixed_meetings_are_found_by_their_time(self, storage: Storage) -> None:
        introductions = await _introduced(storage, 4)
        fixed = [a_meeting(each, starts_at=NOON + HOUR * number) for number, each in enumerate(introductions)]
        async with storage.write() as tx:
            for each in (fixed[3], fixed[1], fixed[0], replace(fixed[2], state=MeetingState.PROPOSED)):
                await tx.meetings.add(each)
        first, second, _, last = (each.id for each in fixed)
        async with storage.write() as tx:
            found = await tx.meetings.fixed_between(NOON, NOON + 4 * HOUR)
            assert [each.id for each in found] == [first, second, last]
            assert [each.id for each in await tx.meetings.fixed_between(NOON, NOON + HOUR)] == [first]
            next_one = await tx.meetings.fixed_between(NOON, NOON + 4 * HOUR, after=first, limit=1)
            assert [each.id for each in next_one] == [second]

    async def test_meetings_that_somebody_missed_come_in_their_order(self, storage: Storage) -> None:
        introductions = await _introduced(storage, 3)
        missed = MeetingSide(no_show_at=NOON, no_show_words="오지 않음")
        by_a, nobody, by_b = (a_meeting(each, side_a=MeetingSide(), side_b=MeetingSide()) for each in introductions)
        async with storage.write() as tx:
            for each in (replace(by_b, side_b=missed), nobody, replace(by_a, side_a=missed)):
                await tx.meetings.add(each)
        async with storage.read() as tx:
            assert [each.id for each in await tx.meetings.with_no_show()] == [by_a.id, by_b.id]
            assert [each.id for each in await tx.meetings.with_no_show(limit=1)] == [by_a.id]
            assert [each.id for each in await tx.meetings.with_no_show(after=by_a.id)] == [by_b.id]
