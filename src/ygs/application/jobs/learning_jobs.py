"""Learning as jobs: fitting, judging and taking into use may take minutes, and outlast the request that asks for it."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.sessions import require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.jobs.queue import JobView, queue_unless_open
from ygs.application.jobs.worker import JobRun
from ygs.application.learning.learning import Learning, require_help
from ygs.application.learning.views import EvaluationView
from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobKind, Values
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage


class LatestEvaluation(BaseModel):
    """What the latest job that judged learning found; nothing of it is stored as a version."""

    model_config = ConfigDict(frozen=True)

    evaluated_at: datetime = Field(description="When, UTC.")
    evaluation: EvaluationView = Field(description="How predictions held in weeks that they had not seen.")


@dataclass(frozen=True, slots=True)
class LearningJobs:
    """Queues and runs what learning takes time for. There is one open job of each kind."""

    storage: Storage
    clock: Clock
    ids: Ids
    learning: Learning

    async def fit(self, actor: Actor) -> JobView:
        """Queue a fit to the answers of every closed week; its result is the number of the new version."""
        actor.require(Permission.SET_POLICY)
        return await self._queue(actor, Permission.SET_POLICY, JobKind.FIT_LEARNING, {})

    async def evaluate(self, actor: Actor) -> JobView:
        """Queue an evaluation of what would be learned now; `latest_evaluation` has what comes of it."""
        actor.require(Permission.READ_WEEKS)
        return await self._queue(actor, Permission.READ_WEEKS, JobKind.EVALUATE_LEARNING, {})

    async def use(self, actor: Actor, number: int) -> JobView:
        """Queue the use of a version, which is fitted again first where people it knew were erased.

        `LearningRefused` unless its evaluation says that it helps; `SignInTooOld` unless the actor signed in within the
        last 15 minutes.
        """
        async with begin_change(self.storage, actor, Permission.SET_POLICY) as tx:
            await require_fresh(tx, actor, at=self.clock.now())
            require_help((await tx.learning.get(number)).evaluation)
        return await self._queue(actor, Permission.SET_POLICY, JobKind.USE_LEARNING, {"version": number})

    async def latest_evaluation(self, actor: Actor) -> LatestEvaluation | None:
        """What the latest evaluation found; None before the first, and thirty days after the latest."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read(latest=True) as reading:
            job = await reading.jobs.latest_done(JobKind.EVALUATE_LEARNING)
        if job is None or job.finished_at is None:
            return None
        found = EvaluationView.model_validate_json(str(job.result["evaluation"]))
        return LatestEvaluation(evaluated_at=job.finished_at, evaluation=found)

    async def _queue(self, actor: Actor, permission: Permission, kind: JobKind, arguments: Values) -> JobView:
        now = self.clock.now()
        key = ":".join([kind, *map(str, arguments.values())])
        job = Job.new(JobId(self.ids.make("job")), kind, at=now, by=actor.id, arguments=arguments, unique_key=key)
        async with begin_change(self.storage, actor, permission) as tx:
            queued = await queue_unless_open(tx, job)
            if queued.id == job.id:
                await tx.audit.add(audit_entry(actor, "job.queued", at=now, what=key))
        return JobView.of(queued)

    async def run_fit(self, run: JobRun) -> Values:
        """Fit and judge a new version, for whoever asked for it."""
        await self.learning.fit(await run.actor(), run.progress, run.finish)
        return {}

    async def run_evaluation(self, run: JobRun) -> Values:
        """Judge what would be learned now."""
        found = await self.learning.evaluate(await run.actor(), run.progress)
        return {"helps": found.helps, "evaluation": found.model_dump_json()}

    async def run_use(self, run: JobRun) -> Values:
        """Use the version of a job, for whoever asked for it."""
        await self.learning.use(await run.actor(), int(run.job.arguments["version"]), run.progress, run.finish)
        return {}
