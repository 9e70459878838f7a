"""Photos, documents, uploads and pending deletions. Object keys are sealed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata, sealed

ACCOUNT = Retention.ACCOUNT
BRIEF = Retention.BRIEF
INTERNAL = kept(Sensitivity.INTERNAL, ACCOUNT)
PERSONAL = kept(Sensitivity.PERSONAL, ACCOUNT, subject=True)
PASSING = kept(Sensitivity.PERSONAL, BRIEF)


def _owner(constraint: str, info: dict[str, object]) -> Column[str]:
    owner = ForeignKey("users.id", ondelete="CASCADE", name=constraint)
    return Column("user_id", Words(), owner, nullable=False, info=info)


uploads = Table(
    "uploads",
    metadata,
    Column("id", Words(), nullable=False, info=PASSING),
    _owner("uploads_user", PASSING),
    Column("kind", Words(), nullable=False, info=PASSING),
    Column("content_type", Words(), nullable=False, info=PASSING),
    Column("key", LargeBinary, nullable=False, info=sealed(BRIEF)),
    Column("created_at", Moment(), nullable=False, info=PASSING),
    Column("made", Words(), info=PASSING),
    PrimaryKeyConstraint("id", name="uploads_key"),
    Index("uploads_of_user", "user_id", "created_at"),
    Index("uploads_created", "created_at"),
)

photos = Table(
    "photos",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    _owner("photos_user", PERSONAL),
    Column("position", SmallInteger, nullable=False, info=PERSONAL),
    Column("cover", Boolean, nullable=False, info=PERSONAL),
    Column("key", LargeBinary, nullable=False, info=sealed(ACCOUNT)),
    Column("width", Integer, nullable=False, info=PERSONAL),
    Column("height", Integer, nullable=False, info=PERSONAL),
    Column("state", Words(), nullable=False, info=PERSONAL),
    Column("reason", Words(), nullable=False, info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    PrimaryKeyConstraint("id", name="photos_key"),
    CheckConstraint("position BETWEEN 0 AND 5", name="photos_position"),
    Index("photos_order", "user_id", "position", unique=True),
)
Index(
    "photos_waiting",
    photos.c.id,
    postgresql_where=text("state = 'uploaded'"),
    sqlite_where=text("state = 'uploaded'"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    _owner("documents_user", PERSONAL),
    Column("kind", Words(), nullable=False, info=PERSONAL),
    Column("content_type", Words(), nullable=False, info=PERSONAL),
    Column("size", BigInteger, nullable=False, info=INTERNAL),
    Column("key", LargeBinary, nullable=False, info=sealed(ACCOUNT)),
    Column("state", Words(), nullable=False, info=PERSONAL),
    Column("facts", Json(), nullable=False, info=PERSONAL),
    Column("reason", Words(), nullable=False, info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    Column("decided_at", Moment(), info=PERSONAL),
    Column("expires_at", Moment(), info=PERSONAL),
    Column("removed_at", Moment(), info=PERSONAL),
    PrimaryKeyConstraint("id", name="documents_key"),
    Index("documents_of_user", "user_id"),
    Index("documents_decided", "decided_at"),
    Index("documents_expiring", "expires_at"),
)
Index(
    "documents_waiting",
    documents.c.id,
    postgresql_where=text("state = 'submitted'"),
    sqlite_where=text("state = 'submitted'"),
)

# `id` is the blind index of the object key. There is no owner: the user may be erased already.
pending_deletions = Table(
    "pending_deletions",
    metadata,
    Column("id", Words(), nullable=False, info=kept(Sensitivity.SECRET, BRIEF)),
    Column("object_key", LargeBinary, nullable=False, info=sealed(BRIEF)),
    PrimaryKeyConstraint("id", name="pending_deletions_key"),
)
