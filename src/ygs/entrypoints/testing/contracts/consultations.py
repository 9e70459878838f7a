"""The contract of consultants' slots, the consultations in them, and the hours at which consultants work."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from ygs.domain.consultations import CalendarEntry, CalendarFeed, Consultation, ConsultationState, Slot
from ygs.domain.consulting_hours import ClosedDay, Hours, WorkingHours
from ygs.domain.errors import Conflict, NotFound, SlotOverlap, SlotTaken, StaleWrite
from ygs.domain.ids import ConsultationId, SlotId
from ygs.domain.users import User
from ygs.domain.week_schedule import Weekday
from ygs.entrypoints.testing.builders import a_consultation, a_slot, a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_users
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = NOON + 100 * DAY
# More than any pool has connections.
CROWD = 50


async def _booked(storage: Storage, *slots: Slot) -> list[Consultation]:
    """These slots, each booked by a user of its own."""
    users = await stored_users(storage, len(slots))
    async with storage.write() as tx:
        await tx.consultations.add_slots(slots)
        return [
            await tx.consultations.add(a_consultation(slot, user.id, number))
            for number, (slot, user) in enumerate(zip(slots, users, strict=True), start=1)
        ]


def _listed(consultation: Consultation) -> Consultation:
    return replace(consultation, notes="", questions=(), questions_at=None)


class ConsultationContract:
    """Every promise of `ConsultationRepository`."""

    async def test_slots_and_consultations_come_back_as_they_were_stored(self, storage: Storage) -> None:
        (stored,) = await _booked(storage, a_slot())
        assert stored == a_consultation(a_slot(), stored.member, version=1)
        done = replace(stored, state=ConsultationState.DONE, notes="", questions=(), questions_at=None)
        async with storage.write() as tx:
            assert await tx.consultations.slot(a_slot().id) == a_slot()
            assert await tx.consultations.get(stored.id) == stored
            assert await tx.consultations.save(done) == replace(done, version=2)
        async with storage.read() as tx:
            assert await tx.consultations.get(stored.id) == replace(done, version=2)

    async def test_what_is_not_there_is_not_found(self, storage: Storage) -> None:
        async with storage.read() as tx:
            with pytest.raises(NotFound):
                await tx.consultations.slot(SlotId(numbered("csl", 9)))
            with pytest.raises(NotFound):
                await tx.consultations.get(ConsultationId(numbered("cs", 9)))

    async def test_slots_of_one_consultant_never_overlap(self, storage: Storage) -> None:
        first = a_slot(1)
        quarter = timedelta(minutes=15)
        colliding = [
            a_slot(number, starts_at=first.starts_at + shift, ends_at=first.starts_at + shift + length)
            for number, (shift, length) in enumerate(
                [(timedelta(), HOUR), (3 * quarter, HOUR), (-quarter, 2 * quarter), (quarter, quarter)], start=2
            )
        ]
        after = a_slot(8, starts_at=first.ends_at, ends_at=first.ends_at + HOUR)
        elsewhere = replace(first, id=a_slot(9).id, consultant=a_user(91).id)
        async with storage.write() as tx:
            await tx.consultations.add_slots([first])
            for each in colliding:
                with pytest.raises(SlotOverlap):
                    await tx.consultations.add_slots([a_slot(7), each])
            with pytest.raises(SlotOverlap):
                await tx.consultations.add_slots([a_slot(7), replace(a_slot(7), id=a_slot(6).id)])
            await tx.consultations.add_slots([after, elsewhere])
        async with storage.read() as reading:
            found = await reading.consultations.slots_between(first.consultant, NOON, LATER)
            every = await reading.consultations.slots_between(None, NOON, LATER)
        assert found == [first, after]
        assert len(every) == 3

    async def test_a_closed_slot_leaves_its_time_to_others(self, storage: Storage) -> None:
        again = replace(a_slot(1), id=a_slot(2).id)
        async with storage.write() as tx:
            await tx.consultations.add_slots([a_slot(1)])
            await tx.consultations.close_slots([a_slot(1).id])
            await tx.consultations.add_slots([again])
            assert (await tx.consultations.slot(a_slot(1).id)).closed
            assert await tx.consultations.free_slots(NOON) == [again]

    async def test_a_slot_is_booked_once_until_that_is_cancelled(self, storage: Storage) -> None:
        (stored,) = await _booked(storage, a_slot())
        second = a_consultation(a_slot(), stored.member, 2)
        async with storage.write() as tx:
            with pytest.raises(SlotTaken):
                await tx.consultations.add(second)
            await tx.consultations.save(replace(stored, state=ConsultationState.CANCELLED))
            await tx.consultations.add(second)
            with pytest.raises(SlotTaken):
                await tx.consultations.save(replace(stored, version=2))

    async def test_a_consultation_that_moves_frees_its_slot(self, storage: Storage) -> None:
        one, other = await _booked(storage, a_slot(1), a_slot(2))
        free = a_slot(3)
        async with storage.write() as tx:
            await tx.consultations.add_slots([free])
            with pytest.raises(SlotTaken):
                await tx.consultations.save(replace(one, slot_id=other.slot_id))
            await tx.consultations.save(replace(one, slot_id=free.id))
            await tx.consultations.save(replace(other, slot_id=one.slot_id))
            assert await tx.consultations.free_slots(NOON) == [a_slot(2)]

    async def test_unknown_slots_and_members_are_a_conflict(self, storage: Storage) -> None:
        (stored,) = await _booked(storage, a_slot())
        async with storage.write() as tx:
            await tx.consultations.add_slots([a_slot(2)])
            for wrong in (a_consultation(a_slot(8), stored.member, 8), a_consultation(a_slot(2), a_user(77).id, 8)):
                with pytest.raises(Conflict):
                    await tx.consultations.add(wrong)

    async def test_an_older_version_of_a_consultation_is_refused(self, storage: Storage) -> None:
        (stored,) = await _booked(storage, a_slot())
        async with storage.write() as tx:
            await tx.consultations.save(stored)
            with pytest.raises(StaleWrite):
                await tx.consultations.save(stored)

    async def test_of_a_crowd_that_books_one_slot_at_once_one_gets_it(self, storage: Storage) -> None:
        users = await stored_users(storage, CROWD)
        async with storage.write() as tx:
            await tx.consultations.add_slots([a_slot()])

        async def book(number: int, user: User) -> None:
            async with storage.write() as tx:
                await tx.consultations.add(a_consultation(a_slot(), user.id, number))

        booking = (book(number, user) for number, user in enumerate(users, start=1))
        outcomes = await asyncio.gather(*booking, return_exceptions=True)
        assert sorted(map(type, outcomes), key=str) == sorted([type(None), *[SlotTaken] * (CROWD - 1)], key=str)
        async with storage.read() as reading:
            assert await reading.consultations.count_between(NOON, LATER) == {ConsultationState.BOOKED: 1}

    async def test_of_two_slots_opened_at_once_for_one_time_one_is_opened(self, storage: Storage) -> None:
        async def open_slot(number: int) -> None:
            async with storage.write() as tx:
                await tx.consultations.add_slots([replace(a_slot(1), id=a_slot(number).id)])

        outcomes = await asyncio.gather(*(open_slot(number) for number in range(1, 9)), return_exceptions=True)
        assert sorted(map(type, outcomes), key=str) == sorted([type(None), *[SlotOverlap] * 7], key=str)

    async def test_free_slots_come_in_pages_by_their_time(self, storage: Storage) -> None:
        (_, cancelled) = await _booked(storage, a_slot(2), a_slot(4))
        by_time = [replace(a_slot(number), id=a_slot(20 - number).id) for number in (5, 6, 7)]
        async with storage.write() as tx:
            await tx.consultations.add_slots([a_slot(1, starts_at=NOON), *by_time])
            await tx.consultations.add_slots([replace(a_slot(3), consultant=a_user(91).id)])
            await tx.consultations.close_slots([by_time[1].id])
            await tx.consultations.save(replace(cancelled, state=ConsultationState.CANCELLED))
        async with storage.read() as tx:
            every = await tx.consultations.free_slots(NOON)
            first = await tx.consultations.free_slots(NOON, limit=2)
            rest = await tx.consultations.free_slots(NOON, after=first[-1].id)
            theirs = await tx.consultations.free_slots(NOON, consultant=a_user(90).id)
            others = await tx.consultations.free_slots(NOON, but=a_user(91).id, limit=2)
            none = await tx.consultations.free_slots(NOON, after=SlotId(numbered("csl", 99)))
        assert [each.starts_at for each in every] == [NOON + number * DAY for number in (3, 4, 5, 7)]
        assert [*first, *rest] == every
        assert theirs == every[1:]
        assert others == every[1:3]
        assert none == []

    async def test_a_calendar_shows_slots_with_what_takes_them(self, storage: Storage) -> None:
        one, other = await _booked(storage, a_slot(1), a_slot(2))
        free = a_slot(3)
        async with storage.write() as tx:
            await tx.consultations.add_slots([free, replace(a_slot(4), consultant=a_user(91).id)])
            cancelled = await tx.consultations.save(replace(other, state=ConsultationState.CANCELLED))
        async with storage.read() as tx:
            whole = await tx.consultations.calendar(NOON + DAY, LATER, consultant=a_user(90).id)
            page = await tx.consultations.calendar(NOON + DAY, NOON + 3 * DAY, after=a_slot(1).id, limit=1)
            everybody = await tx.consultations.calendar(NOON, LATER)
        booked = CalendarEntry(slot=a_slot(1), consultation=_listed(one))
        assert cancelled.version == 2
        assert whole == [booked, CalendarEntry(slot=a_slot(2)), CalendarEntry(slot=free)]
        assert page == [CalendarEntry(slot=a_slot(2))]
        assert len(everybody) == 4

    async def test_a_member_finds_their_consultations_the_latest_first(self, storage: Storage) -> None:
        one, other = await _booked(storage, a_slot(1), a_slot(2))
        async with storage.write() as tx:
            await tx.consultations.add_slots([a_slot(3)])
            later = await tx.consultations.add(a_consultation(a_slot(3), one.member, 3))
        async with storage.read() as tx:
            assert await tx.consultations.of_member(one.member) == [_listed(later), _listed(one)]
            assert await tx.consultations.of_member(one.member, limit=1) == [_listed(later)]
            assert await tx.consultations.of_member(one.member, after=later.id) == [_listed(one)]
            assert await tx.consultations.of_member(other.member) == [_listed(other)]

    async def test_what_is_booked_is_found_by_either_side_and_by_time(self, storage: Storage) -> None:
        one, other, third = await _booked(storage, a_slot(1), a_slot(2), a_slot(3))
        async with storage.write() as tx:
            done = await tx.consultations.save(replace(third, state=ConsultationState.DONE))
            assert await tx.consultations.booked_of(one.member, NOON) == [one]
            assert await tx.consultations.booked_of(one.member, one.starts_at) == []
            assert await tx.consultations.booked_of(one.consultant, NOON) == [one, other]
            assert await tx.consultations.booked_of(done.member, NOON) == []
            between = tx.consultations.booked_between
            assert await between(one.starts_at, other.starts_at) == [one]
            assert await between(NOON, LATER, after=one.id) == [other]
            assert await between(NOON, LATER, limit=1) == [one]
            counts = await tx.consultations.count_between(other.starts_at, LATER)
        assert counts == {ConsultationState.BOOKED: 1, ConsultationState.DONE: 1}

    async def test_consultations_of_a_period_come_in_pages_whatever_became_of_them(self, storage: Storage) -> None:
        slots = [a_slot(number) for number in range(1, 5)]
        booked = await _booked(storage, *slots)
        async with storage.write() as tx:
            booked[1] = await tx.consultations.save(booked[1].cancel(at=NOON))
        listed = [_listed(each) for each in booked]
        async with storage.read() as reading:
            consultations = reading.consultations
            assert list(await consultations.all_between(slots[1].starts_at, slots[3].starts_at)) == listed[1:3]
            assert list(await consultations.all_between(None, None, limit=3)) == listed[:3]
            assert list(await consultations.all_between(None, None, after=listed[2].id)) == listed[3:]

    async def test_slots_that_nobody_booked_are_purged(self, storage: Storage) -> None:
        (booked,) = await _booked(storage, a_slot(1))
        async with storage.write() as tx:
            await tx.consultations.add_slots([a_slot(2), a_slot(3)])
            assert await tx.consultations.purge(a_slot(3).ends_at) == 1
            assert await tx.consultations.purge(a_slot(3).ends_at) == 0
            await tx.consultations.add_slots([a_slot(2)])
            assert await tx.consultations.get(booked.id) == booked


class ConsultingHoursContract:
    """Every promise of `ConsultingHoursRepository`."""

    async def test_working_hours_come_back_and_two_editors_do_not_overwrite_each_other(self, storage: Storage) -> None:
        (user,) = await stored_users(storage, 1)
        days = {
            Weekday.MONDAY: (Hours(time(10), time(12)), Hours(time(13, 30), time(19))),
            Weekday.SATURDAY: (Hours(time(9), time(13)),),
        }
        told = WorkingHours(consultant=user.id, days=days)
        async with storage.write() as tx:
            assert await tx.consulting_hours.working_hours(user.id) == WorkingHours(consultant=user.id)
            first = await tx.consulting_hours.keep_working_hours(told)
            assert first == replace(told, version=1)
            for stale in (told, replace(told, version=2)):
                with pytest.raises(StaleWrite):
                    await tx.consulting_hours.keep_working_hours(stale)
            await tx.consulting_hours.keep_working_hours(replace(first, days={}))
            assert await tx.consulting_hours.working_hours(user.id) == WorkingHours(consultant=user.id, version=2)
            with pytest.raises(Conflict):
                await tx.consulting_hours.keep_working_hours(WorkingHours(consultant=a_user(77).id))

    async def test_closed_days_are_replaced_by_date(self, storage: Storage) -> None:
        new_year = ClosedDay(date(2027, 1, 1), "신정")
        seollal = ClosedDay(date(2027, 2, 7), "설날")
        async with storage.write() as tx:
            await tx.consulting_hours.close_days([seollal, ClosedDay(new_year.day, "쉬는 날")])
            await tx.consulting_hours.close_days([new_year])
            await tx.consulting_hours.close_days([])
        async with storage.write() as tx:
            assert await tx.consulting_hours.closed_days(new_year.day, seollal.day) == [new_year, seollal]
            assert await tx.consulting_hours.closed_days(new_year.day + DAY, date(2027, 2, 6)) == []
            assert await tx.consulting_hours.open_day(new_year.day)
            assert not await tx.consulting_hours.open_day(new_year.day)
            assert await tx.consulting_hours.closed_days(date(2027, 1, 1), date(2027, 12, 31)) == [seollal]

    async def test_a_consultant_has_one_feed(self, storage: Storage) -> None:
        (user,) = await stored_users(storage, 1)
        at = datetime(2026, 12, 1, tzinfo=UTC)
        first = CalendarFeed(consultant=user.id, digest="a" * 64, created_at=at)
        second = replace(first, digest="b" * 64)
        async with storage.write() as tx:
            assert await tx.consulting_hours.feed_of(user.id) is None
            await tx.consulting_hours.keep_feed(first)
            await tx.consulting_hours.keep_feed(second)
            assert await tx.consulting_hours.feed_of(user.id) == second
            assert await tx.consulting_hours.find_feed(first.digest) is None
            assert await tx.consulting_hours.find_feed(second.digest) == second
            assert await tx.consulting_hours.remove_feed(user.id)
            assert not await tx.consulting_hours.remove_feed(user.id)
            assert await tx.consulting_hours.find_feed(second.digest) is None
            with pytest.raises(Conflict):
                await tx.consulting_hours.keep_feed(replace(first, consultant=a_user(77).id))
