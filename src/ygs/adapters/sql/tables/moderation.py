"""Reports of a member by a member, and notes by staff. Written text is sealed.

`resolved_by` and `author` have no foreign keys: staff may leave, and what they did stays.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    text,
)

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed

ACCOUNT = Retention.ACCOUNT
PERSONAL = kept(Sensitivity.PERSONAL, ACCOUNT, subject=True)
REPORTED = kept(Sensitivity.SENSITIVE, ACCOUNT, subject=True)
INTERNAL = kept(Sensitivity.INTERNAL, ACCOUNT)
STAFFS = kept(Sensitivity.SENSITIVE, ACCOUNT)


def _user(column: str, constraint: str, info: dict[str, object]) -> Column[str]:
    user = ForeignKey("users.id", ondelete="CASCADE", name=constraint)
    return Column(column, Words(), user, nullable=False, info=info)


# In the export of a person's own data, a report belongs to its reporter.
reports = Table(
    "reports",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    _user("reporter", "reports_reporter", REPORTED),
    _user("subject", "reports_subject", REPORTED),
    Column("category", Words(), nullable=False, info=REPORTED),
    Column("words", LargeBinary, info=sealed(ACCOUNT, subject=True)),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    Column("resolution", Words(), info=STAFFS),
    Column("staff_words", LargeBinary, info=sealed(ACCOUNT)),
    Column("resolved_by", Words(), info=STAFFS),
    Column("resolved_at", Moment(), info=STAFFS),
    PrimaryKeyConstraint("id", name="reports_key"),
    Index("reports_about", "subject", "id"),
    Index("reports_by_reporter", "reporter", "id"),
)
_OPEN = text("resolution IS NULL")
Index("reports_waiting", reports.c.id, postgresql_where=_OPEN, sqlite_where=_OPEN)
# One open report for each reporter and subject.
Index(
    "reports_open",
    reports.c.reporter,
    reports.c.subject,
    unique=True,
    postgresql_where=_OPEN,
    sqlite_where=_OPEN,
)

notes = Table(
    "notes",
    metadata,
    Column("id", Words(), nullable=False, info=STAFFS),
    _user("subject", "notes_subject", STAFFS),
    Column("author", Words(), nullable=False, info=STAFFS),
    Column("text", LargeBinary, nullable=False, info=sealed(ACCOUNT)),
    Column("created_at", Moment(), nullable=False, info=STAFFS),
    Column("corrected_at", Moment(), info=STAFFS),
    Column("version", BigInteger, nullable=False, info=INTERNAL),
    PrimaryKeyConstraint("id", name="notes_key"),
    CheckConstraint("version >= 1", name="notes_version"),
    Index("notes_about", "subject", "id"),
)
