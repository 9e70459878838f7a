"""The club's policies, match weeks with snapshots and plans, introductions with participants, and feedback."""

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
    UniqueConstraint,
    text,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata, sealed
from ygs.domain.matching.policy import MOST_CAPACITY

HISTORY = Retention.HISTORY
OURS = kept(Sensitivity.INTERNAL, Retention.SERVICE)
RELEASED = kept(Sensitivity.SENSITIVE, Retention.ROUND)
PUBLISHED = kept(Sensitivity.PUBLIC, Retention.SERVICE)
INPUT = kept(Sensitivity.SENSITIVE, Retention.ROUND)
PERSONAL = kept(Sensitivity.PERSONAL, HISTORY, subject=True)
SENSITIVE = kept(Sensitivity.SENSITIVE, HISTORY, subject=True)
# An answer belongs to one of the two people, so the export reads it from the entity and not from the columns.
PRIVATE = kept(Sensitivity.SENSITIVE, HISTORY)

# One row for each policy that the club has set. The highest version is in force.
policies = Table(
    "policies",
    metadata,
    # Versions are given by the repository, so that a gap or a lost update shows.
    Column("version", BigInteger, autoincrement=False, nullable=False, info=OURS),
    Column("policy", Json(), nullable=False, info=OURS),
    Column("since", Moment(), nullable=False, info=OURS),
    PrimaryKeyConstraint("version", name="policies_key"),
    CheckConstraint("version >= 1", name="policies_version"),
)

# One row for each schedule that the club has set. The highest version is in force.
week_schedules = Table(
    "week_schedules",
    metadata,
    Column("version", BigInteger, autoincrement=False, nullable=False, info=OURS),
    Column("enabled", Boolean, nullable=False, info=OURS),
    Column("weekday", Words(), nullable=False, info=OURS),
    Column("hour", SmallInteger, nullable=False, info=OURS),
    Column("deadline_weekday", Words(), nullable=False, info=OURS),
    Column("deadline_hour", SmallInteger, nullable=False, info=OURS),
    Column("since", Moment(), nullable=False, info=OURS),
    PrimaryKeyConstraint("version", name="week_schedules_key"),
    CheckConstraint("version >= 1", name="week_schedules_version"),
)

match_weeks = Table(
    "match_weeks",
    metadata,
    Column("id", Words(), nullable=False, info=OURS),
    Column("iso_year", SmallInteger, nullable=False, info=OURS),
    Column("iso_week", SmallInteger, nullable=False, info=OURS),
    Column("deadline", Moment(), nullable=False, info=OURS),
    Column("policy", Json(), nullable=False, info=OURS),
    Column("seed", BigInteger, nullable=False, info=OURS),
    Column("state", Words(), nullable=False, info=OURS),
    # Overrides name people, so they are deleted with the snapshot and plan.
    Column("overrides", Json(), nullable=False, info=INPUT),
    Column("input_hash", Words(), nullable=False, info=OURS),
    Column("fence", BigInteger, nullable=False, info=OURS),
    Column("lease_until", Moment(), info=OURS),
    Column("failure", Json(), nullable=False, info=OURS),
    Column("published_at", Moment(), info=OURS),
    Column("created_at", Moment(), nullable=False, info=OURS),
    Column("updated_at", Moment(), nullable=False, info=OURS),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="match_weeks_key"),
    CheckConstraint("version >= 1", name="match_weeks_version"),
)

_STANDING = text("state <> 'cancelled'")
Index(
    "match_weeks_standing",
    match_weeks.c.iso_year,
    match_weeks.c.iso_week,
    unique=True,
    postgresql_where=_STANDING,
    sqlite_where=_STANDING,
)


def _input_of_week(name: str, what: str) -> Table:
    return Table(
        name,
        metadata,
        Column("week_id", Words(), ForeignKey("match_weeks.id", name=f"{name}_week"), nullable=False, info=OURS),
        Column(what, LargeBinary, nullable=False, info=INPUT),
        PrimaryKeyConstraint("week_id", name=f"{name}_key"),
    )


week_snapshots = _input_of_week("week_snapshots", "snapshot")
week_plans = _input_of_week("week_plans", "plan")

# What a week committed to each time it was locked, and the hashes of the leaves. It outlasts the inputs, so that
# whoever kept a proof can still check it; without the week's key the hashes tell nothing.
week_commitments = Table(
    "week_commitments",
    metadata,
    Column(
        "week_id", Words(), ForeignKey("match_weeks.id", name="week_commitments_week"), nullable=False, info=PUBLISHED
    ),
    Column("number", SmallInteger, nullable=False, info=PUBLISHED),
    Column("locked_at", Moment(), nullable=False, info=PUBLISHED),
    Column("code_version", Words(), nullable=False, info=PUBLISHED),
    Column("input_root", Words(), nullable=False, info=PUBLISHED),
    Column("plan_input", Words(), nullable=False, info=PUBLISHED),
    Column("result_root", Words(), nullable=False, info=PUBLISHED),
    Column("published_at", Moment(), info=PUBLISHED),
    Column("input_leaves", LargeBinary, nullable=False, info=OURS),
    Column("result_leaves", LargeBinary, info=OURS),
    PrimaryKeyConstraint("week_id", "number", name="week_commitments_key"),
    CheckConstraint("number >= 1", name="week_commitments_number"),
    Index("week_commitments_latest", "locked_at"),
)

# The key from which the salts of a week's leaves are made. It goes with the week's inputs.
week_keys = Table(
    "week_keys",
    metadata,
    Column("id", Words(), ForeignKey("match_weeks.id", name="week_keys_week"), nullable=False, info=OURS),
    Column("key", LargeBinary, nullable=False, info=sealed(Retention.ROUND)),
    PrimaryKeyConstraint("id", name="week_keys_key"),
)

