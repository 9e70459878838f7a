"""The dashboard: the figures of the day, which tell nobody's answer."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from ygs.application.actors import Actor
from ygs.application.operations.dashboard import FEWEST_TO_COUNT, DueView, WeekFunnelView
from ygs.bootstrap import Application, build
from ygs.domain.consultations import ConsultationState
from ygs.domain.errors import Forbidden
from ygs.domain.ids import JobId
from ygs.domain.introductions import IntroductionState
from ygs.domain.jobs import Job, JobKind, JobState, daily_key
from ygs.domain.match_weeks import WeekState
from ygs.domain.users import Profile, Role, Status
from ygs.entrypoints.testing.builders import a_consultation, a_slot, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.ports.clock_and_ids import Clock
from ygs.settings import Settings

STAFF = Actor.operator()


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    fakes: dict[Any, object] = {Clock: FrozenClock()}
    async with build(Settings(database_url=SecretStr("memory:")), fakes) as made:
        yield made


async def introduced(app: Application, pairs: int, state: WeekState = WeekState.PUBLISHED) -> WeekFunnelView:
    """The funnel of a week with so many introductions, of which the first is mutual; as the operator reads it."""
    people = [a_user(number) for number in range(1, 2 * pairs + 1)]
    week = a_week(state=state, published_at=NOON)
    couples = zip(people[::2], people[1::2], strict=True)
    first, *others = [an_introduction(one, other, week, n) for n, (one, other) in enumerate(couples, 1)]
    first = replace(first, state=IntroductionState.MUTUAL, decided_at=NOON, met=True)
    async with app.storage.write() as tx:
        await tx.users.add_all(people)
        await tx.weeks.add(week)
        await tx.introductions.add_all([first, *others], {})
    return (await app.dashboard.read(STAFF)).weeks[0]


async def test_an_empty_club_has_an_empty_dashboard(app: Application) -> None:
    figures = await app.dashboard.read(STAFF)
    assert (figures.members.total, figures.by_status, figures.weeks, figures.due_memberships) == (0, [], [], None)
    assert (figures.review.count, figures.review.since) == (0, None)


async def test_who_joined_is_counted_by_the_services_calendar(app: Application) -> None:
    # It is Monday noon in Seoul: midnight there is 15:00 UTC of the day before.
    monday, november = datetime(2026, 11, 22, 15, tzinfo=UTC), datetime(2026, 10, 31, 15, tzinfo=UTC)
    second = timedelta(seconds=1)
    joined = [NOON, monday, monday - second, november, november - second]
    async with app.storage.write() as tx:
        await tx.users.add_all([a_user(n, created_at=at) for n, at in enumerate(joined, 1)])
    members = (await app.dashboard.read(STAFF)).members
    assert (members.total, members.this_month, members.this_week, members.today) == (5, 4, 2, 2)


async def test_active_members_are_counted_by_gender_age_and_region(app: Application) -> None:
    seoul = Profile(facts={"region": 1})
    async with app.storage.write() as tx:
        await tx.users.add_all([a_user(n, birth_year=born, profile=seoul) for n, born in ((1, 1996), (3, 1992))])
        await tx.users.add(a_user(5, birth_year=1991, profile=Profile()))
        await tx.users.add(a_user(7, status=Status.PENDING, updated_at=NOON - timedelta(days=2)))
        await tx.users.add(a_user(9, role=Role.CONSULTANT))
    figures = await app.dashboard.read(STAFF)
    assert [(each.code, each.count) for each in figures.by_status] == [("active", 3), ("pending", 1)]
    assert [(each.from_age, each.to_age, each.count) for each in figures.active_by_age] == [(30, 34, 2), (35, 39, 1)]
    assert [(each.code, each.count) for each in figures.active_by_region] == [("seoul", 2), (None, 1)]
    assert sum(each.count for each in figures.active_by_gender) == 3
    assert (figures.review.count, figures.review.since) == (1, NOON - timedelta(days=2))


async def test_what_came_of_a_week_is_counted(app: Application) -> None:
    week = await introduced(app, FEWEST_TO_COUNT)
    assert (week.introduced, week.answered, week.mutual, week.met) == (FEWEST_TO_COUNT, 1, 1, 1)


async def test_no_count_of_a_small_open_week_tells_an_answer(app: Application) -> None:
    week = await introduced(app, FEWEST_TO_COUNT - 1)
    assert (week.introduced, week.answered, week.mutual, week.met) == (FEWEST_TO_COUNT - 1, None, None, None)


async def test_a_small_week_is_counted_once_it_is_closed(app: Application) -> None:
    week = await introduced(app, 2, WeekState.CLOSED)
    assert (week.introduced, week.answered, week.mutual) == (2, 1, 1)


async def test_staff_who_wait_in_a_week_read_no_count_of_its_answers(app: Application) -> None:
    await introduced(app, FEWEST_TO_COUNT)
    for person, answered in ((a_user(2 * FEWEST_TO_COUNT), None), (a_user(1), 1)):
        (week,) = (await app.dashboard.read(Actor.signed_in(person.id, Role.CONSULTANT))).weeks
        assert (week.introduced, week.answered) == (FEWEST_TO_COUNT, answered)


@pytest.mark.parametrize(("days", "count"), [(0, (7, 3)), (1, (7, 3)), (2, None)])
async def test_memberships_that_are_due_are_those_of_the_latest_count(
    app: Application, days: int, count: tuple[int, int] | None
) -> None:
    key = daily_key(JobKind.DUE_MEMBERSHIPS, (NOON - timedelta(days=days)).date())
    job = Job.new(JobId("job_1"), JobKind.DUE_MEMBERSHIPS, at=NOON, unique_key=key)
    async with app.storage.write() as tx:
        await tx.jobs.add(replace(job, state=JobState.DONE, finished_at=NOON, result={"memberships": 7, "late": 3}))
    due = (await app.dashboard.read(STAFF)).due_memberships
    assert (due and (due.count, due.late)) == count


async def test_a_count_of_before_late_ones_were_counted_fails_no_dashboard(app: Application) -> None:
    key = daily_key(JobKind.DUE_MEMBERSHIPS, NOON.date())
    job = Job.new(JobId("job_1"), JobKind.DUE_MEMBERSHIPS, at=NOON, unique_key=key)
    async with app.storage.write() as tx:
        await tx.jobs.add(replace(job, state=JobState.DONE, finished_at=NOON, result={"memberships": 7}))
    due = (await app.dashboard.read(STAFF)).due_memberships
    assert due == DueView(count=7, late=None, counted_at=NOON)


async def test_members_read_no_dashboard(app: Application) -> None:
    with pytest.raises(Forbidden):
        await app.dashboard.read(Actor.signed_in(a_user(1).id, Role.MEMBER))


async def test_consultations_of_the_day_are_counted_by_the_services_calendar(app: Application) -> None:
    # Noon in Seoul is 03:00 UTC; the day there began at 15:00 UTC of the day before.
    midnight, hour = NOON - timedelta(hours=12), timedelta(hours=1)
    begins = {1: midnight - hour, 2: midnight, 3: NOON, 4: NOON + hour, 5: midnight + timedelta(days=1)}
    states = {2: ConsultationState.NO_SHOW, 3: ConsultationState.DONE}
    slots = [a_slot(number, starts_at=at) for number, at in begins.items()]
    async with app.storage.write() as tx:
        await tx.users.add(a_user(1))
        await tx.consultations.add_slots(slots)
        for number, slot in zip(begins, slots, strict=True):
            state = states.get(number, ConsultationState.BOOKED)
            await tx.consultations.add(a_consultation(slot, a_user(1).id, number, state=state))
    today = (await app.dashboard.read(STAFF)).consultations_today
    assert (today.booked, today.done, today.no_show) == (1, 1, 1)
