"""Two members arrange a meeting, staff help, and nobody learns what is not theirs."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from tests.support.audit import audited
from tests.support.http import World, served
from ygs.adapters.memory import MemoryStorage
from ygs.application.introductions.calendar_file import calendar_file
from ygs.domain.introductions import Answer, Choice
from ygs.domain.jobs import JobKind
from ygs.domain.matching.attribute import Language
from ygs.domain.meetings import DayPart, Meeting, MeetingProposal
from ygs.domain.service_dates import date_at
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import SEOUL, a_meeting, a_membership, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PARTS = [part.value for part in DayPart]
PRIVATE_WORDS = "카나리아: 오지 않았음"


class Office:
    """`one` and `two` both accepted; `third` is another member; `staff` is a consultant."""

    def __init__(self, world: World, storage: MemoryStorage) -> None:
        self.world = world
        self._storage = storage
        self._untouched = storage._committed
        self.id = world.introductions["both"]
        self.path = f"/introductions/{self.id}/meeting"

    def begin_again(self) -> None:
        """Undo everything since both accepted."""
        self._storage._committed = self._untouched

    def times(self, *numbers: int, district: str = "seoul_mapo") -> dict[str, Any]:
        """Half-days by their place from tomorrow morning on."""
        today = date_at(self.world.clock.now(), SEOUL)
        days = [{"day": f"{today + (1 + each // 3) * DAY}", "part": PARTS[each % 3]} for each in numbers]
        return {"half_days": days, "district": district}

    async def ask(self, method: str, rest: str, who: str, sent: Any = None, status: int = 200) -> Any:
        """Ask for something of the meeting."""
        reply = await self.world.ask(method, f"{self.path}{rest}", who, json=sent)
        assert reply.status_code == status, reply.text
        return reply.json()

    async def read(self, who: str) -> bytes:
        """All that one reads of the meeting: the view, the calendar file, the partner, the history and the notices."""
        two = self.world.people["two" if who == "one" else "one"].id
        paths = (self.path, f"{self.path}/calendar.ics", f"/users/{two}", "/match/history", "/users/me/notices")
        await self.dispatch()
        replies = [await self.world.ask("GET", path, who) for path in paths]
        return b"\n".join(map(_content, replies))

    async def propose(self) -> None:
        """Both give times, of which the fourth to the sixth half-day suit both."""
        await self.ask("PUT", "/times", "one", self.times(3, 4, 5))
        await self.ask("PUT", "/times", "two", self.times(3, 4, 5, 9, district="seoul_gangnam"))

    async def fix(self) -> datetime:
        """Both accept; when the meeting begins."""
        await self.propose()
        await self.ask("POST", "/accept", "one", {"number": 1})
        view = await self.ask("POST", "/accept", "two", {"number": 1})
        assert view["state"] == "fixed"
        return datetime.fromisoformat(view["proposal"]["starts_at"])

    async def dispatch(self) -> None:
        while await self.world.ygs.dispatcher.dispatch():
            pass

    async def types(self, who: str) -> list[str]:
        """The types of the notices of one, the oldest first."""
        await self.dispatch()
        notices = (await self.world.ask("GET", "/users/me/notices", who)).json()["items"]
        return [each["type"] for each in reversed(notices)]

    async def stored(self) -> Meeting | None:
        async with self.world.ygs.storage.read() as reading:
            return await reading.meetings.find(self.id)

    async def at(self, moment: datetime) -> None:
        """Set the clock, and sign everybody in again."""
        self.world.clock.set(moment)
        for name in ("one", "two", "third", "staff"):
            await self.world.renew(name)

    async def work(self) -> Sequence[str]:
        """Run the jobs that are due; their kinds."""
        await self.world.ygs.worker.schedule()
        while await self.world.ygs.worker.run_one():
            pass
        async with self.world.ygs.storage.read() as reading:
            return [job.kind for job in await reading.jobs.page()]


# Of a request, and of a notice, which counts what others were notified of.
_OWN_IDS = re.compile(rb'"request_id":"[^"]*"|"ntc_[^"]*"')


def _content(reply: httpx.Response) -> bytes:
    return _OWN_IDS.sub(b"", reply.content)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as office:
        yield office


@asynccontextmanager
async def open_office(**settings: Any) -> AsyncIterator[Office]:
    storage = MemoryStorage()
    async with served(storage, **settings) as world:
        await world.publish_a_week()
        for name, number in (("one", 1), ("two", 2), ("third", 3)):
            await world.add(name, a_user(number))
        await world.add("staff", a_user(9, role=Role.CONSULTANT, status=Status.DRAFT))
        await world.introduce("both", "one", "two", deadline=NOON + DAY)
        await world.introduce("waiting", "one", "third", deadline=NOON + DAY)
        yes = Answer(choice=Choice.ACCEPT, at=NOON)
        async with world.ygs.storage.write() as tx:
            introduction = await tx.introductions.get(world.introductions["both"])
            accepted = introduction.answered(introduction.a, yes).answered(introduction.b, yes)
            await tx.introductions.save(accepted)
        yield Office(world, storage)


async def test_two_arrange_a_meeting_and_both_are_notified_of_each_step(office: Office) -> None:
    first = await office.ask("GET", "", "one")
    assert (first["state"], first["next_step"], first["my_times"]) == ("arranging", "give_times", None)
    assert first["suggested_district"] == "gyeonggi"
    waiting = await office.ask("PUT", "/times", "one", office.times(3, 4, 5))
    assert (waiting["next_step"], waiting["times_left"]) == ("wait", 9)
    assert await office.types("two") == []
    proposed = await office.ask("PUT", "/times", "two", office.times(4, 5, 9, district="seoul_gangnam"))
    assert (proposed["state"], proposed["next_step"]) == ("proposed", "answer_proposal")
    assert proposed["proposal"]["district"]["code"] == "seoul_jongno"
    assert proposed["proposal"]["starts_at"] == "2026-11-25T05:00:00Z"
    await office.ask("POST", "/another-time", "one", {"number": 1})
    await office.ask("POST", "/accept", "one", {"number": 1}, status=409)
    await office.ask("POST", "/accept", "one", {"number": 2})
    assert (await office.ask("GET", "", "one"))["next_step"] == "wait"
    fixed = await office.ask("POST", "/accept", "two", {"number": 2})
    assert (fixed["state"], fixed["proposal"]["starts_at"]) == ("fixed", "2026-11-25T10:00:00Z")
    steps = ["meeting.proposed", "meeting.proposed", "meeting.fixed"]
    assert await office.types("one") == await office.types("two") == steps


async def test_when_nothing_suits_both_both_are_asked_for_more(office: Office) -> None:
    await office.ask("PUT", "/times", "one", office.times(3, 4, 5))
    nothing = await office.ask("PUT", "/times", "two", office.times(6, 7, 8))
    assert (nothing["state"], nothing["next_step"]) == ("arranging", "give_times")
    assert await office.types("one") == await office.types("two") == ["meeting.times_needed"]


@pytest.mark.parametrize("who", ["third", "staff"])
async def test_a_meeting_is_its_two_members_own(office: Office, who: str) -> None:
    await office.propose()
    status = 404 if who == "third" else 403
    for method, rest, sent in (
        ("GET", "", None),
        ("GET", "/calendar.ics", None),
        ("PUT", "/times", office.times(3, 4, 5)),
        ("POST", "/accept", {"number": 1}),
        ("POST", "/another-time", {"number": 1}),
        ("POST", "/cancel", None),
        ("POST", "/no-show", {}),
    ):
        await office.ask(method, rest, who, sent, status)


async def test_there_is_no_meeting_before_both_accepted_whatever_was_answered(office: Office) -> None:
    path = f"/introductions/{office.world.introductions['waiting']}/meeting"
    replies = [await office.world.ask("GET", path, "one")]
    answer = f"/match/history/{office.world.introductions['waiting']}/answer"
    assert (await office.world.ask("PUT", answer, "third", json={"choice": "accept"})).status_code == 200
    replies.append(await office.world.ask("GET", path, "one"))
    bodies = [{**reply.json(), "request_id": ""} for reply in replies]
    assert bodies[0] == bodies[1]
    assert {reply.status_code for reply in replies} == {404}


async def test_what_one_reads_does_not_depend_on_what_the_other_gave_but_on_what_is_proposed(office: Office) -> None:
    read = []
    before = await office.read("one")
    for theirs in ((3, 8, 9), (3, 20, 30, 40), (3, 4, 7)):
        office.begin_again()
        await office.ask("PUT", "/times", "two", office.times(*theirs, district="seoul_gangnam"))
        assert await office.read("one") == before, "nothing shows that the other gave times"
        await office.ask("PUT", "/times", "one", office.times(0, 3, 5))
        proposed = await office.read("one")
        await office.ask("POST", "/accept", "two", {"number": 1})
        assert await office.read("one") == proposed, "nothing shows that the other accepted"
        await office.ask("POST", "/accept", "one", {"number": 1})
        read.append((proposed, await office.read("one")))
    assert read[0] == read[1] == read[2]


async def _end(office: Office, how: str) -> None:
    """`two` ends it in one way."""
    me, them = office.world.people["one"].id, office.world.people["two"].id
    method, path, who, sent = {
        "cancels": ("POST", f"{office.path}/cancel", "two", None),
        "blocks": ("PUT", f"/users/me/blocks/{me}", "two", None),
        "leaves": ("DELETE", "/users/me", "two", None),
        "is suspended": ("POST", f"/admin/members/{them}/suspend", "staff", {"reason": "신고"}),
    }[how]
    assert (await office.world.ask(method, path, who, json=sent)).is_success


async def _seen_of_an_end(office: Office) -> Any:
    """What `one` reads of the meeting, is refused, and hears."""
    asked = [
        ("GET", "", None),
        ("GET", "/calendar.ics", None),
        ("PUT", "/times", office.times(3, 4, 5)),
        ("POST", "/accept", {"number": 1}),
        ("POST", "/another-time", {"number": 1}),
        ("POST", "/cancel", None),
    ]
    replies = [await office.world.ask(method, f"{office.path}{rest}", "one", json=sent) for method, rest, sent in asked]
    assert [reply.status_code for reply in replies] == [200, 404, 409, 409, 409, 409]
    assert replies[0].json()["state"] == "cancelled"
    return [_content(reply) for reply in replies], await office.types("one")


@pytest.mark.parametrize("stage", ["nothing", "given", "fixed"])
async def test_cancelling_blocking_leaving_and_suspension_end_a_meeting_alike(office: Office, stage: str) -> None:
    seen = []
    for how in ("cancels", "blocks", "leaves", "is suspended"):
        office.begin_again()
        if stage == "given":
            await office.ask("PUT", "/times", "two", office.times(3, 4, 5))
        elif stage == "fixed":
            await office.fix()
        await _end(office, how)
        seen.append(await _seen_of_an_end(office))
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert ("meeting.cancelled" in seen[0][1]) is (stage != "nothing")


async def test_of_two_who_accept_at_the_same_time_both_are_heard_and_the_meeting_is_fixed_once(office: Office) -> None:
    await office.propose()
    await asyncio.gather(*(office.ask("POST", "/accept", who, {"number": 1}) for who in ("one", "two")))
    meeting = await office.stored()
    assert meeting
    assert meeting.state == "fixed"
    assert (await office.types("one")).count("meeting.fixed") == 1


async def test_of_two_who_ask_for_another_time_at_once_one_is_told_that_another_is_proposed(office: Office) -> None:
    await office.propose()
    replies = await asyncio.gather(
        *(office.world.ask("POST", f"{office.path}/another-time", who, json={"number": 1}) for who in ("one", "two"))
    )
    assert sorted(reply.status_code for reply in replies) == [200, 409]


async def test_a_reminder_goes_the_day_before_and_a_question_the_day_after_never_at_night(office: Office) -> None:
    begins = await office.fix()
    eve = datetime.combine(date_at(begins, SEOUL) - DAY, datetime.min.time(), tzinfo=SEOUL)
    known = await office.types("one")
    await office.at(eve + 9 * HOUR)
    assert JobKind.MEETING_NOTICES not in await office.work()
    await office.at(eve + 10 * HOUR)
    await office.work()
    await office.at(eve + 12 * HOUR)
    await office.work()
    reminded = [*known, "meeting.reminder"]
    assert await office.types("one") == await office.types("two") == reminded
    await office.at(begins + HOUR)
    await office.work()
    assert await office.types("one") == reminded
    await office.at(eve + 2 * DAY + 10 * HOUR)
    await office.work()
    await office.at(eve + 3 * DAY + 10 * HOUR)
    await office.work()
    assert await office.types("one") == await office.types("two") == [*reminded, "meeting.follow_up"]


@pytest.mark.parametrize("hour", [0, 7, 21, 23])
async def test_what_waited_until_night_waits_until_morning(office: Office, hour: int) -> None:
    begins = await office.fix()
    eve = datetime.combine(date_at(begins, SEOUL) - DAY, datetime.min.time(), tzinfo=SEOUL)
    await office.at(eve + hour * HOUR)
    await office.world.ygs.worker.handlers[JobKind.MEETING_NOTICES](None)  # type: ignore[arg-type] # it asks nothing
    assert "meeting.reminder" not in await office.types("one")


async def test_of_a_cancelled_meeting_nobody_is_reminded(office: Office) -> None:
    begins = await office.fix()
    await office.ask("POST", "/cancel", "one")
    await office.at(begins - 20 * HOUR)
    await office.work()
    assert "meeting.reminder" not in await office.types("two")


async def test_a_contact_opens_at_once_or_so_many_hours_before_the_meeting() -> None:
    async with open_office() as office:
        two = f"/users/{office.world.people['two'].id}"
        assert (await office.world.ask("GET", two, "one")).json()["phone"]
    async with open_office(contact_hours_before_meeting=3) as office:
        phone = office.world.with_phone("two")

        async def shown() -> str | None:
            reply = await office.world.ask("GET", two, "one")
            assert reply.json()["name"] == office.world.people["two"].name
            number: str | None = reply.json()["phone"]
            return number

        assert await shown() is None
        begins = await office.fix()
        opens = datetime.fromisoformat((await office.ask("GET", "", "one"))["contact_opens_at"])
        assert opens == begins - 3 * HOUR
        await office.at(opens - timedelta(seconds=1))
        assert await shown() is None
        assert phone not in str(await office.read("one"))
        await office.at(opens)
        assert await shown() == phone
        await office.ask("POST", "/cancel", "two")
        assert await shown() is None


async def test_a_no_show_is_read_by_staff_and_changes_nothing_for_the_other(office: Office) -> None:
    begins = await office.fix()
    await office.at(begins + HOUR)
    before = await office.read("two")
    view = await office.ask("POST", "/no-show", "one", {"words": PRIVATE_WORDS})
    assert view["no_show_reported"]
    await office.ask("POST", "/no-show", "one", {}, status=409)
    after = await office.read("two")
    assert after == before
    missed = (await office.world.ask("GET", "/admin/meetings/missed", "staff")).json()["items"]
    assert [each["reported_by"] for each in missed] == [[office.world.people["one"].id]]
    read = (await office.world.ask("GET", f"/admin{office.path}", "staff")).json()
    by_one, by_two = read["sides"]
    assert (by_one["no_show_words"], by_two["no_show_reported_at"]) == (PRIVATE_WORDS, None)
    assert read["met"] is None


async def test_staff_fix_and_cancel_meetings_for_members_on_record(office: Office) -> None:
    path = f"/admin{office.path}"
    fix = {"starts_at": "2026-11-28T14:00:00+09:00", "district": "seoul_jung", "place": "호텔 1층 커피숍"}
    assert (await office.world.ask("PUT", path, "one", json=fix)).status_code == 403
    assert (await office.world.ask("PUT", path, "staff", json=fix)).status_code == 200
    seen = await office.ask("GET", "", "two")
    assert (seen["state"], seen["proposal"]["place"]) == ("fixed", "호텔 1층 커피숍")
    assert (await office.world.ask("POST", f"{path}/cancel", "staff", json={"reason": "병원"})).status_code == 200
    assert (await office.ask("GET", "", "one"))["state"] == "cancelled"
    assert (await office.world.ask("PUT", path, "staff", json=fix)).status_code == 200
    expected = ["meeting.fixed", "meeting.cancelled", "meeting.fixed"]
    assert await office.types("one") == await office.types("two") == expected
    async with office.world.ygs.storage.read() as reading:
        entries = [entry.entry for entry in await reading.audit.page()]
    found = await audited(office.world.ygs.storage)
    (subjects,) = {each.people for each in found if each.action == "meeting.fixed"}
    assert {*subjects} == {office.world.people["one"].id, office.world.people["two"].id}
    assert {entry.reason for entry in entries if entry.action == "meeting.cancelled"} == {"병원"}


async def test_staff_fix_no_meeting_of_two_who_are_parted_or_did_not_both_accept(office: Office) -> None:
    fix = {"starts_at": "2026-11-28T14:00:00+09:00", "district": "seoul_jung"}
    waiting = f"/admin/introductions/{office.world.introductions['waiting']}/meeting"
    assert (await office.world.ask("PUT", waiting, "staff", json=fix)).status_code == 409
    one = office.world.people["one"].id
    assert (await office.world.ask("PUT", f"/users/me/blocks/{one}", "two")).is_success
    assert (await office.world.ask("PUT", f"/admin{office.path}", "staff", json=fix)).status_code == 409


async def test_a_fixed_date_is_recorded_in_both_contracts_and_a_meeting_counts_once_one_said_so(
    office: Office,
) -> None:
    started = date_at(NOON, SEOUL) - 90 * DAY
    async with office.world.ygs.storage.write() as tx:
        for number in (1, 2):
            await tx.memberships.add(a_membership(number, user=number, contracted_on=started, starts_on=started))

    async def ledgers() -> list[Any]:
        replies = [await office.world.ask("GET", "/users/me/memberships", who) for who in ("one", "two")]
        return [reply.json()["items"][0] for reply in replies]

    begins = await office.fix()
    async with office.world.ygs.storage.read() as reading:
        for number in (1, 2):
            (membership,) = await reading.memberships.of_user(a_user(number).id)
            assert [each.meets_on for each in membership.fixed_dates] == [date_at(begins, SEOUL)]
    await office.at(begins + HOUR)
    await office.ask("POST", "/no-show", "one", {})
    assert [each["delivered"] for each in await ledgers()] == [0, 0]
    feedback = {"met": True, "again": True, "rating": 4}
    path = f"/match/history/{office.id}/feedback"
    assert (await office.world.ask("POST", path, "two", json=feedback)).status_code == 204
    assert [each["delivered"] for each in await ledgers()] == [1, 1]


@pytest.mark.parametrize("place", ["", "호텔; 1층, \\왼쪽 " + "아주 긴 이름의 커피숍 " * 8])
def test_a_calendar_reads_the_file_and_finds_nobodys_name_in_it(place: str) -> None:
    one, two = a_user(1), a_user(2)
    meeting = a_meeting(an_introduction(one, two, a_week()))
    meeting = replace(meeting, proposal=MeetingProposal(NOON + DAY, "seoul_mapo", place))
    for language, title, district in (
        (Language.KO, "약속", "서울 마포구"),
        (Language.EN, "An appointment", "Mapo-gu, Seoul"),
    ):
        content = calendar_file(meeting, language)
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        (event,) = Calendar.from_ical(content).walk("VEVENT")
        assert event["SUMMARY"] == title
        assert event["LOCATION"] == (f"{district}, {place.strip()}" if place else district)
        assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (NOON + DAY, NOON + DAY + 2 * HOUR)
        assert (event["UID"], event["SEQUENCE"]) == (f"{meeting.id}@ygs", 2)
        assert one.name not in content.decode()
        assert two.name not in content.decode()
