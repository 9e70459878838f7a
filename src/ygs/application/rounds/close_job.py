"""The job that closes a week after its answer deadline, queued when the week is published."""

from datetime import datetime

from ygs.domain.ids import JobId
from ygs.domain.jobs import Job, JobKind
from ygs.domain.match_weeks import MatchWeek
from ygs.ports.clock_and_ids import Ids


def close_job(week: MatchWeek, ids: Ids, at: datetime) -> Job:
    """The job; one for a week, however often it is queued."""
    return Job.new(
        JobId(ids.make("job")),
        JobKind.CLOSE_WEEK,
        at=at,
        arguments={"week": week.id},
        unique_key=f"{JobKind.CLOSE_WEEK}:{week.id}",
        run_at=week.deadline,
    )
