"""Weeks are planned and published by jobs: once, for whoever asked, and stored together with the end of the job."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.test_planning import STAFF, House, a_house
from ygs.application.actors import Actor
from ygs.application.jobs.queue import JobView
from ygs.application.jobs.stored_errors import error_words, stored_error
from ygs.application.jobs.worker import JobRun
from ygs.application.messages.translate import explain_error, headline
from ygs.application.rounds.broken_pair_words import broken_pairs_listed
from ygs.domain.errors import (
    Forbidden,
    InvalidFact,
    LeaseLost,
    Listed,
    NotFound,
    RoundRefused,
    Unavailable,
    WrongStatus,
    YgsError,
)
from ygs.domain.ids import JobId, UserId, WeekId
from ygs.domain.jobs import JobKind, JobState
from ygs.domain.match_weeks import BrokenPair, WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.ids import numbered


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as made:
        yield made


async def a_consultant(house: House) -> Actor:
    user = a_user(900, role=Role.CONSULTANT, status=Status.DRAFT)
    async with house.app.storage.write() as tx:
        await tx.users.add(user)
    return Actor.signed_in(user.id, user.role)


async def run(house: House, queued: JobView) -> JobView:
    """The job, after one attempt of the worker."""
    assert await house.app.worker.run_one()
    return await house.app.jobs.get(STAFF, queued.id)


async def state(house: House, week: WeekId) -> WeekState:
    return (await house.app.weeks.show(STAFF, week)).state


async def test_a_week_is_planned_and_published_for_whoever_asked(house: House) -> None:
    consultant, week = await a_consultant(house), await house.locked()
    planned = await run(house, await house.app.week_jobs.plan(consultant, week))
    published = await run(house, await house.app.week_jobs.publish(consultant, week))
    made = (await house.app.weeks.show(STAFF, week)).introductions.waiting
    assert (planned.state, planned.result["week"], planned.result["pairs"]) == (JobState.DONE, week, made)
    assert (published.state, published.result) == (JobState.DONE, {"week": week, "introductions": made})
    async with house.app.storage.read() as reading:
        entries = [each.entry for each in await reading.audit.page()]
    theirs = [each.action for each in entries if each.actor == consultant.id and each.action != "week.committed"]
    assert sorted(theirs) == ["job.queued", "job.queued", "week.planned", "week.published"]


async def test_a_week_out_of_order_is_refused_before_anything_is_queued(house: House) -> None:
    week = await house.locked()
    with pytest.raises(WrongStatus):
        await house.app.week_jobs.publish(STAFF, week)
    assert [job.kind for job in await house.app.jobs.list(STAFF)] == ["pool_balance"]


async def test_a_week_has_one_open_job_of_a_kind_and_another_once_that_is_over(house: House) -> None:
    week = await house.locked()
    first = await house.app.week_jobs.plan(STAFF, week)
    assert await house.app.week_jobs.plan(STAFF, week) == first
    await house.app.jobs.cancel(STAFF, first.id)
    second = await house.app.week_jobs.plan(STAFF, week)
    assert second.id != first.id
    assert (await run(house, second)).state is JobState.DONE
    third = await house.app.week_jobs.plan(STAFF, week)
    assert third.id not in (first.id, second.id)
    assert (await house.app.week_jobs.plan(STAFF, week)).id == third.id


@pytest.mark.parametrize("kind", [JobKind.PLAN_WEEK, JobKind.PUBLISH_WEEK])
async def test_what_a_job_makes_is_stored_with_its_end_or_not_at_all(house: House, kind: JobKind) -> None:
    week, before = await locked_or_planned(house, kind)
    first = await claimed(house, kind, week)
    lost = first.job
    house.clock.moment += timedelta(seconds=61)
    second = await claimed_again(house, lost.id)
    with pytest.raises(LeaseLost):
        await handle(house, first)
    assert await state(house, week) is before
    house.clock.moment += timedelta(seconds=61)  # the week's own lease
    await handle(house, second)
    done = await house.app.jobs.get(STAFF, lost.id)
    assert (done.state, await state(house, week) is before) == (JobState.DONE, False)


async def locked_or_planned(house: House, kind: JobKind) -> tuple[WeekId, WeekState]:
    if kind is JobKind.PLAN_WEEK:
        return await house.locked(), WeekState.LOCKED
    return (await house.planned())[0], WeekState.PROPOSED


async def claimed(house: House, kind: JobKind, week: WeekId) -> JobRun:
    queue = house.app.week_jobs.plan if kind is JobKind.PLAN_WEEK else house.app.week_jobs.publish
    return await claimed_again(house, (await queue(STAFF, week)).id)


async def claimed_again(house: House, id: JobId) -> JobRun:
    app = house.app
    async with app.storage.write() as tx:
        job = await tx.jobs.claim(list(JobKind), at=house.clock.now(), seconds=60, only=id)
    assert job
    return JobRun(app.storage, house.clock, job)


async def handle(house: House, run: JobRun) -> None:
    await house.app.worker.handlers[run.job.kind](run)


async def test_a_publication_that_is_refused_says_which_pairs_no_longer_hold(house: House) -> None:
    week, plan = await house.planned()
    pair = plan.pairs[0]
    async with house.app.storage.write() as tx:
        gone = await tx.users.get(UserId(pair.a))
        await tx.users.save(gone.pause(at=house.clock.now()))
    failed = await run(house, await house.app.week_jobs.publish(STAFF, week))
    assert (failed.state, failed.error) == (JobState.FAILED, "round_refused")
    (korean,), (english,) = failed.error_words.ko, failed.error_words.en
    assert pair.a in korean
    assert pair.a in english
    assert english.startswith("no longer eligible: ")
    assert "빼고" in korean or "제외" in korean


async def test_a_week_that_another_is_busy_with_is_tried_again_later(house: House) -> None:
    week = await house.locked()
    async with house.app.storage.write() as tx:
        held = (await tx.weeks.get(week)).leased(at=house.clock.now(), seconds=15)
        await tx.weeks.save(held)
    waiting = await run(house, await house.app.week_jobs.plan(STAFF, week))
    assert (waiting.state, waiting.error) == (JobState.QUEUED, "lease_lost")
    assert waiting.run_at == house.clock.now() + timedelta(seconds=10)
    house.clock.moment += timedelta(seconds=20)
    assert (await run(house, waiting)).state is JobState.DONE


async def test_who_may_no_longer_run_weeks_has_nothing_published_in_their_name(house: House) -> None:
    consultant, (week, _) = await a_consultant(house), await house.planned()
    queued = await house.app.week_jobs.publish(consultant, week)
    async with house.app.storage.write() as tx:
        user = await tx.users.get(consultant.require_id())
        await tx.users.save(replace(user, role=Role.MEMBER))
    failed = await run(house, queued)
    assert (failed.state, failed.error) == (JobState.FAILED, "forbidden")
    assert await state(house, week) is WeekState.PROPOSED


@pytest.mark.parametrize("step", ["plan", "publish"])
async def test_members_queue_nothing(house: House, step: str) -> None:
    week, _ = await house.planned()
    with pytest.raises(Forbidden):
        await getattr(house.app.week_jobs, step)(Actor.signed_in(UserId(numbered("usr", 1)), Role.MEMBER), week)


BROKEN = (BrokenPair(a="usr_a", b="usr_b", reason="block"), BrokenPair(a="usr_a", b="usr_c", reason="odd"))


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(),
        LeaseLost("week {week} is {state}: plan it first", week="2026-W48", state=WeekState.LOCKED),
        WrongStatus("week {week} is {state}; this needs one of: {needed}", week=1, state="x", needed=Listed(["open"])),
        NotFound("introduction", "mh_1"),
        NotFound("job"),
        InvalidFact("height_cm", "from {low} to {high}", low=100, high=250),
        RoundRefused("no longer eligible: {broken}", broken=broken_pairs_listed(BROKEN)),
        YgsError("odd {reason}", reason=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_stored_error_says_in_each_language_what_the_error_said(error: YgsError) -> None:
    words = error_words(error.code, stored_error(error))
    for language in Language:
        assert words.spoken(language) == [explain_error(error, language) or headline(error, language)]


def test_an_error_that_nobody_foresaw_is_not_described_further() -> None:
    assert error_words("unexpected", {}).en == ["Something went wrong."]
    assert error_words("", {}).en == []
