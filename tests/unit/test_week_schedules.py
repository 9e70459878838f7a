"""By the club's schedule the round of the next week is created and locked by itself, once; until one is set, never."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http import populate, served
from tests.unit.test_planning import STAFF, House, a_house
from ygs.application.actors import Actor
from ygs.application.rounds.week_schedules import WeekScheduleSettings
from ygs.application.rounds.weeks import CreateWeek
from ygs.domain.errors import Forbidden, StaleWrite
from ygs.domain.events import EventType
from ygs.domain.ids import UserId, WeekId
from ygs.domain.jobs import JobKind
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.domain.notices import Notice
from ygs.domain.users import Role
from ygs.domain.week_schedule import Weekday, WeekSchedule
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.ids import numbered

SEOUL = ZoneInfo("Asia/Seoul")
# Noon of Monday of W48 in Seoul, when the house opens. The schedule locks W49 on Thursday of W48.
THURSDAY = datetime(2026, 11, 26, 10, tzinfo=SEOUL)
SETTINGS = WeekScheduleSettings(
    enabled=True, weekday=Weekday.THURSDAY, hour=10, deadline_weekday=Weekday.SATURDAY, deadline_hour=18
)

CONSULTANT = UserId(numbered("usr", 900))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as made:
        yield made


async def at(house: House, moment: datetime) -> None:
    """The clock goes to that moment, and a worker does what is due."""
    house.clock.moment = moment.astimezone(UTC)
    for _ in range(2):
        await house.app.worker.schedule()
        while await house.app.worker.run_one():
            pass


async def weeks(house: House) -> dict[str, str]:
    return {each.week: each.state for each in await house.app.weeks.latest(STAFF)}


async def lock_jobs(house: House) -> list[Any]:
    return [job for job in await house.app.jobs.list(STAFF) if job.kind == JobKind.LOCK_WEEK]


async def test_until_a_schedule_is_set_nothing_is_locked(house: House) -> None:
    assert not (await house.app.week_schedules.current(STAFF)).schedule.enabled
    await at(house, THURSDAY + timedelta(weeks=1))
    assert await weeks(house) == {}


async def test_the_round_of_the_next_week_is_created_and_locked_at_its_hour_once(house: House) -> None:
    await house.app.week_schedules.set(STAFF, SETTINGS)
    await at(house, THURSDAY - timedelta(seconds=1))
    assert await weeks(house) == {}
    await at(house, THURSDAY)
    await at(house, THURSDAY + timedelta(hours=5))
    (week,) = await house.app.weeks.latest(STAFF)
    assert (week.week, week.state) == ("2026-W49", WeekState.LOCKED)
    assert week.deadline == datetime(2026, 12, 5, 18, tzinfo=SEOUL)
    (job,) = await lock_jobs(house)
    assert (job.state, job.result) == ("done", {"week": week.id})
    await at(house, THURSDAY + timedelta(weeks=1))
    assert await weeks(house) == {"2026-W49": "locked", "2026-W50": "locked"}


async def _hear(house: House) -> dict[UserId, list[Notice]]:
    """The notices of the people of the house, and of a consultant who joined it."""
    while await house.app.dispatcher.dispatch():
        pass
    async with house.app.storage.read() as reading:
        people = [*map(UserId, (await reading.market.enrolled(capacity=1)).ids), CONSULTANT]
        return {each: list(await reading.notices.page(each)) for each in people}


async def test_staff_alone_hear_once_that_the_schedule_locked_a_week_and_nothing_of_its_members(house: House) -> None:
    async with house.app.storage.write() as tx:
        await tx.users.add(replace(a_user(900), id=CONSULTANT, role=Role.CONSULTANT))
    await house.app.week_schedules.set(STAFF, SETTINGS)
    await at(house, THURSDAY)
    await at(house, THURSDAY + timedelta(hours=1))
    heard = await _hear(house)
    (week,) = await house.app.weeks.latest(STAFF)
    (notice,) = heard.pop(CONSULTANT)
    assert (notice.event.type, notice.event.ids) == (EventType.WEEK_LOCKED, {"week_id": week.id})
    assert not any(heard.values())


async def test_what_staff_lock_themselves_is_announced_to_nobody(house: House) -> None:
    async with house.app.storage.write() as tx:
        await tx.users.add(replace(a_user(900), id=CONSULTANT, role=Role.CONSULTANT))
    await house.app.week_schedules.set(STAFF, SETTINGS)
    week = WeekId((await house.app.weeks.create(STAFF, CreateWeek(week="2026-W49"))).id)
    await house.app.weeks.lock(STAFF, week)
    await at(house, THURSDAY)
    assert not any((await _hear(house)).values())


async def test_a_week_that_staff_created_keeps_its_deadline_and_what_they_did_with_it_stands(house: House) -> None:
    await house.app.week_schedules.set(STAFF, SETTINGS)
    made = await house.app.weeks.create(STAFF, CreateWeek(week="2026-W49"))
    await at(house, THURSDAY)
    shown = await house.app.weeks.show(STAFF, WeekId(made.id))
    assert (shown.state, shown.deadline) == (WeekState.LOCKED, made.deadline)


@pytest.mark.parametrize("state", ["planned", "cancelled"])
async def test_a_week_that_staff_planned_or_cancelled_is_left_as_it_is(house: House, state: str) -> None:
    await house.app.week_schedules.set(STAFF, SETTINGS)
    week = WeekId((await house.app.weeks.create(STAFF, CreateWeek(week="2026-W49"))).id)
    if state == "planned":
        await house.app.weeks.lock(STAFF, week)
        await house.app.planning.plan(STAFF, week)
    else:
        await house.app.weeks.cancel(STAFF, week)
    before = await house.app.weeks.show(STAFF, week)
    await at(house, THURSDAY)
    assert await house.app.weeks.show(STAFF, week) == before
    assert len(await weeks(house)) == 1
    assert (await lock_jobs(house))[0].state == "done"


async def test_what_was_created_before_a_crash_is_locked_by_the_next_attempt(house: House) -> None:
    await house.app.week_schedules.set(STAFF, SETTINGS)
    house.clock.moment = THURSDAY.astimezone(UTC)
    locking = house.app.week_schedules
    await house.app.weeks.create(STAFF, CreateWeek(week="2026-W49"))
    first = await locking.lock(IsoWeek(2026, 49))
    assert first == await locking.lock(IsoWeek(2026, 49))
    assert await weeks(house) == {"2026-W49": "locked"}


async def test_a_service_that_did_not_run_at_the_hour_locks_later_and_never_what_nobody_could_answer(
    house: House,
) -> None:
    await house.app.week_schedules.set(STAFF, SETTINGS)
    await at(house, THURSDAY + timedelta(days=5))
    assert await weeks(house) == {"2026-W49": "locked"}
    async with a_house() as late:
        await late.app.week_schedules.set(STAFF, SETTINGS.model_copy(update={"deadline_weekday": Weekday.MONDAY}))
        await at(late, THURSDAY + timedelta(days=5))
        assert await weeks(late) == {}


async def test_nothing_from_before_the_schedule_was_set_is_made_up_for(house: House) -> None:
    house.clock.moment = (THURSDAY + timedelta(hours=1)).astimezone(UTC)
    await house.app.week_schedules.set(STAFF, SETTINGS)
    await at(house, THURSDAY + timedelta(days=1))
    assert await weeks(house) == {}


async def test_a_schedule_is_set_by_administrators_on_record_and_from_the_version_that_was_read(house: House) -> None:
    consultant = Actor.signed_in(CONSULTANT, Role.CONSULTANT)
    with pytest.raises(Forbidden):
        await house.app.week_schedules.set(consultant, SETTINGS)
    assert (await house.app.week_schedules.set(STAFF, SETTINGS, 0)).version == 1
    with pytest.raises(StaleWrite):
        await house.app.week_schedules.set(STAFF, SETTINGS, 0)
    assert (await house.app.week_schedules.current(consultant)).schedule == SETTINGS
    async with house.app.storage.read() as reading:
        entries = [each.entry for each in await reading.audit.page()]
    assert [(each.action, each.what) for each in entries] == [("week_schedule.set", "1 on")]


async def test_a_schedule_is_read_and_set_over_http() -> None:
    async with served() as world:
        await populate(world)
        read = await world.ask("GET", "/admin/week-schedule", "consultant")
        assert (read.headers["etag"], read.json()["schedule"]["enabled"]) == ('"0"', False)
        headers = {"If-Match": '"0"'}
        changed = SETTINGS.model_dump(mode="json")
        put = await world.ask("PUT", "/admin/week-schedule", "admin", json=changed, headers=headers)
        assert (put.status_code, put.headers["etag"], put.json()["schedule"]) == (200, '"1"', changed)
        again = await world.ask("PUT", "/admin/week-schedule", "admin", json=changed, headers=headers)
        assert (again.status_code, again.json()["code"]) == (412, "stale_write")
        wrong = await world.ask("PUT", "/admin/week-schedule", "admin", json={"enabled": True, "hour": 24})
        assert wrong.status_code == 422


@given(
    st.sampled_from(Weekday),
    st.integers(0, 23),
    st.integers(0, 4 * 366 * 24 * 60),
    st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York"]),
)
def test_each_week_is_due_from_its_hour_to_its_deadline(weekday: Weekday, hour: int, minutes: int, zone: str) -> None:
    place = ZoneInfo(zone)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    schedule = WeekSchedule(enabled=True, weekday=weekday, hour=hour, since=datetime(2025, 1, 1, tzinfo=UTC))
    this_week = IsoWeek.at(now, place)
    due = [
        each
        for each in (this_week, this_week.following())
        if schedule.locks_at(each, place) <= now < schedule.deadline(each, place)
    ]
    assert schedule.due(now, place) == (due[-1] if due else None)
    assert all(schedule.locks_at(each, place) < schedule.deadline(each, place) for each in due)
