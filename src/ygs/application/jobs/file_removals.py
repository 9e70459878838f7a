"""Removal of files that jobs made, at a time that is set when they are queued."""

from dataclasses import dataclass
from datetime import datetime

from ygs.application.jobs.worker import JobRun
from ygs.domain.files import Bucket, ObjectKey
from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobKind, Values
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage


@dataclass(frozen=True, slots=True)
class FileRemovals:
    """Queues and runs the removal of files in the bucket of documents."""

    storage: Storage
    clock: Clock
    ids: Ids

    def job(self, object_key: ObjectKey, at: datetime) -> Job:
        """The job that removes a file at that time. Queue it with the job that makes the file, so that whatever becomes
        of that one, nothing stays."""
        arguments = {"path": object_key.path}
        job = JobId(self.ids.make("job"))
        return Job.new(job, JobKind.REMOVE_FILE, at=self.clock.now(), arguments=arguments, run_at=at)

    async def run(self, run: JobRun) -> Values:
        """Schedule the deletion of a file; the file cleanup deletes it."""
        async with self.storage.write() as tx:
            object_key = ObjectKey(Bucket.DOCUMENTS, str(run.job.arguments["path"]))
            await tx.files.schedule_deletion([object_key])
            await run.finish(tx, {})
        return {}
