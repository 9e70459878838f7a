"""Whoever has to know hears of a job that failed for good, and staff see it until it is mended or given up."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.support.http import populate, served
from tests.unit.test_console import page, send
from tests.unit.test_planning import STAFF, House, a_house
from ygs.application.actors import ALLOWED, Actor, Permission
from ygs.application.jobs.worker import Handler, Worker
from ygs.application.messages.translate import translate
from ygs.application.notifications.texts import TEXTS
from ygs.application.operations.dashboard import JOBS_SHOWN, STALLED_AFTER, DashboardView
from ygs.application.operations.failed_jobs import JOB_PERMISSIONS, job_permission
from ygs.application.rounds.week_schedules import WeekScheduleSettings
from ygs.application.rounds.weeks import CreateWeek
from ygs.domain.errors import Forbidden, RoundRefused, Unavailable, WrongStatus
from ygs.domain.events import EventType
from ygs.domain.ids import JobId, UserId, WeekId
from ygs.domain.jobs import MOST_ATTEMPTS, OPERATOR, Job, JobKind, JobState, Values, daily_key
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import EventGroup, Notice, group_of
from ygs.domain.users import Role, Status
from ygs.domain.week_schedule import Weekday
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered

CONSULTANT = UserId(numbered("usr", 900))
COLLEAGUE = UserId(numbered("usr", 901))
ADMIN = UserId(numbered("usr", 902))
ROLES = {CONSULTANT: Role.CONSULTANT, COLLEAGUE: Role.CONSULTANT, ADMIN: Role.ADMIN}
STAFF_HEAR = {CONSULTANT, COLLEAGUE, ADMIN}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as made:
        async with made.app.storage.write() as tx:
            for number, (each, role) in enumerate(ROLES.items(), 900):
                await tx.users.add(replace(a_user(number, role=role, status=Status.DRAFT), id=each))
        yield made


def signed_in(id: UserId) -> Actor:
    return Actor.signed_in(id, ROLES[id])


async def heard(house: House) -> dict[UserId, list[Notice]]:
    """The notices of staff about jobs."""
    while await house.app.dispatcher.dispatch():
        pass
    async with house.app.storage.read() as reading:
        pages = {each: await reading.notices.page(each) for each in ROLES}
    return {each: [notice for notice in page if notice.event.job_id] for each, page in pages.items()}


async def hearers(house: House) -> dict[UserId, list[EventType]]:
    return {each: [notice.event.type for notice in page] for each, page in (await heard(house)).items() if page}


async def failing(house: House, *jobs: Job, error: Exception | None = None) -> None:
    """Queue those of the jobs that are new, and have a worker fail at each until it cannot be claimed."""

    async def fail(_: object) -> Values:
        raise error or RoundRefused("no")

    async def nothing() -> None:
        """Queue nothing."""

    async with house.app.storage.write() as tx:
        known = {job.id for job in await tx.jobs.page()}
        for job in jobs:
            if job.id not in known:
                await tx.jobs.add(job)
    worker = Worker(house.app.storage, house.clock, dict.fromkeys([*JobKind, "another"], fail), nothing)
    for job in jobs:
        await _run(house, worker, job)


async def _run(house: House, worker: Worker, job: Job) -> None:
    for _ in range(MOST_ATTEMPTS):
        await worker.run_job(job.id)
        house.clock.moment += timedelta(minutes=5)


def a_job(
    kind: str = JobKind.MEETING_NOTICES,
    number: int = 1,
    *,
    by: str = OPERATOR,
    **about: str,
) -> Job:
    return Job(
        id=JobId(numbered("job", number)),
        kind=kind,
        requested_by=by,
        created_at=NOON,
        run_at=NOON,
        arguments=about,
    )


async def today(house: House, actor: Actor = STAFF) -> list[str]:
    """The kinds of the failed jobs on the dashboard; the count is the same."""
    shown: DashboardView = await house.app.dashboard.read(actor)
    assert shown.waiting.failed_jobs == len(shown.failed_jobs)
    return [job.kind for job in shown.failed_jobs]


def test_every_kind_of_job_says_what_it_takes_to_ask_for_it() -> None:
    assert JOB_PERMISSIONS.keys() == set(JobKind)
    assert job_permission("of another service") is Permission.RUN_WEEKS


async def test_a_scheduled_lock_that_is_refused_is_told_to_all_staff_once_and_shown_today(house: House) -> None:
    async with house.app.storage.write() as tx:
        members = await tx.users.by_ids([*map(UserId, (await tx.market.enrolled(capacity=1)).ids)])
        await tx.users.save_all([replace(each, status=Status.SUSPENDED) for each in members])
    schedule = WeekScheduleSettings(enabled=True, weekday=Weekday.MONDAY, hour=13)
    await house.app.week_schedules.set(STAFF, schedule)
    for _ in range(3):
        house.clock.moment += timedelta(hours=1)
        await house.app.worker.schedule()
        while await house.app.worker.run_one():
            pass
    assert await hearers(house) == {each: [EventType.WEEK_NOT_LOCKED] for each in STAFF_HEAR}
    assert await today(house, signed_in(CONSULTANT)) == [JobKind.LOCK_WEEK]


async def test_a_lock_that_failed_no_longer_waits_once_staff_locked_or_cancelled_the_week(house: House) -> None:
    week = await house.app.weeks.create(STAFF, CreateWeek(week="2026-W49"))
    await failing(house, a_job(JobKind.LOCK_WEEK, week="2026-W49"), a_job(JobKind.LOCK_WEEK, 2, week="2026-W51"))
    assert await today(house) == [JobKind.LOCK_WEEK] * 2
    await house.app.weeks.lock(STAFF, WeekId(week.id))
    assert await today(house) == [JobKind.LOCK_WEEK]
    other = await house.app.weeks.create(STAFF, CreateWeek(week="2026-W51"))
    assert await today(house) == [JobKind.LOCK_WEEK]
    await house.app.weeks.cancel(STAFF, WeekId(other.id))
    assert await today(house) == []


async def test_a_lock_that_failed_no_longer_waits_when_its_week_is_over(house: House) -> None:
    await failing(house, a_job(JobKind.LOCK_WEEK, week="2026-W49"))
    house.clock.moment = datetime(2026, 12, 6, 23, tzinfo=SEOUL)
    assert await today(house) == [JobKind.LOCK_WEEK]
    house.clock.moment = datetime(2026, 12, 7, 0, tzinfo=SEOUL)
    assert await today(house) == []


async def test_who_asked_for_a_job_hears_of_it_alone_and_colleagues_see_it(house: House) -> None:
    week = await house.locked()
    await failing(house, a_job(JobKind.PLAN_WEEK, by=CONSULTANT, week=week))
    ((hearer, (notice,)),) = [(each, page) for each, page in (await heard(house)).items() if page]
    assert (hearer, notice.event.type) == (CONSULTANT, EventType.JOB_FAILED)
    assert notice.event.ids == {"user_id": CONSULTANT, "job_id": a_job().id}
    (view,) = (await house.app.notices.list(signed_in(CONSULTANT))).items
    assert (view.job_id, view.member_id) == (a_job().id, None)
    assert await today(house, signed_in(COLLEAGUE)) == [JobKind.PLAN_WEEK]


@pytest.mark.parametrize("lost", ["role", "suspended", "left"])
async def test_where_whoever_asked_may_not_any_more_those_who_may_hear_of_it(house: House, lost: str) -> None:
    async with house.app.storage.write() as tx:
        user = await tx.users.get(ADMIN)
        lost_it = {
            "role": replace(user, role=Role.CONSULTANT),
            "suspended": replace(user, status=Status.SUSPENDED),
            "left": user.withdraw(at=NOON),
        }
        await tx.users.save(lost_it[lost])
        await tx.users.add(replace(a_user(903, role=Role.ADMIN, status=Status.DRAFT), id=UserId(numbered("usr", 903))))
    staff = {CONSULTANT, COLLEAGUE, UserId(numbered("usr", 903))}
    await failing(house, a_job(JobKind.EXPORT, by=ADMIN, export="exp_1"))
    async with house.app.storage.write() as tx:
        (event,) = await tx.outbox.pending()
    assert (event.type, event.user_id) == (EventType.ADMIN_JOB_FAILED, None)
    await house.app.dispatcher.dispatch()
    async with house.app.storage.read() as reading:
        told = {each for each in staff if await reading.notices.page(each)}
    assert told == {UserId(numbered("usr", 903))}


async def test_a_job_that_fails_again_and_again_is_told_once(house: House) -> None:
    await failing(house, a_job(), error=Unavailable())
    for _ in range(2):
        await house.app.jobs.requeue(STAFF, a_job().id)
        await failing(house, a_job())
    assert {each: len(page) for each, page in (await heard(house)).items()} == dict.fromkeys(STAFF_HEAR, 1)


async def test_nothing_is_told_or_shown_of_what_may_still_succeed_or_was_stopped(house: House) -> None:
    async def fail(_: object) -> Values:
        await house.app.jobs.cancel(STAFF, a_job(number=2).id)
        raise Unavailable

    async def busy(_: object) -> Values:
        raise Unavailable

    async def nothing() -> None:
        """Queue nothing."""

    handlers: dict[str, Handler] = {JobKind.MEETING_NOTICES: busy, JobKind.PURGE: fail}
    async with house.app.storage.write() as tx:
        await tx.jobs.add(a_job())
        await tx.jobs.add(a_job(JobKind.PURGE, 2))
    worker = Worker(house.app.storage, house.clock, handlers, nothing)
    assert [await worker.run_one() for _ in range(3)] == [True, True, False]
    states = [job.state for job in await house.app.jobs.list(STAFF)]
    assert states == [JobState.FAILED, JobState.QUEUED]
    assert (await hearers(house), await today(house)) == ({}, [])


async def test_what_only_administrators_may_repeat_is_told_and_shown_to_them_alone(house: House) -> None:
    await failing(house, a_job(JobKind.PURGE))
    assert await hearers(house) == {ADMIN: [EventType.ADMIN_JOB_FAILED]}
    assert (await today(house, signed_in(ADMIN)), await today(house, signed_in(CONSULTANT))) == ([JobKind.PURGE], [])
    assert await house.app.jobs.list(signed_in(CONSULTANT)) == []
    for ask in (house.app.jobs.get, house.app.jobs.cancel, house.app.jobs.requeue):
        with pytest.raises(Forbidden):
            await ask(signed_in(CONSULTANT), a_job().id)
    assert (await house.app.jobs.requeue(signed_in(ADMIN), a_job().id)).state is JobState.QUEUED


@pytest.mark.parametrize("kind", JobKind)
async def test_a_job_is_shown_to_those_who_may_ask_for_it(house: House, kind: JobKind) -> None:
    week = (await house.planned())[0]
    about: dict[str, str] = {"week": week}
    if kind in (JobKind.CLOSE_WEEK, JobKind.REMIND):
        await house.app.planning.publish(STAFF, week)
    elif kind is JobKind.LOCK_WEEK:
        about = {"week": "2026-W52"}
    elif kind is JobKind.ADVISE_WEEK:
        await house.app.weeks.discard(STAFF, week)
        await house.app.weeks.lock(STAFF, week)
    # Newer than what the week has queued itself.
    await failing(house, a_job(kind, 1 << 110, **about))
    for each, role in ROLES.items():
        assert (await today(house, signed_in(each)) == [kind]) is (JOB_PERMISSIONS[kind] in ALLOWED[role])


async def test_a_job_goes_from_today_when_it_is_tried_again_or_given_up(house: House) -> None:
    await failing(house, a_job(), a_job(JobKind.DUE_MEMBERSHIPS, 2))
    assert await today(house) == [JobKind.DUE_MEMBERSHIPS, JobKind.MEETING_NOTICES]
    await house.app.jobs.requeue(STAFF, a_job().id)
    assert await today(house) == [JobKind.DUE_MEMBERSHIPS]
    given_up = await house.app.jobs.cancel(STAFF, a_job(number=2).id)
    assert (given_up.state, given_up.error, await today(house)) == (JobState.CANCELLED, "round_refused", [])
    with pytest.raises(WrongStatus):
        await house.app.jobs.requeue(STAFF, given_up.id)


async def test_a_later_job_of_the_same_takes_the_place_of_one_that_failed(house: House) -> None:
    yesterday = replace(a_job(JobKind.PURGE), unique_key=daily_key(JobKind.PURGE, date(2026, 11, 22)))
    sheet, other_sheet = (
        a_job(JobKind.IMPORT, 2, **{"import": "imp_1"}),
        a_job(JobKind.IMPORT, 3, **{"import": "imp_2"}),
    )
    await failing(house, yesterday, sheet, other_sheet)
    assert len(await today(house)) == 3
    async with house.app.storage.write() as tx:
        await tx.jobs.add(replace(a_job(JobKind.PURGE, 4), unique_key=daily_key(JobKind.PURGE, date(2026, 11, 23))))
        await tx.jobs.add(replace(a_job(JobKind.IMPORT, 5, **{"import": "imp_1"}), state=JobState.DONE))
    assert await today(house) == [JobKind.IMPORT]


async def test_a_plan_that_failed_waits_only_while_its_week_does(house: House) -> None:
    week = await house.locked()
    await failing(house, a_job(JobKind.PLAN_WEEK, week=week), a_job(JobKind.PUBLISH_WEEK, 2, week=week))
    assert await today(house) == [JobKind.PLAN_WEEK]
    await house.app.planning.plan(STAFF, week)
    assert sorted(await today(house)) == [JobKind.PLAN_WEEK, JobKind.PUBLISH_WEEK]
    await house.app.planning.publish(STAFF, week)
    assert await today(house) == []


async def test_work_that_no_worker_takes_is_told_after_half_an_hour(house: House) -> None:
    async with house.app.storage.write() as tx:
        await tx.jobs.add(a_job())
        await tx.jobs.add(replace(a_job(JobKind.REMOVE_FILE, 2, path="a"), run_at=NOON + timedelta(days=7)))
    house.clock.moment = NOON + STALLED_AFTER - timedelta(seconds=1)
    assert not (await house.app.dashboard.read(STAFF)).work_stalled
    house.clock.moment = NOON + STALLED_AFTER
    assert (await house.app.dashboard.read(signed_in(CONSULTANT))).work_stalled
    await house.app.worker.run_one()
    assert not (await house.app.dashboard.read(STAFF)).work_stalled


async def test_today_lists_the_newest_and_counts_all(house: House) -> None:
    several = JOBS_SHOWN + 3
    async with house.app.storage.write() as tx:
        for number in range(1, several + 1):
            failed = replace(a_job(JobKind.EXPORT, number, export=f"exp_{number}"), state=JobState.FAILED)
            await tx.jobs.add(failed)
    shown = await house.app.dashboard.read(STAFF)
    newest = [numbered("job", number) for number in range(several, 3, -1)]
    assert ([job.id for job in shown.failed_jobs], shown.waiting.failed_jobs) == (newest, several)


async def test_todays_page_leads_to_what_failed_where_it_is_tried_again_or_given_up() -> None:
    async with served() as world:
        await populate(world)
        async with world.ygs.storage.write() as tx:
            for number, kind in ((801, JobKind.MEETING_NOTICES), (802, JobKind.PURGE)):
                failed = replace(a_job(kind, number), state=JobState.FAILED, error="unexpected", finished_at=NOON)
                await tx.jobs.add(failed)
        for who, listed in (("consultant", [801]), ("admin", [802, 801])):
            links = [f"/jobs/{numbered('job', number)}" for number in listed]
            assert re.findall('href="/console(/jobs/job_[^"]+)"', (await page(world, "/", who)).text) == links
            over_http = (await world.ask("GET", "/admin/dashboard", who)).json()
            assert over_http["waiting"]["failed_jobs"] == len(listed)
            assert [f"/jobs/{each['id']}" for each in over_http["failed_jobs"]] == links
        assert 'id="stalled"' not in (await page(world, "/")).text
        async with world.ygs.storage.write() as tx:
            await tx.jobs.add(replace(a_job(number=803), run_at=world.clock.now() - STALLED_AFTER))
        assert "`ygs worker`" in (await page(world, "/")).text
        purge = f"/jobs/{numbered('job', 802)}"
        for act in ("requeue", "cancel"):
            assert f'action="/console{purge}/{act}"' in (await page(world, purge)).text
        assert "job_given_up" in (await send(world, f"{purge}/cancel")).headers["Set-Cookie"]
        assert purge not in (await page(world, "/")).text


@pytest.mark.parametrize(
    "type",
    [EventType.JOB_FAILED, EventType.STAFF_JOB_FAILED, EventType.ADMIN_JOB_FAILED, EventType.WEEK_NOT_LOCKED],
)
def test_the_message_is_work_and_is_said_in_both_languages(type: EventType) -> None:
    assert group_of(type) is EventGroup.WORK
    for text in TEXTS[type]:
        assert translate(text, Language.EN) == text
        assert translate(text, Language.KO) != text
