"""Events become notices, each once, in everybody's own language, and they tell nothing private."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.http import World, populate, served
from tests.unit.test_planning import STAFF, House, a_house
from ygs.adapters.memory import MemoryStorage
from ygs.application import polling
from ygs.application.actors import Actor
from ygs.application.notifications import dispatch as module
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.notifications.notices import NoticePreferences, Notices, ReadNotices
from ygs.application.notifications.personal_channel import DefaultChannels
from ygs.application.notifications.reminders import Reminders
from ygs.application.notifications.texts import TEXTS
from ygs.domain.deliveries import Channel
from ygs.domain.errors import Forbidden, Unavailable
from ygs.domain.events import ADMIN_EVENTS, STAFF_EVENTS, EventType, proposed, reading_event, week_published
from ygs.domain.ids import ReportId, UserId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction
from ygs.domain.jobs import JobKind
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import EventGroup
from ygs.domain.reminders import REMINDERS, is_quiet, may_remind, reminder_number
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.outbox import an_event
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.channels import DeliveryChannels

SEOUL = ZoneInfo("Asia/Seoul")
DEFAULTS = DefaultChannels({EventGroup.INTRODUCTIONS: frozenset({Channel.PUSH})})
NO_CHANNELS = DeliveryChannels(())
YES = Answer(choice=Choice.ACCEPT, at=NOON)
NO = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.AGE)
INTRODUCTION = an_introduction(a_user(1), a_user(2), a_week())
ONE = Actor.signed_in(a_user(1).id, Role.MEMBER)


class Office:
    """A storage with two members and a consultant, a dispatcher and notices."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.clock = FrozenClock()
        self.dispatcher = Dispatcher(self.storage, self.clock, CountingIds(), NO_CHANNELS)
        self.notices = Notices(self.storage, self.clock, Language.KO, DEFAULTS)

    async def open(self) -> "Office":
        """The office with its people."""
        async with self.storage.write() as tx:
            await tx.users.add_all([a_user(1), a_user(2), a_user(9, role=Role.CONSULTANT)])
        return self

    async def types(self, number: int) -> list[EventType]:
        """The notices of a user, the newest first."""
        async with self.storage.read() as tx:
            return [notice.event.type for notice in await tx.notices.page(a_user(number).id)]


@pytest.fixture
async def office() -> Office:
    return await Office().open()


async def test_members_hear_of_their_own_and_staff_of_the_work(office: Office) -> None:
    async with office.storage.write() as tx:
        await tx.outbox.add([*proposed(INTRODUCTION), week_published(a_week(), NOON), an_event(1)])
    assert await office.dispatcher.dispatch() == 4
    assert await office.types(1) == await office.types(2) == [EventType.INTRODUCTION_PROPOSED]
    assert set(await office.types(9)) == {EventType.WEEK_PUBLISHED, EventType.MEMBER_SUBMITTED}
    assert await office.dispatcher.dispatch() == 0


@pytest.mark.parametrize("type", sorted(ADMIN_EVENTS))
async def test_how_staff_read_and_what_they_export_the_other_administrators_hear(
    office: Office, type: EventType
) -> None:
    """Neither consultants nor whoever it is about."""
    async with office.storage.write() as tx:
        await tx.users.add_all([a_user(7, role=Role.ADMIN), a_user(8, role=Role.ADMIN)])
        await tx.outbox.add([reading_event(type, a_user(8).id, "1", NOON)])
    await office.dispatcher.dispatch()
    heard = {number: await office.types(number) for number in (1, 7, 8, 9)}
    assert heard == {1: [], 7: [type], 8: [], 9: []}


async def test_an_event_is_in_the_list_once_however_often_it_is_dispatched(office: Office) -> None:
    for _ in range(2):
        async with office.storage.write() as tx:
            await tx.outbox.add(proposed(INTRODUCTION))
        await office.dispatcher.dispatch()
        async with office.storage.write() as tx:
            await tx.outbox.remove(proposed(INTRODUCTION))
    assert await office.types(1) == [EventType.INTRODUCTION_PROPOSED]