# The release of a week's inputs to an auditor. `requested_by` and `approved_by` have no foreign keys: staff may leave.
audit_releases = Table(
    "audit_releases",
    metadata,
    Column("week_id", Words(), ForeignKey("match_weeks.id", name="audit_releases_week"), nullable=False, info=RELEASED),
    Column("requested_by", Words(), nullable=False, info=RELEASED),
    Column("reason", Words(), nullable=False, info=RELEASED),
    Column("requested_at", Moment(), nullable=False, info=RELEASED),
    Column("approved_by", Words(), info=RELEASED),
    Column("approved_at", Moment(), info=RELEASED),
    PrimaryKeyConstraint("week_id", name="audit_releases_key"),
)

introductions = Table(
    "introductions",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    Column(
        "week_id",
        Words(),
        ForeignKey("match_weeks.id", name="introductions_week"),
        nullable=False,
        info=PERSONAL,
    ),
    Column("a", Words(), ForeignKey("users.id", name="introductions_a"), nullable=False, info=PERSONAL),
    Column("b", Words(), ForeignKey("users.id", name="introductions_b"), nullable=False, info=PERSONAL),
    Column("a_to_b", SmallInteger, nullable=False, info=PRIVATE),
    Column("b_to_a", SmallInteger, nullable=False, info=PRIVATE),
    Column("mutual", SmallInteger, nullable=False, info=PRIVATE),
    Column("proof_of_a", Json(), nullable=False, info=PRIVATE),
    Column("proof_of_b", Json(), nullable=False, info=PRIVATE),
    Column("origin", Words(), nullable=False, info=PERSONAL),
    Column("state", Words(), nullable=False, info=SENSITIVE),
    Column("choice_of_a", Words(), info=PRIVATE),
    Column("answered_at_of_a", Moment(), info=PRIVATE),
    Column("reason_of_a", Words(), info=PRIVATE),
    Column("words_of_a", LargeBinary, info=sealed(HISTORY)),
    Column("choice_of_b", Words(), info=PRIVATE),
    Column("answered_at_of_b", Moment(), info=PRIVATE),
    Column("reason_of_b", Words(), info=PRIVATE),
    Column("words_of_b", LargeBinary, info=sealed(HISTORY)),
    Column("decided_at", Moment(), info=SENSITIVE),
    Column("met", Boolean, info=SENSITIVE),
    Column("deadline", Moment(), nullable=False, info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="introductions_key"),
    # Together these two allow a pair at most once, in either order.
    UniqueConstraint("a", "b", name="introductions_pair"),
    CheckConstraint("a < b", name="introductions_order"),
    CheckConstraint("version >= 1", name="introductions_version"),
    Index("introductions_of_week", "week_id", "id"),
    Index("introductions_of_b", "b"),
)

# Who is in which introduction of a week. `UNIQUE(week, a)` and `UNIQUE(week, b)` would let one person be `a` of one
# pair and `b` of another; a numbered slot per person does not, and `slot <= capacity` makes the number count.
participants = Table(
    "participants",
    metadata,
    Column("week_id", Words(), ForeignKey("match_weeks.id", name="participants_week"), nullable=False, info=PERSONAL),
    Column("user_id", Words(), ForeignKey("users.id", name="participants_user"), nullable=False, info=PERSONAL),
    Column("slot", SmallInteger, nullable=False, info=OURS),
    Column("capacity", SmallInteger, nullable=False, info=PERSONAL),
    Column(
        "introduction_id",
        Words(),
        ForeignKey("introductions.id", name="participants_introduction"),
        nullable=False,
        info=PERSONAL,
    ),
    PrimaryKeyConstraint("week_id", "user_id", "slot", name="participants_key"),
    UniqueConstraint("introduction_id", "user_id", name="participants_once"),
    CheckConstraint(f"slot BETWEEN 1 AND capacity AND capacity <= {MOST_CAPACITY}", name="participants_slot"),
    Index("participants_of_user", "user_id"),
)

# Pairs that were introduced before one of the two left, each side a user's id or a contact's keyed hash, the lesser
# first. They apply when somebody comes back with another id; rows of `introductions` are never rewritten for it.
# `parted_at`: when the later of the two left.
met_contacts = Table(
    "met_contacts",
    metadata,
    Column("one", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.RECOGNITION)),
    Column("other", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.RECOGNITION)),
    Column("parted_at", Moment(), nullable=False, info=kept(Sensitivity.SENSITIVE, Retention.RECOGNITION)),
    PrimaryKeyConstraint("one", "other", name="met_contacts_key"),
    CheckConstraint("one < other", name="met_contacts_order"),
    Index("met_contacts_by_other", "other"),
    Index("met_contacts_parted", "parted_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    Column(
        "introduction_id",
        Words(),
        ForeignKey("introductions.id", name="feedback_introduction"),
        nullable=False,
        info=PERSONAL,
    ),
    Column("by_user", Words(), ForeignKey("users.id", name="feedback_user"), nullable=False, info=PERSONAL),
    Column("met", Boolean, nullable=False, info=SENSITIVE),
    Column("again", Boolean, info=SENSITIVE),
    Column("rating", SmallInteger, info=SENSITIVE),
    Column("reasons", Words(), nullable=False, info=SENSITIVE),
    Column("words", LargeBinary, info=sealed(HISTORY, subject=True)),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    PrimaryKeyConstraint("id", name="feedback_key"),
    UniqueConstraint("introduction_id", "by_user", name="feedback_side"),
    CheckConstraint("rating BETWEEN 1 AND 5", name="feedback_rating"),
)
