"""Many members book one slot at the same moment: one gets it, on every database. Members and staff who change the same
consultations at once do not deadlock."""

import asyncio
from collections.abc import Awaitable, Sequence

from tests.support.booking import CROWD, book_at_once, booked
from tests.support.members import Club, signed_in
from ygs.adapters.sql.storage import SqlStorage
from ygs.application.actors import Actor
from ygs.application.consultations.bookings import Consultations
from ygs.application.consultations.staff_consultations import StaffConsultations
from ygs.application.consultations.views import ConsultationCancellation, ConsultationNotes, SlotBooking
from ygs.application.members.review import Decision
from ygs.domain.consultations import CancellationRule
from ygs.domain.errors import Unavailable, YgsError
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_consultation, a_slot, a_user
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.ids import CountingIds

PEOPLE = [a_user(number) for number in range(1, 9)]
CONSULTANT = a_user(90, role=Role.CONSULTANT)
SLOTS = [a_slot(number) for number in range(10, 10 + 2 * len(PEOPLE))]


async def test_of_fifty_members_who_book_one_slot_at_once_one_gets_it(storage: SqlStorage) -> None:
    assert await book_at_once(storage) == {"booked": 1, "SlotTaken": CROWD - 1}
    assert await booked(storage) == 1


async def test_members_and_staff_who_change_the_same_consultations_at_once_never_deadlock(storage: SqlStorage) -> None:
    club = Club(storage)
    await club.add(*PEOPLE, CONSULTANT)
    made = [a_consultation(SLOTS[place], user.id, place + 1) for place, user in enumerate(PEOPLE)]
    async with storage.write() as tx:
        await tx.consultations.add_slots(SLOTS)
        for each in made:
            await tx.consultations.add(each)
    rule = CancellationRule()
    theirs = Consultations(storage, FrozenClock(), CountingIds(100), rule)
    staffs = StaffConsultations(storage, FrozenClock(), CountingIds(200), SEOUL, rule, an_audit_writer(storage))
    staff = signed_in(CONSULTANT)
    acts: list[Awaitable[object]] = []
    for number, each in enumerate(made):
        me = signed_in(PEOPLE[number])
        booking = SlotBooking(slot_id=SLOTS[len(made) + number].id)
        acts += [
            staffs.write_notes(staff, each.id, ConsultationNotes(notes="전화")),
            theirs.move(me, each.id, booking),
            staffs.write_notes(staff, each.id, ConsultationNotes(notes="다시 전화")),
            staffs.move(staff, each.id, SlotBooking(slot_id=SLOTS[len(made) + (number + 1) % len(made)].id)),
            theirs.cancel(me, each.id),
            staffs.cancel(staff, each.id, ConsultationCancellation(reason="상담사가 아픕니다")),
        ]
        if number % 4 == 3:
            acts.append(club.member_review.suspend(Actor.operator(), me.require_id(), Decision(reason="신고")))
    assert await failures(acts) == []


async def failures(acts: Sequence[Awaitable[object]]) -> list[BaseException]:
    """What acts at once failed with, beside refusals by a rule: a deadlock looks like a busy store."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    failed = [each for each in outcomes if isinstance(each, BaseException)]
    return [each for each in failed if isinstance(each, Unavailable) or not isinstance(each, YgsError)]
