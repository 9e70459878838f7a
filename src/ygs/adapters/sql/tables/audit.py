"""The audit log and idempotency records."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed

OURS = kept(Sensitivity.INTERNAL, Retention.AUDIT)
PERSONAL = kept(Sensitivity.PERSONAL, Retention.AUDIT)
PASSING = kept(Sensitivity.INTERNAL, Retention.BRIEF)

# No foreign keys: entries are kept after the people in them are erased.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, nullable=False, autoincrement=False, info=OURS),
    Column("at", Moment(), nullable=False, info=OURS),
    Column("actor", Words(), nullable=False, info=PERSONAL),
    Column("role", Words(), nullable=False, info=OURS),
    Column("action", Words(), nullable=False, info=OURS),
    Column("subject", Words(), nullable=False, info=PERSONAL),
    Column("what", Words(), nullable=False, info=OURS),
    Column("reason", Words(), nullable=False, info=PERSONAL),
    Column("address", Words(), nullable=False, info=PERSONAL),
    Column("subject_count", Integer, nullable=False, info=OURS),
    Column("subjects_digest", Words(), nullable=False, info=OURS),
    Column("digest", LargeBinary, nullable=False, info=OURS),
    PrimaryKeyConstraint("number", name="audit_key"),
    Index("audit_about", "subject", "number"),
    Index("audit_by", "actor", "number"),
    Index("audit_action", "action", "number"),
    Index("audit_at", "at"),
)

# Whom an entry about several people is about. It is kept and removed with the entry.
audit_subjects = Table(
    "audit_subjects",
    metadata,
    Column("entry", BigInteger, nullable=False, autoincrement=False, info=OURS),
    Column("user_id", Words(), nullable=False, info=PERSONAL),
    PrimaryKeyConstraint("entry", "user_id", name="audit_subjects_key"),
    Index("audit_subjects_about", "user_id", "entry"),
)

# One row. Writers of the log lock it, one after another.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", SmallInteger, nullable=False, autoincrement=False, info=OURS),
    Column("number", BigInteger, nullable=False, info=OURS),
    Column("digest", LargeBinary, nullable=False, info=OURS),
    Column("base_number", BigInteger, nullable=False, info=OURS),
    Column("base_digest", LargeBinary, nullable=False, info=OURS),
    Column("tag", LargeBinary, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="audit_head_key"),
    CheckConstraint("id = 1", name="audit_head_one"),
)

# `id`: the actor and, after a space, the key they chose.
idempotency_records = Table(
    "idempotency_records",
    metadata,
    Column("id", Words(), nullable=False, info=kept(Sensitivity.PERSONAL, Retention.BRIEF)),
    Column("digest", LargeBinary, nullable=False, info=PASSING),
    Column("started_at", Moment(), nullable=False, info=PASSING),
    Column("status", SmallInteger, info=PASSING),
    Column("body", LargeBinary, info=sealed(Retention.BRIEF)),
    PrimaryKeyConstraint("id", name="idempotency_records_key"),
    Index("idempotency_records_started", "started_at"),
)
