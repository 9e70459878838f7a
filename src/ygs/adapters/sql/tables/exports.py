"""Exports of many people's data. Filters are sealed: they may quote a name or a phone."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed

# Removed after a month, since filters may name people who left; the audit log still says who exported whom.
_OURS = kept(Sensitivity.INTERNAL, Retention.BRIEF)
_PERSONAL = kept(Sensitivity.PERSONAL, Retention.BRIEF)

exports = Table(
    "exports",
    metadata,
    Column("id", Words(), nullable=False, info=_OURS),
    Column("data", Words(), nullable=False, info=_OURS),
    Column("requested_by", Words(), nullable=False, info=_PERSONAL),
    Column("requested_at", Moment(), nullable=False, info=_OURS),
    Column("reason", Words(), nullable=False, info=_PERSONAL),
    Column("filters", LargeBinary, nullable=False, info=sealed(Retention.BRIEF)),
    Column("contacts", Boolean, nullable=False, info=_OURS),
    Column("language", Words(), nullable=False, info=_OURS),
    Column("people", BigInteger, info=_OURS),
    Column("state", Words(), nullable=False, info=_OURS),
    Column("decided_by", Words(), nullable=False, info=_PERSONAL),
    Column("decided_at", Moment(), info=_OURS),
    Column("refusal", Words(), nullable=False, info=_PERSONAL),
    Column("job_id", Words(), info=_OURS),
    Column("rows", BigInteger, info=_OURS),
    Column("version", BigInteger, nullable=False, info=_OURS),
    PrimaryKeyConstraint("id", name="exports_key"),
    CheckConstraint("version >= 1", name="exports_version"),
)

# The purge of old ones.
Index("exports_requested_at", exports.c.requested_at)