async def test_a_dispatch_that_fails_loses_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "IDLE_SECONDS", 0.001)
    async with office.storage.write() as tx:
        await tx.outbox.add(proposed(INTRODUCTION))
    tries = list[str]()
    add = module.add_notices

    async def failing(*given: object) -> None:
        tries.append("")
        if len(tries) < 3:
            raise (Unavailable() if len(tries) == 1 else RuntimeError)
        await add(*given)  # type: ignore[arg-type]
        office.dispatcher.stop()

    monkeypatch.setattr(module, "add_notices", failing)
    running = asyncio.create_task(office.dispatcher.run())
    await asyncio.wait_for(running, 5)
    assert await office.types(1) == [EventType.INTRODUCTION_PROPOSED]
    assert len(tries) == 3


async def test_notices_are_in_the_language_a_person_chose(office: Office) -> None:
    async with office.storage.write() as tx:
        await tx.outbox.add(proposed(INTRODUCTION))
    await office.dispatcher.dispatch()
    (korean,) = (await office.notices.list(ONE)).items
    assert korean.title == "새로운 소개가 있습니다."
    chosen = NoticePreferences(language=Language.EN)
    assert await office.notices.set_preferences(ONE, chosen) == await office.notices.get_preferences(ONE)
    listed = await office.notices.list(ONE)
    assert listed.items[0].title == "You have a new introduction."
    assert listed.unread == 1
    await office.notices.mark_read(ONE, ReadNotices(up_to=listed.items[0].id))
    read = await office.notices.list(ONE)
    assert (read.unread, read.items[0].read_at) == (0, NOON)


async def test_the_operator_has_no_notices(office: Office) -> None:
    with pytest.raises(Forbidden):
        await office.notices.list(Actor.operator())


DECISIONS: Mapping[str, tuple[str, Mapping[str, object], EventType]] = {
    "photos": ("refuse", {"reason": "얼굴이 보이지 않습니다."}, EventType.PHOTO_REFUSED),
    "documents": ("refuse", {"reason": "읽을 수 없습니다."}, EventType.DOCUMENT_REFUSED),
    "reports": ("resolve", {"resolution": "warned", "words": "통화했습니다."}, EventType.REPORT_RESOLVED),
}


@pytest.mark.parametrize("kind", DECISIONS)
async def test_a_member_hears_of_what_staff_decided_on_what_they_sent_once_and_without_the_reason(kind: str) -> None:
    path, body, expected = DECISIONS[kind]
    async with served() as world:
        await populate(world)
        for _ in range(2):
            await world.ask("POST", f"/admin/{kind}/{world.files[kind]}/{path}", "admin", json=body)
        async with world.ygs.storage.read() as reading:
            (event,) = [each for each in await reading.outbox.pending() if each.type is expected]
            report = await reading.reports.get(ReportId(world.files["reports"]))
        assert event.user_id == (report.reporter if kind == "reports" else world.people["owner"].id)
        assert event.ids.keys() == {"user_id"}
        assert not event.for_staff


def test_every_event_has_words_without_anything_to_fill_in() -> None:
    assert TEXTS.keys() == set(EventType) - {EventType.WEBHOOK_TEST}  # it goes to one endpoint alone
    assert not any("{" in text for texts in TEXTS.values() for text in texts)


@pytest.mark.parametrize("answer", [YES, NO])
def test_no_reminder_depends_on_what_the_other_answered(answer: Answer) -> None:
    answered = INTRODUCTION.answered(INTRODUCTION.b, answer)
    day = INTRODUCTION.deadline - timedelta(hours=47)
    for moment in (day + timedelta(hours=hour) for hour in range(60)):
        mine = [may_remind(each, each.a, moment, SEOUL) for each in (INTRODUCTION, answered)]
        assert mine[0] is mine[1]
        assert not may_remind(answered, answered.b, moment, SEOUL)


@pytest.mark.parametrize(
    ("clock", "quiet"), [("20:59", False), ("21:00", True), ("03:00", True), ("07:59", True), ("08:00", False)]
)
def test_nights_are_quiet_in_the_zone_of_the_service(clock: str, quiet: bool) -> None:
    assert is_quiet(datetime.fromisoformat(f"2026-11-02T{clock}").replace(tzinfo=SEOUL), SEOUL) is quiet


def test_two_reminders_go_and_those_whose_time_was_before_are_left_out() -> None:
    deadline = NOON + timedelta(days=4)
    hours = range(4 * 24 + 2)
    assert {reminder_number(NOON, deadline, NOON + timedelta(hours=hour)) for hour in hours} == {None, 1, 2}
    late = deadline - timedelta(hours=20)
    assert {reminder_number(late, deadline, late + timedelta(hours=hour)) for hour in range(20)} == {None, 2}
    assert reminder_number(NOON, deadline, deadline) is None
    assert len(REMINDERS) == 2


