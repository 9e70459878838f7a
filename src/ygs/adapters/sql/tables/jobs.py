"""Jobs."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, text

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata

OURS = kept(Sensitivity.INTERNAL, Retention.BRIEF)
# Ids of the people whom the work is about, and of who asked for it.
PERSONAL = kept(Sensitivity.PERSONAL, Retention.BRIEF)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Words(), nullable=False, info=OURS),
    Column("kind", Words(), nullable=False, info=OURS),
    Column("arguments", Json(), nullable=False, info=PERSONAL),
    Column("unique_key", Words(), info=OURS),
    Column("subject", Words(), nullable=False, info=PERSONAL),
    Column("requested_by", Words(), nullable=False, info=PERSONAL),
    Column("state", Words(), nullable=False, info=OURS),
    Column("run_at", Moment(), nullable=False, info=OURS),
    Column("attempts", Integer, nullable=False, info=OURS),
    Column("fence", BigInteger, nullable=False, info=OURS),
    Column("lease_until", Moment(), info=OURS),
    Column("cancel_requested", Boolean, nullable=False, info=OURS),
    Column("stage", Words(), nullable=False, info=OURS),
    Column("done", BigInteger, nullable=False, info=OURS),
    Column("total", BigInteger, nullable=False, info=OURS),
    Column("result", Json(), nullable=False, info=PERSONAL),
    Column("error", Words(), nullable=False, info=OURS),
    # It may name the people for whom something could not be done.
    Column("error_details", Json(), nullable=False, info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=OURS),
    Column("finished_at", Moment(), info=OURS),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="jobs_key"),
    CheckConstraint("version >= 1", name="jobs_version"),
)

Index("jobs_unique", jobs.c.unique_key, unique=True)
Index("jobs_subject", jobs.c.subject, jobs.c.id)
_FAILED = text("state = 'failed'")
Index("jobs_failed", jobs.c.id, postgresql_where=_FAILED, sqlite_where=_FAILED)
_OPEN = text("state IN ('queued', 'running')")
Index("jobs_open", jobs.c.run_at, jobs.c.id, postgresql_where=_OPEN, sqlite_where=_OPEN)
