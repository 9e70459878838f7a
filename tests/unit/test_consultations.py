"""Consultations: consultants' slots over changes of the clocks, booking, moving, cancelling, and who may see what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from tests.support.booking import CROWD, book_at_once, booked
from ygs.adapters.calendars import LibraryCalendars
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.adapters.scoring.reference import PlainScorer
from ygs.application.accounts.role_changes import change_role
from ygs.application.actors import Actor
from ygs.application.consultations.bookings import Consultations
from ygs.application.consultations.calendar_feeds import ConsultationCalendars
from ygs.application.consultations.office_hours import OfficeHours
from ygs.application.consultations.prepared_questions import ConsultationQuestions
from ygs.application.consultations.staff_consultations import StaffConsultations
from ygs.application.consultations.views import (
    ClosedDayFields,
    ClosedDaysEdit,
    ConsultationCancellation,
    ConsultationNotes,
    HoursFields,
    PreparedQuestion,
    SeriesOpening,
    SlotBooking,
    SlotBookingFor,
    SlotOpening,
    SlotView,
    WorkingHoursFields,
)
from ygs.application.facts import coded
from ygs.application.members.review import DecidedStatus, decide
from ygs.application.notifications.consultation_reminders import ConsultationReminders
from ygs.application.simulation.club import club
from ygs.domain.consultations import MOST_MOVES, CancellationRule, ConsultationState
from ygs.domain.consulting_hours import local_moment
from ygs.domain.errors import (
    DeadlinePassed,
    Forbidden,
    InvalidFact,
    LimitReached,
    NotFound,
    SlotOverlap,
    SlotTaken,
    Suspended,
    WrongStatus,
)
from ygs.domain.ids import SlotId
from ygs.domain.matching.attribute import Group, Language
from ygs.domain.matching.market import type_flag, zeros
from ygs.domain.matching.relaxations import Change
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Lifestyle, Role, Status, User
from ygs.domain.week_schedule import Weekday
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import CountingIds, numbered

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CONSULTANT = Actor.signed_in(a_user(90).id, Role.CONSULTANT)
COLLEAGUE = Actor.signed_in(a_user(92).id, Role.CONSULTANT)
ADMIN = Actor.signed_in(a_user(91).id, Role.ADMIN)
MEMBERS = [Actor.signed_in(a_user(number).id, Role.MEMBER) for number in (1, 2)]


@dataclass
class Office:
    """An office with two consultants, an administrator and two members."""

    zone: ZoneInfo = SEOUL

    def __post_init__(self) -> None:
        self.storage = MemoryStorage()
        self.clock = FrozenClock()
        ids = CountingIds()
        writer = an_audit_writer(self.storage)
        rule = CancellationRule(24)
        self.members = Consultations(self.storage, self.clock, ids, rule)
        self.staff = StaffConsultations(self.storage, self.clock, ids, self.zone, rule, writer)
        self.questions = ConsultationQuestions(self.storage, self.clock, self.zone, PlainScorer(), self.staff)
        self.calendars = ConsultationCalendars(self.storage, self.clock, SystemSecrets(bytes(32)), Language.KO)
        self.hours = OfficeHours(self.storage, self.clock, ids, self.zone, LibraryCalendars())

    async def open(self, days: int = 3, actor: Actor = CONSULTANT) -> SlotView:
        """An hour's slot so many days from now."""
        return await self.hours.open_slot(actor, SlotOpening(starts_at=NOON + days * DAY, minutes=60))

    async def events(self) -> Sequence[tuple[str, str | None]]:
        """What happened to consultations, and who hears of it."""
        async with self.storage.read() as reading:
            return [(event.type.value, event.user_id) for event in await reading.outbox.pending(100)]

    async def actions(self) -> Sequence[str]:
        """What is on record."""
        async with self.storage.read() as reading:
            return [sealed.entry.action for sealed in await reading.audit.page(limit=1000)]


@pytest.fixture
async def office() -> Office:
    return await staffed(Office())


