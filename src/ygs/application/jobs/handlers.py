"""What workers do: what staff queue, and what happens by itself, closing weeks after their deadline, the search for
memberships that are due, and the daily purge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor, Permission
from ygs.application.consultations.prepared_questions import ConsultationQuestions
from ygs.application.files.cleanup import FileCleanup
from ygs.application.jobs.export_jobs import ExportJobs
from ygs.application.jobs.file_removals import FileRemovals
from ygs.application.jobs.import_jobs import ImportJobs
from ygs.application.jobs.learning_jobs import LearningJobs
from ygs.application.jobs.week_jobs import WeekJobs
from ygs.application.jobs.worker import Handler, JobRun
from ygs.application.members.pauses import end_pauses
from ygs.application.memberships.due_warnings import MembershipWarnings
from ygs.application.notifications.consultation_reminders import ConsultationReminders
from ygs.application.notifications.meeting_notices import NOTIFIED_AT, MeetingNotices
from ygs.application.notifications.reminders import Reminders
from ygs.application.operations.purge import Erasure
from ygs.application.rounds.pool_balance import PoolBalances
from ygs.application.rounds.week_schedules import WeekSchedules
from ygs.application.rounds.weeks import MatchWeeks
from ygs.domain.errors import N_, Unavailable, WrongStatus
from ygs.domain.ids import JobId, week_id
from ygs.domain.jobs import Job, JobKind, Values, daily_key
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.domain.service_dates import date_at
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage

# At an hour when nobody works and few members answer.
PURGE_AT = time(4, 0)
# When staff begin to work.
WARN_AT = time(9, 0)


@dataclass(frozen=True, slots=True)
class ScheduledWork:
    """The handlers of all jobs, and what is queued at its hour without anybody's asking."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    weeks: MatchWeeks
    erasure: Erasure
    file_cleanup: FileCleanup
    week_jobs: WeekJobs
    learning_jobs: LearningJobs
    pool_balances: PoolBalances
    week_schedules: WeekSchedules
    reminders: Reminders
    membership_warnings: MembershipWarnings
    meeting_notices: MeetingNotices
    consultation_reminders: ConsultationReminders
    consultation_questions: ConsultationQuestions
    export_jobs: ExportJobs
    import_jobs: ImportJobs
    file_removals: FileRemovals

    def handlers(self) -> Mapping[str, Handler]:
        """The handlers by kind of job."""
        return {
            JobKind.CLOSE_WEEK: self.close_week,
            JobKind.DUE_MEMBERSHIPS: self.warn_of_due_memberships,
            JobKind.EVALUATE_LEARNING: self.learning_jobs.run_evaluation,
            JobKind.EXPORT: self.export_jobs.run_export,
            JobKind.FIT_LEARNING: self.learning_jobs.run_fit,
            JobKind.IMPORT: self.import_jobs.run_import,
            JobKind.LOCK_WEEK: self.lock_week,
            JobKind.MEETING_NOTICES: self.notify_of_meetings,
            JobKind.ADVISE_WEEK: self.week_jobs.run_advice,
            JobKind.PLAN_WEEK: self.week_jobs.run_plan,
            JobKind.POOL_BALANCE: self.count_pool,
            JobKind.PUBLISH_WEEK: self.week_jobs.run_publication,
            JobKind.PURGE: self.purge,
            JobKind.REMIND: self.remind,
            JobKind.REMOVE_FILE: self.file_removals.run,
            JobKind.USE_LEARNING: self.learning_jobs.run_use,
        }

    async def close_week(self, run: JobRun) -> Values:
        """Close a published week: introductions that still wait expire. Staff may have closed it already."""
        week = week_id(str(run.job.arguments["week"]))
        async with self.storage.read(latest=True) as reading:
            if (await reading.weeks.get(week)).state is not WeekState.PUBLISHED:
                return {"closed": False}
        try:
            await self.weeks.close(Actor.operator(), week, run.finish)
        except WrongStatus as early:
            # Staff were faster, or it is not yet time by the database's clock: the next attempt sees which.
            raise Unavailable(N_("the answer deadline of this week is not over yet by the database's time")) from early
        return {"closed": True}

    async def count_pool(self, run: JobRun) -> Values:
        """Count whom the pool lacks, of a week that was locked."""
        return await self.pool_balances.count(week_id(str(run.job.arguments["week"])), run.job.created_at)

    async def purge(self, run: JobRun) -> Values:
        """End the pauses that are over, and remove what is no longer needed, as `ygs purge` does."""
        operator = Actor.operator()
        await end_pauses(self.storage, operator, Permission.OPERATE, self.clock.now(), self.zone)
        purged = await self.erasure.purge(operator, run.progress)
        # Afterwards: the files of people who were just erased are among those that must go.
        files = await self.file_cleanup.run(operator, run.progress)
        return {"people": purged.people, "weeks": purged.weeks, "files": files.files}

    async def lock_week(self, run: JobRun) -> Values:
        """Create and lock the round of a week that the schedule names, and queue its advice where that is on."""
        week = await self.week_schedules.lock(IsoWeek.parse(str(run.job.arguments["week"])))
        if week:
            await self.week_jobs.advise_after_lock(week)
        return {"week": week} if week else {}

    async def remind(self, run: JobRun) -> Values:
        """Remind the members who have not answered. It counts nothing: that would tell how many have."""
        await self.reminders.remind(week_id(str(run.job.arguments["week"])), int(run.job.arguments["number"]))
        return {}

    async def warn_of_due_memberships(self, run: JobRun) -> Values:
        """Notify staff of the memberships that are due."""
        return (await self.membership_warnings.warn())._asdict()

    async def notify_of_meetings(self, run: JobRun) -> Values:
        """Remind of tomorrow's meetings and consultations, prepare what to ask there, and ask how the meetings of the
        last days went."""
        await self.meeting_notices.notify()
        await self.consultation_reminders.remind()
        await self.consultation_questions.prepare_coming()
        return {}

    async def schedule(self) -> None:
        """Queue what has its hour. Every worker may call this as often as it likes."""
        daily = [
            self._daily(JobKind.PURGE, PURGE_AT),
            self._daily(JobKind.DUE_MEMBERSHIPS, WARN_AT),
            self._daily(JobKind.MEETING_NOTICES, NOTIFIED_AT),
        ]
        hours = [*daily, self._lock_by_schedule(await self.week_schedules.due())]
        jobs = [*(job for job in hours if job), *await self.reminders.jobs_due()]
        async with self.storage.read(latest=True) as reading:
            # A look first: every worker comes by once a minute.
            new = [job for job in jobs if not await reading.jobs.find(job.unique_key)]
        if new:
            async with self.storage.write() as tx:
                for job in new:
                    await tx.jobs.add(job)

    def _daily(self, kind: JobKind, hour: time) -> Job | None:
        """Today's job of that kind, from that hour on."""
        now = self.clock.now()
        if now.astimezone(self.zone).time() < hour:
            return None
        return self._by_itself(kind, daily_key(kind, date_at(now, self.zone)), {})

    def _lock_by_schedule(self, week: IsoWeek | None) -> Job | None:
        return self._by_itself(JobKind.LOCK_WEEK, f"{JobKind.LOCK_WEEK}:{week}", {"week": str(week)}) if week else None

    def _by_itself(self, kind: JobKind, key: str, arguments: Values) -> Job:
        job_id = JobId(self.ids.make("job"))
        return Job.new(job_id, kind, at=self.clock.now(), arguments=arguments, unique_key=key)
