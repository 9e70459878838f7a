"""Meetings. What one of the two gave is theirs alone: columns that end in `_of_a` or `_of_b`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata, sealed

ACCOUNT = Retention.ACCOUNT
OURS = kept(Sensitivity.INTERNAL, ACCOUNT)
PERSONAL = kept(Sensitivity.PERSONAL, ACCOUNT, subject=True)
TIE = kept(Sensitivity.PERSONAL, ACCOUNT)
# Of one side, or of who refused what: the export reads it from the entity and not from the columns.
PRIVATE = kept(Sensitivity.SENSITIVE, ACCOUNT)


def _side(side: str) -> list[Column[object]]:
    return [
        Column(f"half_days_of_{side}", Json(), nullable=False, info=PRIVATE),
        Column(f"district_code_of_{side}", Words(), nullable=False, info=PRIVATE),
        Column(f"times_given_of_{side}", SmallInteger, nullable=False, info=PRIVATE),
        Column(f"times_asked_of_{side}", SmallInteger, nullable=False, info=PRIVATE),
        Column(f"accepted_of_{side}", Boolean, nullable=False, info=PRIVATE),
        Column(f"no_show_at_of_{side}", Moment(), info=PRIVATE),
        Column(f"no_show_words_of_{side}", LargeBinary, info=sealed(ACCOUNT)),
    ]


def _user(column: str, constraint: str) -> Column[str]:
    user = ForeignKey("users.id", ondelete="CASCADE", name=constraint)
    return Column(column, Words(), user, nullable=False, info=TIE)


meetings = Table(
    "meetings",
    metadata,
    # That of the introduction.
    Column("id", Words(), ForeignKey("introductions.id", name="meetings_introduction"), nullable=False, info=PERSONAL),
    _user("a", "meetings_a"),
    _user("b", "meetings_b"),
    Column("state", Words(), nullable=False, info=PERSONAL),
    Column("starts_at", Moment(), info=PERSONAL),
    Column("district_code", Words(), nullable=False, info=PERSONAL),
    Column("place", LargeBinary, info=sealed(ACCOUNT, subject=True)),
    Column("proposals", SmallInteger, nullable=False, info=OURS),
    Column("refused", Json(), nullable=False, info=PRIVATE),
    Column("fixed_at", Moment(), info=PERSONAL),
    *_side("a"),
    *_side("b"),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="meetings_key"),
    CheckConstraint("version >= 1", name="meetings_version"),
    Index("meetings_of_a", "a"),
    Index("meetings_of_b", "b"),
)
_FIXED = text("state = 'fixed'")
Index("meetings_fixed", meetings.c.starts_at, postgresql_where=_FIXED, sqlite_where=_FIXED)