async def staffed(office: Office) -> Office:
    """The office with its people."""
    staff = [
        a_user(90, role=Role.CONSULTANT, name="한상담"),
        a_user(92, role=Role.CONSULTANT),
        a_user(91, role=Role.ADMIN),
    ]
    async with office.storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2), *staff])
    return office


def weekly(**changes: object) -> SeriesOpening:
    """Mondays at ten for an hour, for a while."""
    fields = {"weekdays": ["monday"], "times": ["10:00"], "minutes": 60, "first": "2027-03-01", "last": "2027-04-05"}
    return SeriesOpening.model_validate({**fields, **changes})


# The clocks of New York change on 14 March and 7 November, those of Berlin on 28 March and 31 October.
SPRING, AUTUMN = date(2027, 3, 1), date(2027, 10, 11)


@pytest.mark.parametrize("first", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("name", ["Asia/Seoul", "Europe/Berlin", "America/New_York"])
async def test_a_weekly_slot_at_ten_stays_at_ten_when_the_clocks_change(name: str, first: date) -> None:
    zone = ZoneInfo(name)
    office = await staffed(Office(zone))
    opened = await office.hours.open_series(CONSULTANT, weekly(first=first, last=first + 35 * DAY))
    assert opened.opened == 6
    local = [each.starts_at.astimezone(zone) for each in await office.members.list_slots(MEMBERS[0])]
    assert {each.time() for each in local} == {time(10)}
    assert [each.date() for each in local] == [first + week * 7 * DAY for week in range(6)]
    offsets = {each.utcoffset() for each in local}
    assert len(offsets) == (1 if name == "Asia/Seoul" else 2)


async def test_a_series_leaves_out_the_hour_that_the_clocks_skip_and_opens_the_one_shown_twice_once() -> None:
    new_york = ZoneInfo("America/New_York")
    office = await staffed(Office(new_york))
    nights = {"weekdays": ["sunday"], "times": ["01:30", "02:30"]}
    spring = weekly(**nights, first=date(2027, 3, 7), last=date(2027, 3, 21))
    autumn = weekly(**nights, first=date(2027, 10, 31), last=date(2027, 11, 14))
    assert (await office.hours.open_series(CONSULTANT, spring)).model_dump(include={"opened", "skipped"}) == {
        "opened": 5,
        "skipped": 1,
    }
    assert (await office.hours.open_series(CONSULTANT, autumn)).opened == 6
    begins = [each.starts_at for each in await office.members.list_slots(MEMBERS[0])]
    assert datetime(2027, 11, 7, 5, 30, tzinfo=UTC) in begins  # 1:30 by summer time
    assert datetime(2027, 11, 7, 6, 30, tzinfo=UTC) not in begins  # 1:30 by winter time
    assert datetime(2027, 11, 7, 7, 30, tzinfo=UTC) in begins


def test_a_local_time_that_the_clocks_skip_is_none_and_of_one_shown_twice_the_first_is_meant() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert local_moment(date(2027, 3, 28), time(2, 30), berlin) is None
    assert local_moment(date(2027, 10, 31), time(2, 30), berlin) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert local_moment(date(2027, 3, 28), time(2, 30), SEOUL) == datetime(2027, 3, 27, 17, 30, tzinfo=UTC)


async def test_a_series_leaves_out_what_cannot_be_opened_and_says_why(office: Office) -> None:
    mornings = WorkingHoursFields(days={Weekday.MONDAY: [HoursFields(start=time(9), end=time(12))]})
    await office.hours.set_working_hours(CONSULTANT, a_user(90).id, mornings)
    closed = ClosedDaysEdit(days=[ClosedDayFields(day=date(2027, 3, 1), name="삼일절")])
    await office.hours.close_days(ADMIN, closed)
    first = await office.hours.open_series(CONSULTANT, weekly(times=["10:00", "10:30", "11:30"]))
    again = await office.hours.open_series(CONSULTANT, weekly(first="2026-11-02", last="2027-03-15"))
    # Of the five Mondays that are open, 10:30 overlaps and 11:30 lasts too long; later sixteen are new.
    assert first.model_dump() == {"opened": 5, "closed_days": 3, "outside_hours": 5, "taken": 5, "skipped": 0}
    assert (again.closed_days, again.taken, again.skipped) == (1, 2, 4)
    with pytest.raises(WrongStatus):
        await office.hours.open_slot(CONSULTANT, SlotOpening(starts_at=datetime(2027, 3, 1, 1, tzinfo=UTC), minutes=60))


async def test_a_member_books_moves_and_cancels_and_both_hear_of_it(office: Office) -> None:
    slot, later = await office.open(3), await office.open(4)
    me, other = MEMBERS
    booked = await office.members.book(me, SlotBooking(slot_id=slot.id))
    assert (booked.consultant_name, booked.state, booked.can_change) == ("한상담", ConsultationState.BOOKED, True)
    assert [each.id for each in await office.members.list_slots(other)] == [later.id]
    with pytest.raises(SlotTaken):
        await office.members.book(other, SlotBooking(slot_id=slot.id))
    moved = await office.members.move(me, booked.id, SlotBooking(slot_id=later.id))
    assert (moved.id, moved.starts_at) == (booked.id, later.starts_at)
    assert [each.id for each in await office.members.list_slots(other)] == [slot.id]
    await office.members.cancel(me, booked.id)
    assert len(await office.members.list_slots(other)) == 2
    assert [each.state for each in await office.members.list(me)] == [ConsultationState.CANCELLED]
    sides = sorted([a_user(1).id, a_user(90).id])
    kinds = ("consultation.booked", "consultation.moved", "consultation.cancelled")
    assert await office.events() == [(kind, side) for kind in kinds for side in sides]
    assert [each for each in await office.actions() if each.startswith("consultation")] == list(kinds)


async def test_a_member_sees_the_slots_of_their_own_consultant_first_and_each_by_time(office: Office) -> None:
    others = [await office.open(days, COLLEAGUE) for days in (6, 3)]
    own = [await office.open(days) for days in (5, 4)]
    async with office.storage.write() as tx:
        await tx.directory.assign([a_user(1).id], a_user(90).id)
    listed = [each.id for each in await office.members.list_slots(MEMBERS[0])]
    assert listed == [each.id for each in (own[1], own[0], others[1], others[0])]
    for size in (1, 2, 3):
        found = list[SlotView]()
        while page := await office.members.list_slots(MEMBERS[0], after=found[-1].id if found else None, limit=size):
            found += page
        assert [each.id for each in found] == listed
    by_time = [others[1], own[1], own[0], others[0]]
    assert [each.id for each in await office.members.list_slots(MEMBERS[1])] == [each.id for each in by_time]
    one = await office.members.list_slots(MEMBERS[0], consultant=a_user(92).id)
    assert [each.id for each in one] == [others[1].id, others[0].id]
    unknown = SlotId(numbered("csl", 999))
    assert await office.members.list_slots(MEMBERS[0], after=unknown) == []


async def test_anothers_consultation_is_not_found(office: Office) -> None:
    slot, free = await office.open(3), await office.open(4)
    booked = await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    for refused in (
        office.members.get(MEMBERS[1], booked.id),
        office.members.cancel(MEMBERS[1], booked.id),
        office.members.move(MEMBERS[1], booked.id, SlotBooking(slot_id=free.id)),
        office.staff.read(COLLEAGUE, booked.id),
        office.staff.mark_done(COLLEAGUE, booked.id),
        office.staff.write_notes(COLLEAGUE, booked.id, ConsultationNotes(notes="엿봄")),
        office.staff.book(COLLEAGUE, SlotBookingFor(slot_id=free.id, member_id=a_user(2).id)),
        office.staff.calendar(COLLEAGUE, consultant=a_user(90).id),
        office.hours.close_slot(COLLEAGUE, free.id),
        office.hours.open_slot(
            COLLEAGUE, SlotOpening(consultant_id=a_user(90).id, starts_at=NOON + 5 * DAY, minutes=60)
        ),
    ):
        with pytest.raises(NotFound):
            await refused
    assert await office.staff.calendar(COLLEAGUE, days=31) == []
    assert len(await office.staff.calendar(ADMIN, days=31)) == 2
    assert (await office.staff.read(ADMIN, booked.id)).member_name == a_user(1).name


async def test_whoever_was_suspended_since_the_request_began_books_and_moves_nothing(office: Office) -> None:
    slot, later = await office.open(3), await office.open(4)
    me = MEMBERS[0]
    assert me.id
    booked = await office.members.book(me, SlotBooking(slot_id=slot.id))
    async with office.storage.write() as tx:
        await tx.users.save(replace(await tx.users.get(me.id), status=Status.SUSPENDED))
    with pytest.raises(Suspended):
        await office.members.book(me, SlotBooking(slot_id=later.id))
    with pytest.raises(Suspended):
        await office.members.move(me, booked.id, SlotBooking(slot_id=later.id))


async def test_members_have_no_say_in_the_calendar_and_staff_book_none_for_themselves(office: Office) -> None:
    slot = await office.open(3)
    with pytest.raises(Forbidden):
        await office.staff.calendar(MEMBERS[0])
    with pytest.raises(Forbidden):
        await office.hours.open_slot(MEMBERS[0], SlotOpening(starts_at=NOON + DAY, minutes=60))
    with pytest.raises(Forbidden):
        await office.members.book(CONSULTANT, SlotBooking(slot_id=slot.id))
    with pytest.raises(Forbidden):
        await office.hours.close_days(CONSULTANT, ClosedDaysEdit(days=[ClosedDayFields(day=NOON.date(), name="휴무")]))


async def test_a_move_that_is_sent_again_is_no_second_move(office: Office) -> None:
    slot, later = await office.open(3), await office.open(4)
    booked = await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    for _ in range(MOST_MOVES + 1):
        await office.members.move(MEMBERS[0], booked.id, SlotBooking(slot_id=later.id))
    assert [kind for kind, _ in await office.events()] == ["consultation.booked"] * 2 + ["consultation.moved"] * 2
    back = await office.members.move(MEMBERS[0], booked.id, SlotBooking(slot_id=slot.id))
    assert back.starts_at == slot.starts_at


async def test_members_change_a_consultation_until_a_day_before_and_staff_always(office: Office) -> None:
    slot, free = await office.open(3), await office.open(4)
    booked = await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    office.clock.set(slot.starts_at - 24 * HOUR + timedelta(seconds=1))
    assert not (await office.members.get(MEMBERS[0], booked.id)).can_change
    with pytest.raises(DeadlinePassed):
        await office.members.cancel(MEMBERS[0], booked.id)
    with pytest.raises(DeadlinePassed):
        await office.members.move(MEMBERS[0], booked.id, SlotBooking(slot_id=free.id))
    office.clock.set(slot.starts_at + HOUR)
    cancelled = await office.staff.cancel(CONSULTANT, booked.id, ConsultationCancellation(reason="회원이 전화함"))
    assert cancelled.state is ConsultationState.CANCELLED


async def test_bookings_are_bounded_and_never_in_the_past_or_at_one_time(office: Office) -> None:
    slots = [await office.open(days) for days in (3, 4, 5)]
    same = await office.open(3, COLLEAGUE)
    me = MEMBERS[0]
    await office.members.book(me, SlotBooking(slot_id=slots[0].id))
    with pytest.raises(WrongStatus):
        await office.members.book(me, SlotBooking(slot_id=same.id))
    second = await office.members.book(me, SlotBooking(slot_id=slots[1].id))
    with pytest.raises(LimitReached):
        await office.members.book(me, SlotBooking(slot_id=slots[2].id))
    await office.members.cancel(me, second.id)
    for _ in range(3):
        again = await office.members.book(me, SlotBooking(slot_id=slots[1].id))
        await office.members.cancel(me, again.id)
    with pytest.raises(LimitReached):
        await office.members.book(me, SlotBooking(slot_id=slots[1].id))
    office.clock.set(slots[2].starts_at)
    with pytest.raises(DeadlinePassed):
        await office.members.book(MEMBERS[1], SlotBooking(slot_id=slots[2].id))


async def test_what_became_of_it_is_said_once_its_time_has_come(office: Office) -> None:
    slot = await office.open(3)
    booked = await office.staff.book(CONSULTANT, SlotBookingFor(slot_id=slot.id, member_id=a_user(1).id))
    with pytest.raises(WrongStatus):
        await office.staff.mark_done(CONSULTANT, booked.id)
    office.clock.set(slot.starts_at)
    assert (await office.staff.mark_no_show(CONSULTANT, booked.id)).state is ConsultationState.NO_SHOW
    assert (await office.staff.mark_done(CONSULTANT, booked.id)).state is ConsultationState.DONE
    noted = await office.staff.write_notes(CONSULTANT, booked.id, ConsultationNotes(notes="조건을 넓히기로 함"))
    assert noted.notes == "조건을 넓히기로 함"
    (line,) = await office.staff.calendar(CONSULTANT, first=slot.starts_at.date())
    assert (line.member_name, line.state) == (f"{a_user(1).name[0]}○○", ConsultationState.DONE)


async def test_slots_that_are_booked_are_not_closed_and_two_never_overlap(office: Office) -> None:
    slot, free = await office.open(3), await office.open(4)
    await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    with pytest.raises(SlotTaken):
        await office.hours.close_slot(CONSULTANT, slot.id)
    with pytest.raises(SlotOverlap):
        await office.open(4)
    await office.hours.close_slot(CONSULTANT, free.id)
    assert await office.members.list_slots(MEMBERS[1]) == []
    for minutes, starts_at in ((60, NOON - HOUR), (60, NOON + 400 * DAY), (60, NOON + timedelta(minutes=5))):
        with pytest.raises(InvalidFact):
            await office.hours.open_slot(CONSULTANT, SlotOpening(starts_at=starts_at, minutes=minutes))


async def test_closing_a_day_closes_free_slots_and_names_what_is_booked(office: Office) -> None:
    slot = await office.open(3)
    await office.open(3, COLLEAGUE)
    booked = await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    day = slot.starts_at.astimezone(SEOUL).date()
    done = await office.hours.close_days(ADMIN, ClosedDaysEdit(days=[ClosedDayFields(day=day, name="창립일")]))
    assert done.model_dump() == {"closed": 1, "booked": [booked.id]}
    assert await office.members.list_slots(MEMBERS[1]) == []
    await office.hours.open_day(ADMIN, day)
    with pytest.raises(NotFound):
        await office.hours.open_day(ADMIN, day)


async def test_public_holidays_are_proposed_until_they_are_closed(office: Office) -> None:
    pytest.importorskip("holidays")
    proposed = await office.hours.propose_closed_days(CONSULTANT, 2027)
    new_year = next(each for each in proposed if each.day == date(2027, 1, 1))
    assert await office.hours.closed_days(CONSULTANT, 2027) == []
    await office.hours.close_days(ADMIN, ClosedDaysEdit(days=[new_year]))
    assert await office.hours.closed_days(CONSULTANT, 2027) == [new_year]
    assert new_year not in await office.hours.propose_closed_days(CONSULTANT, 2027)


async def test_of_fifty_members_who_book_one_slot_at_once_one_gets_it() -> None:
    storage = MemoryStorage()
    assert await book_at_once(storage) == {"booked": 1, "SlotTaken": CROWD - 1}
    assert await booked(storage) == 1


async def test_who_is_suspended_has_no_consultation_left(office: Office) -> None:
    slot = await office.open(3)
    await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    async with office.storage.write() as tx:
        user = await tx.users.get(a_user(1).id)
        await decide(tx, ADMIN, user, DecidedStatus.SUSPENDED, "신고", at=NOON, zone=SEOUL)
    assert [each.id for each in await office.members.list_slots(MEMBERS[1])] == [slot.id]
    assert ("consultation.cancelled", a_user(90).id) in await office.events()
    assert ("consultation.cancelled", a_user(1).id) not in await office.events()
    with pytest.raises(WrongStatus):
        await office.staff.book(CONSULTANT, SlotBookingFor(slot_id=slot.id, member_id=a_user(1).id))


async def test_a_consultant_who_is_one_no_longer_leaves_no_slot_and_no_booking(office: Office) -> None:
    slot = await office.open(3)
    await office.open(4)
    await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    async with office.storage.write() as tx:
        user = await tx.users.get(a_user(90).id)
        await change_role(tx, ADMIN, user, Role.MEMBER, at=NOON, reason="퇴사")
    assert await office.members.list_slots(MEMBERS[1]) == []
    assert [each.state for each in await office.members.list(MEMBERS[0])] == [ConsultationState.CANCELLED]
    assert ("consultation.cancelled", a_user(1).id) in await office.events()


async def test_both_sides_are_reminded_once_the_day_before_and_never_at_night(office: Office) -> None:
    slot = await office.open(3)
    await office.open(4)
    await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    reminders = ConsultationReminders(office.storage, office.clock, SEOUL)
    for hours in (1, 24 * 2 + 11, 24 * 2, 24 * 2 + 1, 24 * 3):
        office.clock.set(NOON + hours * HOUR)
        await reminders.remind()
    sides = sorted([a_user(1).id, a_user(90).id])
    reminded = [each for each in await office.events() if each[0] == "consultation.reminder"]
    assert reminded == [("consultation.reminder", side) for side in sides]


async def test_a_consultation_booked_today_for_tomorrow_reminds_nobody(office: Office) -> None:
    slot = await office.open(1)
    await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    await ConsultationReminders(office.storage, office.clock, SEOUL).remind()
    assert "consultation.reminder" not in [kind for kind, _ in await office.events()]


def entries(content: bytes) -> Sequence[Event]:
    """The appointments of a calendar file, as another implementation reads it."""
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    return [each for each in Calendar.from_ical(content).walk("VEVENT") if isinstance(each, Event)]


async def test_a_members_booking_goes_into_their_calendar_and_names_nobody(office: Office) -> None:
    slot = await office.open(3)
    booked = await office.members.book(MEMBERS[0], SlotBooking(slot_id=slot.id))
    content = await office.calendars.file(MEMBERS[0], booked.id)
    (entry,) = entries(content)
    assert (entry.DTSTART, entry.DTEND, str(entry["SUMMARY"])) == (slot.starts_at, slot.ends_at, "상담")
    assert "한상담" not in content.decode()
    with pytest.raises(NotFound):
        await office.calendars.file(MEMBERS[1], booked.id)
    await office.members.cancel(MEMBERS[0], booked.id)
    with pytest.raises(NotFound):
        await office.calendars.file(MEMBERS[0], booked.id)


async def test_a_feed_is_read_by_its_secret_until_it_is_revoked_and_names_nobody(office: Office) -> None:
    slots = [await office.open(days) for days in (3, 4)]
    await office.open(5, COLLEAGUE)
    booked = await office.members.book(MEMBERS[0], SlotBooking(slot_id=slots[0].id))

    async def secret() -> str:
        path = (await office.calendars.create_feed(CONSULTANT)).path
        return path.removeprefix("/calendars/").removesuffix(".ics")

    first = await secret()
    content = await office.calendars.read(first)
    (entry,) = entries(content)
    assert (str(entry["UID"]), entry.DTSTART) == (f"{booked.id}@ygs", slots[0].starts_at)
    text = content.decode()
    assert not any(private in text for private in (a_user(1).name, str(a_user(1).phone), a_user(1).id, "한상담"))
    second = await secret()
    async with office.storage.read() as reading:
        feed = await reading.consulting_hours.feed_of(a_user(90).id)
    assert feed
    assert second not in repr(feed)
    await office.calendars.revoke_feed(CONSULTANT)
    for ended in (first, second, "s" * 43):
        with pytest.raises(NotFound):
            await office.calendars.read(ended)


async def test_the_feed_of_a_suspended_consultant_is_not_found(office: Office) -> None:
    path = (await office.calendars.create_feed(CONSULTANT)).path
    async with office.storage.write() as tx:
        user = await tx.users.get(a_user(90).id)
        await tx.users.save(replace(user, status=Status.SUSPENDED))
    with pytest.raises(NotFound):
        await office.calendars.read(path.removeprefix("/calendars/").removesuffix(".ics"))


# One of whom somebody must know whether they smoke.
ASKED = 32


async def of_unknown_lifestyle(office: Office) -> User:
    """A club of members, and one of them whose lifestyle is unknown."""
    people = enumerate(club(40, seed=3, at=NOON))
    others = [replace(each, phone=f"+82109999{number:04}") for number, each in people]
    me = replace(others.pop(ASKED), lifestyle=Lifestyle())
    async with office.storage.write() as tx:
        await tx.users.add_all([me, *others])
    return me


def filled_in(user: User, question: PreparedQuestion) -> User:
    """The user with the answer that a question hopes for."""
    code, value = question.attribute, coded(question.attribute, question.answer)
    if VOCABULARY[code].group is Group.LIFESTYLE:
        return replace(user, lifestyle=Lifestyle(facts={**user.lifestyle.facts, code: value}))
    return replace(user, profile=replace(user.profile, facts={**user.profile.facts, code: value}))


async def eligible(office: Office, user: User) -> int:
    """How many a user could be introduced to."""
    async with office.storage.read() as reading:
        policy = (await reading.policies.current()).policy
        market = await reading.market.enrolled(capacity=policy.capacity)
    scores = PlainScorer().scores(market, policy)
    return scores.reach(user.candidate(capacity=1), [Change()], zeros(type_flag, len(market))).eligible[0]


async def test_the_facts_that_open_most_are_prepared_and_their_counts_are_exact(office: Office) -> None:
    me = await of_unknown_lifestyle(office)
    slot = await office.open(3)
    booked = await office.staff.book(CONSULTANT, SlotBookingFor(slot_id=slot.id, member_id=me.id))
    assert (booked.questions, booked.questions_at) == ([], None)
    prepared = await office.questions.prepare(CONSULTANT, booked.id)
    opens = [each.opens for each in prepared.questions]
    assert opens == sorted(opens, reverse=True)
    best = prepared.questions[0]
    assert best.opens > 0
    assert await eligible(office, filled_in(me, best)) == await eligible(office, me) + best.opens
    async with office.storage.write() as tx:
        await tx.users.save(filled_in(await tx.users.get(me.id), best))
    left = await office.staff.read(CONSULTANT, booked.id)
    assert best.attribute not in [each.attribute for each in left.questions]
    with pytest.raises(NotFound):
        await office.questions.prepare(COLLEAGUE, booked.id)
    await office.staff.cancel(CONSULTANT, booked.id, ConsultationCancellation(reason="회원이 전화함"))
    with pytest.raises(WrongStatus):
        await office.questions.prepare(CONSULTANT, booked.id)


async def test_questions_of_today_and_tomorrow_are_prepared_once_a_day(office: Office) -> None:
    me = await of_unknown_lifestyle(office)
    members = [me.id, a_user(1).id, a_user(2).id]
    slots = [await office.open(days) for days in (1, 2, 3)]
    booked = [
        await office.staff.book(CONSULTANT, SlotBookingFor(slot_id=slot.id, member_id=member))
        for slot, member in zip(slots, members, strict=True)
    ]

    async def prepared() -> Sequence[datetime | None]:
        return [(await office.staff.read(CONSULTANT, each.id)).questions_at for each in booked]

    assert await office.questions.prepare_coming() == 1
    assert await prepared() == [NOON, None, None]
    assert await office.questions.prepare_coming() == 0
    office.clock.set(NOON + DAY - HOUR)
    assert await office.questions.prepare_coming() == 2
    assert await prepared() == [NOON + DAY - HOUR, NOON + DAY - HOUR, None]
