"""The worker runs each job once, whatever fails, and what has its hour happens by itself."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from tests.unit.test_planning import STAFF, House, a_house
from ygs.adapters.memory import MemoryStorage
from ygs.application import polling
from ygs.application.actors import Actor
from ygs.application.jobs import worker as module
from ygs.application.jobs.queue import JobQueue
from ygs.application.jobs.worker import JobRun, Worker
from ygs.domain.errors import Forbidden, LeaseLost, RoundRefused, Unavailable
from ygs.domain.ids import UserId
from ygs.domain.jobs import MOST_ATTEMPTS, Beat, Job, JobState, Values
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import SEOUL
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.jobs import a_job
from ygs.entrypoints.testing.ids import numbered
from ygs.entrypoints.workers import work_until_stopped

Do = Callable[[JobRun], Awaitable[Values]]


class Office:
    """A storage with a queue, and a worker that does one kind of job."""

    def __init__(self, do: Do) -> None:
        self.storage = MemoryStorage()
        self.clock = FrozenClock()
        self.queue = JobQueue(self.storage, self.clock)
        self.worker = Worker(self.storage, self.clock, {"plan": do}, self._nothing)

    async def _nothing(self) -> None:
        """Queue nothing."""

    async def add(self, *jobs: Job) -> None:
        """Queue jobs."""
        async with self.storage.write() as tx:
            for job in jobs:
                await tx.jobs.add(job)

    async def job(self) -> Job:
        """The first job as it is stored."""
        async with self.storage.read() as reading:
            return await reading.jobs.get(a_job().id)

    async def job_when(self, seen: Callable[[Job], bool]) -> Job:
        """The first job as soon as it is as wanted; `TimeoutError` after some seconds."""
        for _ in range(1_000):
            job = await self.job()
            if seen(job):
                return job
            await asyncio.sleep(0.01)
        raise TimeoutError


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(polling, "IDLE_SECONDS", 0.01)


async def test_storage_that_is_away_is_logged_once_and_again_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    stopping = asyncio.Event()
    answers = iter([Unavailable(), Unavailable(), None, Unavailable(), None])

    async def step() -> None:
        match next(answers, stopping):
            case Unavailable() as error:
                raise error
            case asyncio.Event():
                stopping.set()

    caplog.set_level("INFO")
    await polling.poll(step, stopping)
    away = "storage does not answer (unavailable); asking again until it does"
    assert caplog.messages == [away, "storage answers again"] * 2


async def test_a_worker_logs_its_start_the_signal_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    worker = Office(_nothing_to_do).worker
    asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
    await work_until_stopped(worker)
    assert caplog.messages == ["worker started", "SIGTERM: finishing what runs", "worker stopped"]


async def _nothing_to_do(run: JobRun) -> Values:
    return {}


async def test_a_job_is_run_once_and_its_result_kept() -> None:
    runs = list[str]()

    async def do(run: JobRun) -> Values:
        runs.append(run.job.id)
        return {"pairs": 3}

    office = Office(do)
    await office.add(a_job())
    assert (await office.worker.run_one(), await office.worker.run_one()) == (True, False)
    assert (runs, (await office.job()).result) == ([a_job().id], {"pairs": 3})


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (Unavailable("busy"), JobState.QUEUED, "unavailable"),
        (RoundRefused("no"), JobState.FAILED, "round_refused"),
        (ZeroDivisionError("010-1234-5678"), JobState.QUEUED, "unexpected"),
    ],
)
async def test_what_may_pass_is_tried_again_and_a_rule_is_not(
    error: Exception, state: JobState, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def do(_: JobRun) -> Values:
        raise error

    office = Office(do)
    await office.add(a_job())
    await office.worker.run_one()
    job = await office.job()
    assert (job.state, job.error) == (state, code)
    assert "5678" not in caplog.text


async def test_progress_is_stored_while_a_job_runs_and_its_lease_renewed() -> None:
    go_on = asyncio.Event()

    async def do(run: JobRun) -> Values:
        run.progress("solving", 3, 7)
        await go_on.wait()
        return {}

    office = Office(do)
    await office.add(a_job())
    running = asyncio.create_task(office.worker.run_one())
    claimed = await office.job_when(lambda job: job.state is JobState.RUNNING)
    office.clock.advance(seconds=30)
    job = await office.job_when(lambda job: job.done == 3 and job.lease_until != claimed.lease_until)
    assert claimed.lease_until == NOON + timedelta(seconds=60)
    assert (job.stage, job.total, job.lease_until) == ("solving", 7, NOON + timedelta(seconds=90))
    go_on.set()
    await running


async def test_a_running_job_is_cancelled_at_its_next_beat() -> None:
    ended = list[str]()

    async def do(_: JobRun) -> Values:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("let go")
        return {}

    office = Office(do)
    await office.add(a_job())
    running = asyncio.create_task(office.worker.run_one())
    await office.job_when(lambda job: job.state is JobState.RUNNING)
    await office.queue.cancel(STAFF, a_job().id)
    await running
    assert ((await office.job()).state, ended) == (JobState.CANCELLED, ["let go"])


async def test_a_worker_that_lost_its_job_stores_nothing_of_it() -> None:
    async def do(run: JobRun) -> Values:
        # A worker that was stopped for two minutes wakes, and another has the job.
        office.clock.advance(minutes=2)
        async with office.storage.write() as tx:
            await tx.jobs.claim(["plan"], at=office.clock.now(), seconds=60)
        with pytest.raises(LeaseLost):
            await _finish(run)
        raise RoundRefused

    async def _finish(run: JobRun) -> None:
        async with office.storage.write() as tx:
            await tx.rate_limits.get("stored", NOON)
            await run.finish(tx, {})

    office = Office(do)
    await office.add(a_job())
    await office.worker.run_one()
    job = await office.job()
    assert (job.state, job.attempts, job.error) == (JobState.RUNNING, 2, "")


async def test_a_result_is_stored_with_the_end_of_its_job() -> None:
    async def do(run: JobRun) -> Values:
        async with office.storage.write() as tx:
            await run.finish(tx, {"pairs": 1})
        return {"pairs": 2}

    office = Office(do)
    await office.add(a_job())
    await office.worker.run_one()
    assert (await office.job()).result == {"pairs": 1}


async def test_a_worker_runs_until_it_is_stopped_also_when_the_storage_does_not_answer() -> None:
    asked = list[int]()

    async def do(run: JobRun) -> Values:
        office.worker.stop()
        return {}

    async def unavailable() -> None:
        asked.append(1)
        if len(asked) < 3:
            raise Unavailable

    office = Office(do)
    office.worker.schedule = unavailable
    await office.add(a_job())
    await asyncio.wait_for(office.worker.run(), 5)
    assert (len(asked), (await office.job()).state) == (3, JobState.DONE)


async def test_an_unexpected_error_of_a_step_stops_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    broken = iter([ZeroDivisionError("010-1234-5678"), None])

    async def do(run: JobRun) -> Values:
        office.worker.stop()
        return {}

    async def schedule() -> None:
        raise ZeroDivisionError("010-1234-5678")

    async def run_one() -> bool:
        if error := next(broken):
            raise error
        return await Worker.run_one(office.worker)

    office = Office(do)
    office.worker.schedule = schedule
    office.worker.run_one = run_one  # type: ignore[method-assign] # the first call fails
    await office.add(a_job())
    await asyncio.wait_for(office.worker.run(), 5)
    assert (await office.job()).state == JobState.DONE
    assert "scheduling failed: ZeroDivisionError" in caplog.text
    assert "5678" not in caplog.text


async def test_a_job_is_given_back_by_a_worker_that_stops_and_what_it_held_is_let_go_first() -> None:
    ended = list[str]()

    async def do(_: JobRun) -> Values:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)
            ended.append((await office.job()).state)
        return {}

    office = Office(do)
    await office.add(a_job())
    running = asyncio.create_task(office.worker.run_one())
    await office.job_when(lambda job: job.state is JobState.RUNNING)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    job = await office.job()
    assert (ended, job.state, job.attempts, job.lease_until) == ([JobState.RUNNING], JobState.QUEUED, 0, None)


async def test_what_was_cancelled_when_its_worker_died_is_not_begun_again() -> None:
    async def do(_: JobRun) -> Values:
        raise AssertionError

    office = Office(do)
    await office.add(a_job())
    async with office.storage.write() as tx:
        await tx.jobs.claim(["plan"], at=NOON, seconds=60)
    await office.queue.cancel(STAFF, a_job().id)
    office.clock.advance(minutes=2)
    await office.worker.run_one()
    assert (await office.job()).state is JobState.CANCELLED


async def test_the_beat_of_a_cancelled_job_renews_no_lease() -> None:
    async def nothing(run: JobRun) -> Values:
        return {}

    office = Office(nothing)
    await office.add(a_job())
    async with office.storage.write() as tx:
        claimed = await tx.jobs.claim(["plan"], at=NOON, seconds=60)
    assert claimed is not None
    await office.queue.cancel(STAFF, claimed.id)
    office.clock.advance(seconds=20)
    run = JobRun(office.storage, office.clock, claimed, lease_seconds=60)
    assert await run.beat() is Beat.CANCELLED
    assert (await office.job()).lease_until == claimed.lease_until


def test_a_job_that_fails_after_it_was_cancelled_is_not_tried_again() -> None:
    running = a_job().claimed(at=NOON, seconds=60).cancelled(at=NOON)
    assert running.failed("away", fence=running.fence, at=NOON, again=True).state is JobState.FAILED


def test_a_job_that_is_queued_again_has_all_its_attempts() -> None:
    job = a_job()
    for _ in range(MOST_ATTEMPTS):
        running = job.claimed(at=NOON, seconds=60)
        job = running.failed("away", fence=running.fence, at=NOON, again=True)
    again = job.requeued(at=NOON)
    assert (job.state, again.state, again.attempts) == (JobState.FAILED, JobState.QUEUED, 0)


def test_a_job_that_was_cancelled_and_failed_runs_when_it_is_queued_again() -> None:
    """Whoever queues it again wants it; the former wish to cancel must not end it at its first beat."""
    running = a_job().claimed(at=NOON, seconds=60).cancelled(at=NOON)
    again = running.failed("away", fence=running.fence, at=NOON, again=True).requeued(at=NOON)
    anew = again.claimed(at=NOON, seconds=60)
    assert anew.beat(fence=anew.fence) is Beat.GO_ON


async def test_what_is_done_in_the_moment_of_its_cancelling_is_done() -> None:
    async def do(run: JobRun) -> Values:
        async with office.storage.write() as tx:
            await run.finish(tx, {"pairs": 1})
        raise asyncio.CancelledError

    office = Office(do)
    await office.add(a_job())
    with pytest.raises(asyncio.CancelledError):
        await office.worker.run_one()
    assert (await office.job()).state is JobState.DONE


async def test_a_job_that_ends_each_worker_is_not_begun_for_ever() -> None:
    async def do(_: JobRun) -> Values:
        raise AssertionError

    office = Office(do)
    await office.add(a_job())
    for _ in range(MOST_ATTEMPTS):
        async with office.storage.write() as tx:
            await tx.jobs.claim(["plan"], at=office.clock.now(), seconds=60)
        office.clock.advance(minutes=2)
    await office.worker.run_one()
    assert ((await office.job()).state, (await office.job()).error) == (JobState.FAILED, "lease_lost")


async def test_an_idle_worker_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_house() as house:
        await house.app.worker.schedule()
        while await house.app.worker.run_one():
            pass  # what has its hour each day

        def no_write(**_: object) -> None:
            raise AssertionError

        monkeypatch.setattr(house.app.storage, "write", no_write)
        await house.app.worker.schedule()
        assert not await house.app.worker.run_one()


async def test_one_job_is_run_whatever_else_is_due_and_somebody_watches() -> None:
    seen = list[tuple[str, int, int]]()

    async def do(run: JobRun) -> Values:
        run.progress("solve", 1, 2)
        return {}

    office = Office(do)
    await office.add(a_job(1), a_job(2))
    assert await office.worker.run_job(a_job(2).id, lambda *report: seen.append(report))
    assert not await office.worker.run_job(a_job(2).id)
    assert ((await office.job()).state, seen) == (JobState.QUEUED, [("solve", 1, 2)])


async def test_a_failed_job_is_queued_again_by_staff_and_not_by_members() -> None:
    async def do(_: JobRun) -> Values:
        raise RoundRefused

    office = Office(do)
    await office.add(a_job())
    await office.worker.run_one()
    again = await office.queue.requeue(STAFF, a_job().id)
    assert again.state is JobState.QUEUED
    async with office.storage.read() as reading:
        actions = [each.entry.action for each in await reading.audit.page()]
    assert actions == ["job.requeued"]


async def test_a_published_week_is_closed_by_itself_after_its_deadline() -> None:
    async with a_house() as house:
        week, _ = await house.planned()
        await house.app.planning.publish(STAFF, week)
        assert await house.app.worker.run_one() is False
        house.clock.moment = (await house.app.weeks.show(STAFF, week)).deadline
        # The week's pool is counted first, a minute after it was locked.
        assert (await house.app.worker.run_one(), await house.app.worker.run_one()) == (True, True)
        shown = await house.app.weeks.show(STAFF, week)
        assert shown.state == "closed"
        assert (await house.app.jobs.list(STAFF))[0].result == {"closed": True}


async def test_a_week_that_staff_closed_is_left_as_it_is() -> None:
    async with a_house() as house:
        week, _ = await house.planned()
        await house.app.planning.publish(STAFF, week)
        house.clock.moment = (await house.app.weeks.show(STAFF, week)).deadline
        await house.app.weeks.close(STAFF, week)
        while await house.app.worker.run_one():
            pass
        assert (await house.app.jobs.list(STAFF))[0].result == {"closed": False}


async def test_a_week_that_is_not_over_by_the_time_that_decides_is_closed_by_a_later_attempt() -> None:
    async with a_house() as house:
        week, _ = await house.planned()
        deadline = (await house.app.planning.publish(STAFF, week)).deadline
        house.clock.moment = deadline
        async with house.app.storage.write() as tx:
            job = await tx.jobs.claim(["close_week"], at=deadline, seconds=60)
        assert job
        close = house.app.worker.handlers["close_week"]
        house.clock.moment = deadline - timedelta(seconds=2)
        with pytest.raises(Unavailable):
            await close(JobRun(house.app.storage, house.clock, job))
        house.clock.moment = deadline
        assert await close(JobRun(house.app.storage, house.clock, job)) == {"closed": True}


async def _ran(house: House) -> list[str]:
    """The kinds of all jobs after everything that is due was scheduled three times, and run."""
    for _ in range(3):
        await house.app.worker.schedule()
    while await house.app.worker.run_one():
        pass
    return sorted(job.kind for job in await house.app.jobs.list(STAFF))


async def test_what_has_its_hour_runs_once_a_day_whoever_schedules_it() -> None:
    async with a_house() as house:
        house.clock.moment = datetime(2026, 11, 24, 3, 58, tzinfo=SEOUL)
        assert await _ran(house) == []
        house.clock.moment += timedelta(hours=1)
        assert await _ran(house) == ["purge"]
        house.clock.moment += timedelta(hours=5)
        assert await _ran(house) == await _ran(house) == ["due_memberships", "purge"]
        house.clock.moment += timedelta(days=1)
        assert await _ran(house) == ["due_memberships", "due_memberships", "purge", "purge"]


@pytest.mark.parametrize("what", ["get", "cancel", "requeue"])
async def test_members_neither_see_nor_change_jobs(what: str) -> None:
    async with a_house() as house:
        member = Actor.signed_in(UserId(numbered("usr", 1)), Role.MEMBER)
        with pytest.raises(Forbidden):
            await getattr(house.app.jobs, what)(member, a_job().id)
        with pytest.raises(Forbidden):
            await house.app.jobs.list(member)
