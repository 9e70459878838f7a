"""Advising, planning and publishing a match week as jobs, which outlast the request, the connection and the process."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ygs.application.actors import Actor, Permission
from ygs.application.advisor.week_advice import WeekAdvice
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.jobs.queue import JobView, open_job, queue_unless_open
from ygs.application.jobs.worker import JobRun
from ygs.application.rounds.planning import Planning
from ygs.domain.errors import N_, Unavailable, WrongStatus
from ygs.domain.ids import JobId, WeekId, week_id
from ygs.domain.jobs import MOST_ATTEMPTS, Job, JobKind, JobState, Values
from ygs.domain.match_weeks import MatchWeek
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage

_LOOKS_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class WeekJobs:
    """Queues and runs the advice, the planning and the publishing of weeks. A week has one open job of each kind."""

    storage: Storage
    clock: Clock
    ids: Ids
    planning: Planning
    week_advice: WeekAdvice

    async def plan(self, actor: Actor, id: WeekId) -> JobView:
        """Queue the planning of a locked week; `WrongStatus` before it is locked."""
        return await self._queue(actor, JobKind.PLAN_WEEK, id, MatchWeek.require_locked)

    async def advise(self, actor: Actor, id: WeekId) -> JobView:
        """Queue the advice of a locked week; `NotSetUp` without a language model, `WrongStatus` unless it is locked and
        not planned."""
        actor.require(Permission.RUN_WEEKS)
        self.week_advice.require_model()
        return await self._queue(actor, JobKind.ADVISE_WEEK, id, MatchWeek.require_advisable)

    async def advise_after_lock(self, id: WeekId) -> None:
        """Queue the advice of a week that the schedule locked, where the operator has set up a language model."""
        if self.week_advice.advisor.model:
            with suppress(WrongStatus):  # staff have planned it, or taken it back, in this moment
                await self.advise(Actor.operator(), id)

    async def publish(self, actor: Actor, id: WeekId) -> JobView:
        """Queue the publishing of a proposed week; `WrongStatus` before it is proposed."""
        return await self._queue(actor, JobKind.PUBLISH_WEEK, id, MatchWeek.require_proposed)

    async def _queue(
        self, actor: Actor, kind: JobKind, id: WeekId, require_ready: Callable[[MatchWeek], None]
    ) -> JobView:
        actor.require(Permission.RUN_WEEKS)
        # Without a lock on the week, which whoever publishes it holds. The job asks for its state again.
        async with self.storage.read(latest=True) as reading:
            require_ready(await reading.weeks.get(id))
        now = self.clock.now()
        job = Job.new(
            JobId(self.ids.make("job")),
            kind,
            at=now,
            by=actor.id,
            arguments={"week": id},
            unique_key=_unique_key(kind, id),
        )
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            queued = await queue_unless_open(tx, job)
            if queued.id == job.id:
                await tx.audit.add(audit_entry(actor, "job.queued", at=now, what=f"{kind} {id}"))
        return JobView.of(queued)

    async def run_plan(self, run: JobRun) -> Values:
        """Plan the week of a job, for whoever asked for it, once its advice is there or has had its time."""
        week = week_id(str(run.job.arguments["week"]))
        await self._wait_for_advice(week, run)
        await self.planning.plan(await run.actor(), week, progress=run.progress, finish=run.finish)
        return {}

    async def _wait_for_advice(self, id: WeekId, run: JobRun) -> None:
        """Wait while another worker asks for the week's advice, at most as long as asking may take.

        `Unavailable` while no worker asks for advice that is queued: this one may be the only one, so the plan is tried
        again after it. The last attempt plans without it.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(self.week_advice.rules.budget.seconds):
                while advice := await self._open_advice(id):
                    if not advice.claimable(self.clock.now()) and advice.state is JobState.RUNNING:
                        run.progress("advise", 0, 1)
                        await asyncio.sleep(_LOOKS_AGAIN_SECONDS)
                    elif run.job.attempts < MOST_ATTEMPTS:
                        raise Unavailable(N_("advice is queued for this week: it is planned after that"))
                    else:
                        return

    async def _open_advice(self, id: WeekId) -> Job | None:
        async with self.storage.read(latest=True) as reading:
            return await open_job(reading, _unique_key(JobKind.ADVISE_WEEK, id))

    async def run_advice(self, run: JobRun) -> Values:
        """Ask for the advice of a job's week, for whoever asked for it."""
        week = week_id(str(run.job.arguments["week"]))
        await self.week_advice.advise(await run.actor(), week, run.progress, finish=run.finish)
        return {}

    async def run_publication(self, run: JobRun) -> Values:
        """Publish the week of a job, for whoever asked for it."""
        week = week_id(str(run.job.arguments["week"]))
        await self.planning.publish(await run.actor(), week, run.progress, finish=run.finish)
        return {}


def _unique_key(kind: JobKind, id: WeekId) -> str:
    return f"{kind}:{id}"
