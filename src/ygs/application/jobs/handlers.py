"""What the worker does by itself: close weeks after their deadline, and the daily purge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor
from ygs.application.jobs.worker import Handler, JobRun
from ygs.application.members.pauses import end_pauses
from ygs.application.operations.purge import Erasure
from ygs.application.rounds.close_job import CLOSE_WEEK
from ygs.application.rounds.weeks import MatchWeeks
from ygs.domain.ids import JobId, week_id
from ygs.domain.jobs import Job, Values
from ygs.domain.match_weeks import WeekState
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage

PURGE = "purge"
# At an hour when nobody works and few members answer.
PURGE_AT = time(4, 0)
# Jobs that are over are kept so long, for whoever asks what became of them.
JOBS_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ScheduledWork:
    """The handlers of everything that happens without anybody's asking."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    weeks: MatchWeeks
    erasure: Erasure

    def handlers(self) -> Mapping[str, Handler]:
        """The handlers by kind of job."""
        return {CLOSE_WEEK: self.close_week, PURGE: self.purge}

    async def close_week(self, run: JobRun) -> Values:
        """Close a published week: introductions that still wait expire. Staff may have closed it already."""
        week = week_id(str(run.job.arguments["week"]))
        async with self.storage.read(latest=True) as reading:
            if (await reading.weeks.get(week)).state is not WeekState.PUBLISHED:
                return {"closed": False}
        await self.weeks.close(Actor.operator(), week)
        return {"closed": True}

    async def purge(self, run: JobRun) -> Values:
        """Remove what is no longer needed, end the pauses that are over, and drop old jobs."""
        operator = Actor.operator()
        purged = await self.erasure.purge(operator, run.progress)
        await end_pauses(self.storage, operator, self.clock.now(), self.zone)
        async with self.storage.write() as tx:
            jobs = await tx.jobs.purge(self.clock.now() - JOBS_KEPT_FOR)
        return {"people": purged.people, "weeks": purged.weeks, "jobs": jobs}

    async def schedule(self) -> None:
        """Queue today's purge once its hour has come. Every worker may call this as often as it likes."""
        now = self.clock.now()
        today = now.astimezone(self.zone)
        if today.time() < PURGE_AT:
            return
        async with self.storage.write() as tx:
            await tx.jobs.add(self._job(PURGE, f"{PURGE}:{today.date()}", now))

    def _job(self, kind: str, key: str, at: datetime) -> Job:
        return Job(
            id=JobId(self.ids.make("job")),
            kind=kind,
            unique_key=key,
            requested_by="operator",
            created_at=at,
            run_at=at,
        )
