"""Consultants' slots and hours, and members' consultations. Staff's notes are sealed.

`consultant` has no foreign key where members' history depends on it: staff may leave, and what they did stays.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata, sealed

SERVICE = kept(Sensitivity.INTERNAL, Retention.SERVICE)
ACCOUNT = Retention.ACCOUNT
PERSONAL = kept(Sensitivity.PERSONAL, ACCOUNT, subject=True)
STAFFS = kept(Sensitivity.SENSITIVE, ACCOUNT)
OURS = kept(Sensitivity.INTERNAL, ACCOUNT)
CONSULTANTS = kept(Sensitivity.PERSONAL, ACCOUNT)


def _user(column: str, constraint: str, info: dict[str, object]) -> Column[str]:
    user = ForeignKey("users.id", ondelete="CASCADE", name=constraint)
    return Column(column, Words(), user, nullable=False, info=info)


slots = Table(
    "slots",
    metadata,
    Column("id", Words(), nullable=False, info=SERVICE),
    Column("consultant", Words(), nullable=False, info=SERVICE),
    Column("starts_at", Moment(), nullable=False, info=SERVICE),
    Column("ends_at", Moment(), nullable=False, info=SERVICE),
    Column("closed", Boolean, nullable=False, info=SERVICE),
    Column("created_at", Moment(), nullable=False, info=SERVICE),
    PrimaryKeyConstraint("id", name="slots_key"),
)
_OPEN = text("NOT closed")
# In the order of a calendar, of everybody and of one consultant.
Index("slots_by_time", slots.c.starts_at, slots.c.id, postgresql_where=_OPEN, sqlite_where=_OPEN)
Index(
    "slots_of_consultant",
    slots.c.consultant,
    slots.c.starts_at,
    slots.c.id,
    postgresql_where=_OPEN,
    sqlite_where=_OPEN,
)

# The quarters of an hour that open slots take. The key keeps a consultant's slots from overlapping, on any database.
slot_quarters = Table(
    "slot_quarters",
    metadata,
    Column("consultant", Words(), nullable=False, info=SERVICE),
    Column("starts_at", Moment(), nullable=False, info=SERVICE),
    Column(
        "slot_id",
        Words(),
        ForeignKey("slots.id", ondelete="CASCADE", name="slot_quarters_slot"),
        nullable=False,
        info=SERVICE,
    ),
    PrimaryKeyConstraint("consultant", "starts_at", name="slot_quarters_key"),
    Index("slot_quarters_of_slot", "slot_id"),
)

consultations = Table(
    "consultations",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    Column("slot_id", Words(), ForeignKey("slots.id", name="consultations_of_slot"), nullable=False, info=OURS),
    Column("consultant", Words(), nullable=False, info=PERSONAL),
    _user("member", "consultations_member", PERSONAL),
    Column("starts_at", Moment(), nullable=False, info=PERSONAL),
    Column("ends_at", Moment(), nullable=False, info=PERSONAL),
    Column("state", Words(), nullable=False, info=PERSONAL),
    Column("booked_at", Moment(), nullable=False, info=PERSONAL),
    Column("changed_at", Moment(), nullable=False, info=PERSONAL),
    Column("moves", SmallInteger, nullable=False, info=OURS),
    Column("notes", LargeBinary, info=sealed(ACCOUNT)),
    Column("questions", Json(), nullable=False, info=STAFFS),
    Column("questions_at", Moment(), info=STAFFS),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="consultations_key"),
    CheckConstraint("version >= 1", name="consultations_version"),
    Index("consultations_of_member", "member", "id"),
    Index("consultations_by_time", "starts_at", "id"),
    Index("consultations_of_consultant", "consultant", "starts_at"),
)
# A slot is booked once.
_STANDING = text("state <> 'cancelled'")
Index(
    "consultations_slot",
    consultations.c.slot_id,
    unique=True,
    postgresql_where=_STANDING,
    sqlite_where=_STANDING,
)

working_hours = Table(
    "working_hours",
    metadata,
    _user("consultant", "working_hours_consultant", CONSULTANTS),
    Column("days", Json(), nullable=False, info=CONSULTANTS),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("consultant", name="working_hours_key"),
    CheckConstraint("version >= 1", name="working_hours_version"),
)

closed_days = Table(
    "closed_days",
    metadata,
    Column("day", Date, nullable=False, info=SERVICE),
    Column("name", Words(), nullable=False, info=SERVICE),
    PrimaryKeyConstraint("day", name="closed_days_key"),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    _user("consultant", "calendar_feeds_consultant", CONSULTANTS),
    Column("digest", Words(), nullable=False, info=kept(Sensitivity.SECRET, ACCOUNT)),
    Column("created_at", Moment(), nullable=False, info=CONSULTANTS),
    PrimaryKeyConstraint("consultant", name="calendar_feeds_key"),
    UniqueConstraint("digest", name="calendar_feeds_digest"),
)