async def _remind_until_deadline(house: House, answers: Mapping[int, Answer]) -> list[Introduction]:
    """Publish a week in which some answer, and remind hour by hour until its deadline; the introductions."""
    week, _ = await house.planned()
    published = await house.app.planning.publish(STAFF, week)
    async with house.app.storage.write() as tx:
        made = list(await tx.introductions.of_week(week))
        for place, answer in answers.items():
            made[place] = await tx.introductions.save(made[place].answered(made[place].a, answer))
    reminders = Reminders(house.app.storage, house.clock, CountingIds(), SEOUL, NO_CHANNELS)
    while house.clock.moment < published.deadline:
        for job in await reminders.jobs_due():
            assert (job.kind, set(job.arguments)) == (JobKind.REMIND, {"week", "number"})
            # One made at night would remind nobody, and be the only one of its day.
            assert not is_quiet(house.clock.moment, SEOUL)
            await reminders.remind(week, int(job.arguments["number"]))
        house.clock.moment += timedelta(hours=1)
    return made


async def _reminded(house: House, made: list[Introduction]) -> set[UserId]:
    found = set[UserId]()
    async with house.app.storage.read() as tx:
        for each in (side for one in made for side in (one.a, one.b)):
            every = await tx.notices.page(each)
            notices = [notice for notice in every if notice.event.type is EventType.INTRODUCTION_REMINDER]
            assert len(notices) in (0, 2)
            assert not any(is_quiet(notice.event.at, SEOUL) for notice in notices)
            found |= {each} if notices else set()
    return found


async def test_those_are_reminded_twice_by_day_who_have_not_answered_and_nobody_can_see_it() -> None:
    async with a_house() as house:
        made = await _remind_until_deadline(house, {0: YES, 1: NO})
        everybody = {side for each in made for side in (each.a, each.b)}
        assert await _reminded(house, made) == everybody - {made[0].a, made[1].a}
        async with house.app.storage.read() as tx:
            assert not [event for event in await tx.outbox.pending(10_000) if "reminder" in event.key]


async def test_notices_can_be_read_over_http() -> None:
    async with served() as world:
        await populate(world)
        await _notify(world)
        listed = (await world.ask("GET", "/users/me/notices?limit=1", "owner")).json()
        assert (listed["unread"], len(listed["items"]), listed["items"][0]["member_id"]) == (2, 1, None)
        rest = (await world.ask("GET", f"/users/me/notices?limit=5&after={listed['next']}", "owner")).json()
        assert (len(rest["items"]), rest["next"]) == (1, None)
        up_to = {"up_to": listed["items"][0]["id"]}
        assert (await world.ask("POST", "/users/me/notices/read", "owner", json=up_to)).status_code == 204
        assert (await world.ask("GET", "/users/me/notices", "owner")).json()["unread"] == 0


async def _notify(world: World) -> None:
    me = world.people["owner"]
    other = world.people["another_member"]
    async with world.ygs.storage.write() as tx:
        for number in (8, 9):
            event = proposed(an_introduction(me, other, a_week(), number))
            await tx.outbox.add(one for one in event if one.user_id == me.id)
    while await world.ygs.dispatcher.dispatch():
        pass


@pytest.mark.parametrize("choice", [{"choice": "accept"}, {"choice": "decline", "reason": "age"}])
async def test_before_the_decision_nothing_is_written_that_anybody_could_be_notified_of(choice: dict[str, str]) -> None:
    async with served() as world:
        await populate(world)
        before = await _everything_notified(world)
        path = f"/match/history/{world.introductions['waiting']}/answer"
        assert (await world.ask("PUT", path, "matched_before_reveal", json=choice)).status_code == 200
        assert await _everything_notified(world) == before


async def _everything_notified(world: World) -> list[object]:
    """All events and all notices, of everybody."""
    async with world.ygs.storage.read() as tx:
        events = await tx.outbox.pending(10_000)
        return [*events, *[await tx.notices.page(user.id) for user in world.people.values()]]


def test_staff_events_are_about_work_and_never_about_an_answer() -> None:
    assert not {each for each in STAFF_EVENTS if each.value.startswith("introduction.")}
