"""The contract of jobs."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import Conflict, LeaseLost, NotFound, StaleWrite, WrongStatus
from ygs.domain.ids import JobId
from ygs.domain.jobs import Beat, Job, JobKind, JobState
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

LEASE = 60
LATER = NOON + timedelta(seconds=LEASE)


def a_job(number: int = 1, *, kind: str = "plan", key: str = "", due: int = 0) -> Job:
    """A queued job, due so many seconds after noon."""
    return Job(
        id=JobId(numbered("job", number)),
        kind=kind,
        unique_key=key,
        requested_by="operator",
        arguments={"week": numbered("mw", 1), "commit": True, "limit": 3},
        created_at=NOON,
        run_at=NOON + timedelta(seconds=due),
    )


async def _queue(storage: Storage, *jobs: Job) -> None:
    async with storage.write() as tx:
        for job in jobs:
            await tx.jobs.add(job)


async def _claim(storage: Storage, *kinds: str, seconds: int = 0) -> Job | None:
    async with storage.write() as tx:
        return await tx.jobs.claim(kinds or ("plan",), at=NOON + timedelta(seconds=seconds), seconds=LEASE)


async def _claimed(storage: Storage, *, seconds: int = 0) -> Job:
    job = await _claim(storage, seconds=seconds)
    assert job is not None
    return job


class JobContract:
    """Every promise of `JobRepository`."""

    async def test_a_job_comes_back_as_it_was_queued(self, storage: Storage) -> None:
        await _queue(storage, a_job(key="day:1"))
        async with storage.read() as tx:
            assert await tx.jobs.get(a_job().id) == replace(a_job(key="day:1"), version=1)
            with pytest.raises(NotFound):
                await tx.jobs.get(a_job(2).id)

    async def test_a_job_is_queued_with_its_transaction_or_not_at_all(self, storage: Storage) -> None:
        with pytest.raises(ZeroDivisionError):
            await self._queue_and_fail(storage)
        assert await _claim(storage) is None

    async def _queue_and_fail(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.jobs.add(a_job())
            raise ZeroDivisionError

    async def test_jobs_are_claimed_by_kind_and_when_they_are_due_the_longest_due_first(self, storage: Storage) -> None:
        await _queue(storage, a_job(1, due=2), a_job(2, due=1), a_job(3, kind="purge"), a_job(4, due=9))
        found = [await _claim(storage, seconds=3) for _ in range(3)]
        assert [job.id if job else None for job in found] == [a_job(2).id, a_job(1).id, None]

    async def test_two_workers_never_get_the_same_job(self, storage: Storage) -> None:
        await _queue(storage, *(a_job(number) for number in range(1, 21)))
        found = await asyncio.gather(*(_claim(storage) for _ in range(30)))
        ids = [job.id for job in found if job]
        assert len(ids) == len(set(ids)) == 20

    async def test_a_job_whose_worker_died_is_claimed_again_with_another_token(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        first = await _claimed(storage)
        assert await _claim(storage, seconds=LEASE - 1) is None
        second = await _claimed(storage, seconds=LEASE)
        assert (second.id, second.attempts) == (first.id, 2)
        assert second.fence > first.fence

    async def test_a_worker_that_lost_its_job_learns_so_and_finishes_nothing(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        first = await _claimed(storage)
        second = await _claimed(storage, seconds=LEASE)
        async with storage.write() as tx:
            job = await tx.jobs.get(first.id)
            assert (job.beat(fence=first.fence), job.beat(fence=second.fence)) == (Beat.LOST, Beat.GO_ON)
            with pytest.raises(LeaseLost):
                job.finished({}, fence=first.fence, at=LATER)

    async def test_a_beat_renews_the_lease_and_keeps_the_progress(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        first = await _claimed(storage)
        async with storage.write() as tx:
            job = await tx.jobs.get(first.id)
            renewed = job.progressed(stage="solving", done=3, total=7, at=NOON + timedelta(seconds=30), seconds=LEASE)
            await tx.jobs.save(renewed)
        assert await _claim(storage, seconds=LEASE + 29) is None
        async with storage.read() as tx:
            job = await tx.jobs.get(first.id)
        assert (job.stage, job.done, job.total) == ("solving", 3, 7)

    async def test_a_job_is_finished_with_its_result_or_neither_is_stored(self, storage: Storage) -> None:
        await _queue(storage, a_job(), a_job(2, kind="result"))
        job = await _claimed(storage)
        with pytest.raises(ZeroDivisionError):
            await self._finish_and_fail(storage, job)
        async with storage.read() as tx:
            assert (await tx.jobs.get(job.id)).state is JobState.RUNNING
        async with storage.write() as tx:
            await tx.jobs.save((await tx.jobs.get(job.id)).finished({"pairs": 3}, fence=job.fence, at=LATER))
        async with storage.read() as tx:
            done = await tx.jobs.get(job.id)
        assert (done.state, done.result, done.finished_at) == (JobState.DONE, {"pairs": 3}, LATER)

    async def _finish_and_fail(self, storage: Storage, job: Job) -> None:
        async with storage.write() as tx:
            await tx.jobs.save((await tx.jobs.get(job.id)).finished({}, fence=job.fence, at=LATER))
            raise ZeroDivisionError

    async def test_a_failed_attempt_is_queued_for_later_and_the_last_one_fails(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        waits = list[float]()
        at = 0.0
        while True:
            job = await _claimed(storage, seconds=int(at))
            now = NOON + timedelta(seconds=int(at))
            async with storage.write() as tx:
                failed = await tx.jobs.save(job.failed("unavailable", fence=job.fence, at=now, again=True))
            if failed.state is JobState.FAILED:
                break
            waits.append((failed.run_at - now).total_seconds())
            at += waits[-1]
        assert waits == [10, 20, 40, 80]
        assert (failed.error, await _claim(storage, seconds=10_000)) == ("unavailable", None)
        async with storage.write() as tx:
            await tx.jobs.save(failed.requeued(at=LATER))
        assert (await _claimed(storage, seconds=LEASE)).attempts == 1

    async def test_a_queued_job_is_cancelled_at_once_and_a_running_one_at_its_next_beat(self, storage: Storage) -> None:
        await _queue(storage, a_job(1), a_job(2, due=5))
        running = await _claimed(storage)
        for number in (1, 2):
            async with storage.write() as tx:
                await tx.jobs.save((await tx.jobs.get(a_job(number).id)).cancelled(at=LATER))
        assert await _claim(storage, seconds=10) is None
        async with storage.write() as tx:
            job = await tx.jobs.get(running.id)
            assert job.beat(fence=running.fence) is Beat.CANCELLED
            over = await tx.jobs.save(job.cancelled_by_worker(fence=running.fence, at=LATER))
            with pytest.raises(WrongStatus):
                over.cancelled(at=LATER)

    async def test_a_unique_key_is_queued_once_also_after_it_is_done(self, storage: Storage) -> None:
        await _queue(storage, a_job(1, key="purge:2026-11-28"))
        async with storage.write() as tx:
            again = await tx.jobs.add(a_job(2, key="purge:2026-11-28"))
        assert again.id == a_job(1).id
        job = await _claimed(storage)
        async with storage.write() as tx:
            await tx.jobs.save(job.finished({}, fence=job.fence, at=LATER))
            assert (await tx.jobs.add(a_job(3, key="purge:2026-11-28"))).id == a_job(1).id
        assert await _claim(storage) is None

    async def test_a_job_is_found_by_its_unique_key(self, storage: Storage) -> None:
        await _queue(storage, a_job(1, key="a"), a_job(2))
        async with storage.read() as tx:
            found = [await tx.jobs.find(key) for key in ("a", "b", "")]
        assert [each.id if each else None for each in found] == [a_job(1).id, None, None]

    async def test_the_job_of_a_kind_that_was_done_last_is_found(self, storage: Storage) -> None:
        def done(job: Job, hours: int) -> Job:
            return replace(job, state=JobState.DONE, finished_at=NOON + timedelta(hours=hours))

        failed = replace(a_job(4), state=JobState.FAILED, finished_at=NOON + timedelta(hours=9))
        await _queue(storage, done(a_job(1), 2), done(a_job(2), 1), a_job(3), failed, done(a_job(5, kind="other"), 9))
        async with storage.read() as tx:
            found = await tx.jobs.latest_done("plan")
            assert found is not None
            assert found.id == a_job(1).id
            assert await tx.jobs.latest_done("purge") is None

    async def test_what_can_be_claimed_is_due(self, storage: Storage) -> None:
        await _queue(storage, a_job(due=5))
        assert await self._due(storage) == [False, True, True]
        await _claimed(storage, seconds=5)
        assert await self._due(storage) == [False, False, True]

    async def _due(self, storage: Storage) -> list[bool]:
        moments = [NOON + timedelta(seconds=seconds) for seconds in (4, 5, 5 + LEASE)]
        async with storage.read() as tx:
            assert not await tx.jobs.due(["another"], at=moments[-1])
            return [await tx.jobs.due(["another", "plan"], at=each) for each in moments]

    async def test_one_job_alone_is_claimed_when_it_is_due(self, storage: Storage) -> None:
        await _queue(storage, a_job(1), a_job(2), a_job(3, due=5))
        assert await self._claim_only(storage, 3) is None
        claimed = await self._claim_only(storage, 2)
        assert claimed
        assert claimed.id == a_job(2).id
        assert await self._claim_only(storage, 2) is None

    async def _claim_only(self, storage: Storage, number: int) -> Job | None:
        async with storage.write() as tx:
            return await tx.jobs.claim(["plan"], at=NOON, seconds=LEASE, only=a_job(number).id)

    async def test_a_job_that_is_given_back_can_be_claimed_at_once(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        first = await _claimed(storage)
        async with storage.write() as tx:
            await tx.jobs.save(first.given_back(fence=first.fence, at=NOON))
        second = await _claimed(storage)
        assert (second.attempts, second.fence) == (1, 2)

    async def test_an_error_is_kept_with_what_its_message_says(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        job = await _claimed(storage)
        details = {"template": "no {what}", "fields": {"what": {"listed": ["a", 1]}}}
        async with storage.write() as tx:
            failed = job.failed("not_found", fence=job.fence, at=LATER, again=False, details=details)
            await tx.jobs.save(failed)
        async with storage.read() as tx:
            stored = await tx.jobs.get(job.id)
        assert (stored.state, stored.error, stored.error_details) == (JobState.FAILED, "not_found", details)

    async def test_an_id_is_queued_once(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        with pytest.raises(Conflict):
            await _queue(storage, a_job())

    async def test_of_two_saves_of_one_version_one_is_refused(self, storage: Storage) -> None:
        await _queue(storage, a_job())
        job = await _claimed(storage)
        async with storage.write() as tx:
            await tx.jobs.save(replace(job, stage="first"))
            with pytest.raises(StaleWrite):
                await tx.jobs.save(replace(job, stage="second"))

    async def test_jobs_are_listed_by_state_the_newest_first_in_pages(self, storage: Storage) -> None:
        await _queue(storage, *(a_job(number) for number in range(1, 6)))
        claimed = await _claimed(storage)
        async with storage.read() as tx:
            first = await tx.jobs.page(state=JobState.QUEUED, limit=2)
            second = await tx.jobs.page(state=JobState.QUEUED, after=first[-1].id)
            running = await tx.jobs.page(state=JobState.RUNNING)
        assert [job.id for job in (*first, *second)] == [a_job(number).id for number in (5, 4, 3, 2)]
        assert [job.id for job in running] == [claimed.id]

    async def test_jobs_are_listed_without_some_kinds(self, storage: Storage) -> None:
        await _queue(storage, a_job(1), a_job(2, kind="purge"), a_job(3, kind="export"), a_job(4))
        async with storage.read() as tx:
            found = await tx.jobs.page(without=["purge", "export"])
        assert [job.id for job in found] == [a_job(4).id, a_job(1).id]

    async def test_failed_jobs_wait_until_a_later_one_of_the_same_subject_is_there(self, storage: Storage) -> None:
        def failed(number: int, kind: str, state: JobState = JobState.FAILED, **about: str) -> Job:
            return replace(a_job(number, kind=kind), state=state, arguments=about, finished_at=NOON)

        await _queue(
            storage,
            failed(1, JobKind.PURGE),
            failed(2, JobKind.PLAN_WEEK, week="mw_1"),
            failed(3, JobKind.PLAN_WEEK, week="mw_2"),
            failed(4, JobKind.PLAN_WEEK, JobState.QUEUED, week="mw_1"),
            failed(5, "another"),
            failed(6, "another"),
            failed(7, JobKind.IMPORT, JobState.DONE, **{"import": "imp_1"}),
            failed(8, JobKind.PURGE),
            replace(failed(9, "another"), cancel_requested=True),
        )
        async with storage.read() as tx:
            everything = await tx.jobs.failed()
            some = await tx.jobs.failed(without=[JobKind.PURGE, "another"])
            newest = await tx.jobs.failed(limit=2)
        assert [job.id for job in everything] == [a_job(number).id for number in (8, 6, 5, 3)]
        assert [job.id for job in some] == [a_job(3).id]
        assert [job.id for job in newest] == [a_job(8).id, a_job(6).id]

    async def test_what_a_job_is_about_follows_its_arguments(self, storage: Storage) -> None:
        await _queue(storage, replace(a_job(1, kind=JobKind.PLAN_WEEK), state=JobState.FAILED))
        async with storage.write() as tx:
            await tx.jobs.save(replace(await tx.jobs.get(a_job(1).id), stage="again"))
        async with storage.read() as tx:
            (found,) = await tx.jobs.failed()
        assert found.subject == f"plan_week:{numbered('mw', 1)}"

    async def test_a_failed_job_is_given_up(self, storage: Storage) -> None:
        await _queue(storage, replace(a_job(), state=JobState.FAILED, error="no", finished_at=NOON))
        async with storage.write() as tx:
            given_up = await tx.jobs.save((await tx.jobs.get(a_job().id)).cancelled(at=LATER))
        assert (given_up.state, given_up.error, given_up.finished_at) == (JobState.CANCELLED, "no", NOON)
        async with storage.read() as tx:
            assert await tx.jobs.failed() == []

    async def test_jobs_that_are_over_are_purged_and_their_keys_are_free(self, storage: Storage) -> None:
        await _queue(storage, a_job(1, key="a"), a_job(2, key="b", due=5))
        job = await _claimed(storage)
        async with storage.write() as tx:
            await tx.jobs.save(job.finished({}, fence=job.fence, at=NOON))
        async with storage.write() as tx:
            assert (await tx.jobs.purge(NOON), await tx.jobs.purge(LATER)) == (0, 1)
            assert (await tx.jobs.add(a_job(3, key="a"))).id == a_job(3).id
