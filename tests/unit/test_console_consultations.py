"""The console's consultations: the calendar, booking for members, and what can be done with each."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.support.audit import audited
from tests.support.http import World, populate, served
from tests.unit.test_console import FORM, HTMX, cookie, csrf_of, page, send
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_slot, a_user
from ygs.entrypoints.testing.clock import NOON

WHEN = (NOON + timedelta(days=3)).date()
CLOSED = "2027-01-01"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def send_many(world: World, path: str, fields: list[tuple[str, str]], who: str = "consultant") -> httpx.Response:
    """Send a form in which a name may occur more than once."""
    headers = {"Accept-Language": "en", **FORM, **cookie(world, who)}
    body = urlencode([*fields, ("csrf", csrf_of(world, who))])
    return await world.client.post(f"/console{path}", headers=headers, content=body)


def consultation(world: World) -> str:
    return f"/consultations/{world.files['consultations']}"


def slot(world: World) -> str:
    return f"/consultations/slots/{world.files['slots']}"


async def test_a_week_shows_who_booked_what_is_free_and_why_the_club_is_closed(world: World) -> None:
    shown = (await page(world, f"/consultations?first={WHEN}", "consultant")).text
    owner = world.people["owner"].name
    assert f"{owner[0]}{'○' * (len(owner) - 1)}" in shown
    assert owner not in shown
    assert f"/console{consultation(world)}" in shown
    assert f"/console{slot(world)}" in shown
    assert shown.count("<section class=") == 7
    day = (await page(world, f"/consultations?first={CLOSED}&days=1", "consultant")).text
    assert "신정" in day
    assert "No times here yet." in day
    assert day.count("<section class=") == 1


async def test_a_consultant_sees_their_own_calendar_and_an_administrator_chooses(world: World) -> None:
    colleague = a_user(13, role=Role.CONSULTANT, status=Status.DRAFT, name="남궁상담")
    async with world.ygs.storage.write() as tx:
        await tx.users.add(colleague)
        await tx.consultations.add_slots([a_slot(5, consultant=colleague.id)])
    everybody = (await page(world, f"/consultations?first={WHEN}")).text
    theirs = (await page(world, f"/consultations?first={WHEN}&consultant={colleague.id}")).text
    own = (await page(world, f"/consultations?first={WHEN}", "consultant")).text
    links = [len(re.findall(r'<li class="(?:free|taken)">', each)) for each in (everybody, theirs, own)]
    assert links == [3, 1, 2]
    assert "남궁상담" not in own
    assert (await page(world, f"/consultations?consultant={colleague.id}", "consultant")).status_code == 404


async def test_a_calendar_longer_than_a_page_goes_on(world: World) -> None:
    consultant = world.people["consultant"].id
    quarter = timedelta(minutes=15)
    async with world.ygs.storage.write() as tx:
        begins = [NOON + timedelta(days=3) + (4 + number) * quarter for number in range(80)]
        await tx.consultations.add_slots(
            [
                a_slot(10 + number, consultant=consultant, starts_at=at, ends_at=at + quarter)
                for number, at in enumerate(begins)
                if not NOON + timedelta(days=4) <= at < NOON + timedelta(days=4, hours=1)
            ]
        )
        later = [NOON + timedelta(days=5) + number * quarter for number in range(40)]
        await tx.consultations.add_slots(
            [
                a_slot(200 + number, consultant=consultant, starts_at=at, ends_at=at + quarter)
                for number, at in enumerate(later)
            ]
        )
    first = (await page(world, f"/consultations?first={WHEN}", "consultant")).text
    (more,) = re.findall(r'href="/console(/consultations\?[^"]*after=[^"]*)"', first)
    rest = (await page(world, more.replace("&amp;", "&"), "consultant")).text
    found = [len(re.findall(r'<li class="(?:free|taken)">', each)) for each in (first, rest)]
    assert found[0] == 100
    assert 0 < found[1] < 100


async def test_a_member_is_found_by_name_and_booked(world: World) -> None:
    member = world.people["another_member"]
    found = await send(world, f"{slot(world)}/find", "consultant", search=member.name, headers=HTMX)
    assert "<html" not in found.text
    assert f'name="member" value="{member.id}"' in found.text
    booked = await send(world, f"{slot(world)}/book", "consultant", member=member.id)
    assert booked.status_code == 303
    shown = await page(world, booked.headers["Location"].removeprefix("/console"), "consultant")
    assert member.name in shown.text
    again = await send(world, f"{slot(world)}/book", "consultant", member=world.people["pending"].id)
    assert again.status_code == 409
    assert "somebody else booked this time" in again.text


async def test_no_search_shows_nobody_and_staff_are_not_booked(world: World) -> None:
    for search in ("", world.people["admin"].name):
        found = (await send(world, f"{slot(world)}/find", "consultant", search=search)).text
        assert 'name="member"' not in found or world.people["admin"].id not in found


async def test_a_member_page_shows_their_consultations_and_leads_to_booking(world: World) -> None:
    owner = world.people["owner"].id
    shown = (await page(world, f"/members/{owner}", "consultant")).text
    assert f'href="/console{consultation(world)}"' in shown
    times = (await page(world, f"/members/{owner}/book", "consultant")).text
    assert f'action="/console{slot(world)}/book"' in times
    assert f'name="member" value="{owner}"' in times
    suspended = (await page(world, f"/members/{world.people['suspended'].id}", "consultant")).text
    assert "/book" not in suspended


async def test_the_consequence_of_cancelling_is_told_before(world: World) -> None:
    early = (await page(world, consultation(world), "consultant")).text
    assert "The member may still cancel it too, until 24 hours before." in early
    world.clock.set(NOON + timedelta(days=2, hours=1))
    await world.renew("consultant")
    late = (await page(world, consultation(world), "consultant")).text
    assert "the member can no longer cancel it, but you can" in late
    assert "both are notified, without your reason" in late
    done = await send(world, f"{consultation(world)}/cancel", "consultant", reason="회원이 전화함")
    assert done.status_code == 303
    shown = (await page(world, consultation(world), "consultant")).text
    assert "Cancelled" in shown
    assert f"{consultation(world)}/cancel" not in shown


async def test_a_consultation_moves_to_a_free_time_and_its_outcome_is_recorded_once_it_has_begun(world: World) -> None:
    early = await send(world, f"{consultation(world)}/outcome", "consultant", outcome="no_show")
    assert early.status_code == 409
    moved = await send(world, f"{consultation(world)}/move", "consultant", slot=world.files["slots"])
    assert moved.status_code == 303
    world.clock.set(NOON + timedelta(days=4))
    await world.renew("consultant")
    assert "It took place" in (await page(world, consultation(world), "consultant")).text
    missed = await send(world, f"{consultation(world)}/outcome", "consultant", outcome="no_show")
    assert missed.status_code == 303
    assert "No-show" in (await page(world, consultation(world), "consultant")).text


async def test_notes_are_kept_and_an_older_page_does_not_overwrite_them(world: World) -> None:
    shown = (await page(world, consultation(world), "consultant")).text
    (version,) = re.findall('name="version" value="([0-9]+)"', shown)
    fields: dict[str, Any] = {"version": version, "notes": "<b>희망 나이</b>를 넓히기로 함"}
    assert (await send(world, f"{consultation(world)}/notes", "consultant", **fields)).status_code == 303
    assert (await send(world, f"{consultation(world)}/notes", "admin", **fields)).status_code == 409
    assert "&lt;b&gt;희망 나이&lt;/b&gt;를 넓히기로 함" in (await page(world, consultation(world), "consultant")).text


async def test_one_time_is_opened_and_taken_back(world: World) -> None:
    consultant = world.people["consultant"].id
    fields = {"consultant": consultant, "day": "2026-12-10", "at": "14:30", "minutes": 60}
    opened = await send(world, "/consultations/slots", "consultant", **fields)
    assert opened.headers["Location"] == f"/console/consultations?first=2026-12-10&consultant={consultant}"
    shown = (await page(world, "/consultations?first=2026-12-10&days=1", "consultant")).text
    assert "14:30\N{EN DASH}15:30" in shown
    (free,) = re.findall('href="/console(/consultations/slots/[^"]+)"', shown)
    assert (await send(world, f"{free}/close", "consultant")).status_code == 303
    assert "14:30" not in (await page(world, "/consultations?first=2026-12-10&days=1", "consultant")).text
    assert (await send(world, "/consultations/slots", "consultant", **{**fields, "day": CLOSED})).status_code == 409


async def test_times_are_opened_every_week_and_what_was_left_out_is_told(world: World) -> None:
    fields = [
        ("consultant", world.people["consultant"].id),
        ("weekdays", "friday"),
        ("weekdays", "monday"),
        ("begins", "10:00"),
        ("ends", "12:30"),
        ("minutes", "60"),
        ("first", "2026-12-28"),
        ("last", "2027-01-08"),
    ]
    opened = await send_many(world, "/consultations/slots/series", fields)
    assert opened.status_code == 200
    assert "6 times are open." in opened.text
    assert "2 left out: the club is closed on that day." in opened.text
    again = await send_many(world, "/consultations/slots/series", fields)
    assert "6 left out: another time is open then." in again.text
    none = [each for each in fields if each[0] != "weekdays"]
    assert (await send_many(world, "/consultations/slots/series", none)).status_code == 422


async def test_working_hours_are_shown_as_they_were_set(world: World) -> None:
    consultant = world.people["consultant"].id
    monday = [("monday_start", "09:00"), ("monday_end", "12:00"), ("monday_start", "13:00"), ("monday_end", "18:30")]
    empty = [("tuesday_start", ""), ("tuesday_end", "")]
    fields = [("consultant", consultant), ("version", "0"), *monday, *empty]
    assert (await send_many(world, "/consultations/hours", fields)).status_code == 303
    shown = (await page(world, "/consultations/times", "consultant")).text
    assert re.findall('name="monday_(?:start|end)" type="time" step="900" value="([^"]+)"', shown) == [
        "09:00",
        "12:00",
        "13:00",
        "18:30",
    ]
    week = (await page(world, f"/consultations?first={WHEN}", "consultant")).text
    assert "09:00\N{EN DASH}12:00, 13:00\N{EN DASH}18:30" in week
    assert week.count("not at work") == 6
    assert (await send_many(world, "/consultations/hours", fields)).status_code == 409
    half = [("consultant", consultant), ("version", "1"), ("monday_start", "09:00"), ("monday_end", "")]
    assert (await send_many(world, "/consultations/hours", half)).status_code == 422


async def test_closing_a_day_lists_what_is_still_booked_and_opening_it_undoes_it(world: World) -> None:
    closed = await send(world, "/consultations/closed-days", "admin", day=str(WHEN), name="창립 <i>기념일")
    assert "창립 &lt;i&gt;기념일" in closed.text
    assert "Still booked on these days" in closed.text
    assert f"/console{consultation(world)}" in closed.text
    holidays = [("year", "2027"), ("proposed", "2027-03-01")]
    assert "삼일절" in (await send_many(world, "/consultations/closed-days", holidays, "admin")).text
    assert (await send(world, f"/consultations/closed-days/{WHEN}/open", "admin")).status_code == 303
    assert "창립기념일" not in (await page(world, "/consultations/times", "admin")).text
    assert (await send(world, "/consultations/closed-days", "admin")).status_code == 422


async def test_whoever_looks_at_a_calendar_is_on_record_with_all_it_shows(world: World) -> None:
    async with world.ygs.storage.read() as reading:
        before = (await reading.audit.head()).number
    await page(world, f"/consultations?first={WHEN}", "consultant")
    (entry,) = await audited(world.ygs.storage, after=before)
    assert list(entry.people) == [world.people["owner"].id]


async def test_what_to_ask_is_prepared_and_read_on_the_page(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        owner = await tx.users.get(world.people["owner"].id)
        facts = {code: value for code, value in owner.profile.facts.items() if code != "religion"}
        await tx.users.save(replace(owner, profile=replace(owner.profile, facts=facts)))
    shown = (await page(world, consultation(world), "consultant")).text
    assert "Prepare anew" in shown
    assert "The answer could open 14 more" in shown
    assert (await send(world, f"{consultation(world)}/questions", "consultant")).status_code == 303
    anew = (await page(world, consultation(world), "consultant")).text
    assert "The answer could open 14 more" not in anew


async def test_a_calendar_program_reads_the_address_that_is_shown_once_until_it_is_revoked(world: World) -> None:
    made = await send(world, "/consultations/calendar-feed", "consultant")
    (address,) = re.findall(r'<code class="key">([^<]+)</code>', made.text)
    assert address not in (await page(world, "/consultations/times", "consultant")).text
    assert "BEGIN:VEVENT" in (await world.client.get(address)).text
    await send(world, "/consultations/calendar-feed/revoke", "consultant")
    assert (await world.client.get(address)).status_code == 404
