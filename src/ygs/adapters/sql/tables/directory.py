"""The directory: one narrow row for each live user, the parts of the name that a search can begin with, and filters
that staff keep.

Users are wide, and a filter that few fit has to look at everybody: over these rows that takes a twentieth of a second
for 200,000 people. The rows are written with the user and deleted when the user leaves.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata
from ygs.adapters.sql.tables.users import CODED
from ygs.domain.matching.attribute import Kind

# Copies of what `users` and `wishes` hold, which the export of a person's own data has from there.
COPY = kept(Sensitivity.PERSONAL, Retention.ACCOUNT)
SENSITIVE_COPY = kept(Sensitivity.SENSITIVE, Retention.ACCOUNT)
OWN = kept(Sensitivity.PERSONAL, Retention.ACCOUNT, subject=True)

# `id` is the id of the user.
directory = Table(
    "directory",
    metadata,
    Column(
        "id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="directory_user"),
        nullable=False,
        info=COPY,
    ),
    Column("status", Words(), nullable=False, info=COPY),
    Column("role", Words(), nullable=False, info=COPY),
    Column("gender", SmallInteger, nullable=False, info=COPY),
    Column("birth_year", SmallInteger, nullable=False, info=COPY),
    # The consultant in charge. No foreign key: what is stored about a member is not deleted with a consultant.
    Column("consultant_id", Words(), info=OWN),
    # Whether there is a membership that has not ended.
    Column("contracted", Boolean, nullable=False, info=COPY),
    # Whether the membership is due, as the morning's job found.
    Column("due", Boolean, nullable=False, info=COPY),
    Column("seen_at", Moment(), nullable=False, info=OWN),
    # Never submitted is a moment far ahead, so that pages can go on after it.
    Column("submitted_at", Moment(), nullable=False, info=COPY),
    Column("name", Words(), nullable=False, info=COPY),
    Column("verified", BigInteger, nullable=False, info=COPY),
    # Attributes with a wish that matters, each the bit of its position.
    Column("wished", BigInteger, nullable=False, info=SENSITIVE_COPY),
    *(
        Column(
            code,
            BigInteger if attribute.kind is Kind.SET else SmallInteger,
            nullable=False,
            info=SENSITIVE_COPY if attribute.sensitive else COPY,
        )
        for code, attribute in CODED.items()
    ),
    Column("updated_at", Moment(), nullable=False, info=COPY),
    # The texts and the initials of `name_keys`, each after a line feed, for searches that many people fit.
    Column("name_parts", Words(), nullable=False, info=COPY),
    Column("initial_parts", Words(), nullable=False, info=COPY),
    PrimaryKeyConstraint("id", name="directory_key"),
    Index("directory_by_name", "name", "id"),
    Index("directory_by_birth_year", "birth_year", "id"),
    Index("directory_by_submission", "submitted_at", "id"),
    Index("directory_by_activity", "seen_at", "id"),
)
# Without members whom nobody is in charge of, as indexes of users have it.
_ASSIGNED = text("consultant_id IS NOT NULL")
Index(
    "directory_of_consultant",
    directory.c.consultant_id,
    directory.c.id,
    postgresql_where=_ASSIGNED,
    sqlite_where=_ASSIGNED,
)

# `text`: the name from one of its syllables or words on; `initials`: the same with initials for the syllables.
name_keys = Table(
    "name_keys",
    metadata,
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="name_keys_user"),
        nullable=False,
        info=COPY,
    ),
    Column("part", SmallInteger, nullable=False, info=kept(Sensitivity.INTERNAL, Retention.ACCOUNT)),
    Column("text", Words(), nullable=False, info=COPY),
    Column("initials", Words(), nullable=False, info=COPY),
    PrimaryKeyConstraint("user_id", "part", name="name_keys_key"),
    Index("name_keys_text", "text", "user_id"),
    Index("name_keys_initials", "initials", "text", "user_id"),
    # Half as large, and looked up twice as fast.
    sqlite_with_rowid=False,
)

# Whose: an account of staff, or the operator without one.
saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", Words(), nullable=False, info=OWN),
    Column("owner", Words(), ForeignKey("users.id", ondelete="CASCADE", name="saved_filters_owner"), info=OWN),
    Column("name", Words(), nullable=False, info=OWN),
    Column("criteria", Json(), nullable=False, info=OWN),
    Column("sort", Words(), nullable=False, info=OWN),
    Column("saved_at", Moment(), nullable=False, info=OWN),
    PrimaryKeyConstraint("id", name="saved_filters_key"),
    Index("saved_filters_of", "owner", "name", unique=True),
)
