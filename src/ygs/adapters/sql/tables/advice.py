"""Answers of a language model about pairs of members and drafts for staff, and what both have taken."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed

_ABOUT = kept(Sensitivity.SENSITIVE, Retention.BRIEF)
_OURS = kept(Sensitivity.INTERNAL, Retention.SERVICE)


def _member(column: str, constraint: str, *, nullable: bool = False) -> Column[str]:
    user = ForeignKey("users.id", ondelete="CASCADE", name=constraint)
    return Column(column, Words(), user, nullable=nullable, info=_ABOUT)


def _counts() -> list[Column[int]]:
    return [
        Column("calls", Integer, nullable=False, info=_OURS),
        Column("input_tokens", BigInteger, nullable=False, info=_OURS),
        Column("output_tokens", BigInteger, nullable=False, info=_OURS),
        Column("answered", Integer, nullable=False, info=_OURS),
        Column("refused", Integer, nullable=False, info=_OURS),
    ]


pair_advice = Table(
    "pair_advice",
    metadata,
    Column("id", Words(), nullable=False, info=_ABOUT),
    _member("a", "pair_advice_a"),
    _member("b", "pair_advice_b"),
    Column("strength", SmallInteger, nullable=False, info=_ABOUT),
    Column("reason", LargeBinary, nullable=False, info=sealed(Retention.BRIEF)),
    Column("created_at", Moment(), nullable=False, info=_ABOUT),
    PrimaryKeyConstraint("id", name="pair_advice_key"),
    CheckConstraint("a < b", name="pair_advice_order"),
    CheckConstraint("strength BETWEEN -100 AND 100", name="pair_advice_strength"),
    Index("pair_advice_of_a", "a"),
    Index("pair_advice_of_b", "b"),
    Index("pair_advice_age", "created_at"),
)

advice_usage = Table(
    "advice_usage",
    metadata,
    Column(
        "week_id",
        Words(),
        ForeignKey("match_weeks.id", name="advice_usage_week"),
        nullable=False,
        info=_OURS,
    ),
    *_counts(),
    PrimaryKeyConstraint("week_id", name="advice_usage_key"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Words(), nullable=False, info=_ABOUT),
    _member("user_id", "drafts_user", nullable=True),
    _member("other", "drafts_other", nullable=True),
    Column("text", LargeBinary, nullable=False, info=sealed(Retention.BRIEF)),
    Column("created_at", Moment(), nullable=False, info=_ABOUT),
    PrimaryKeyConstraint("id", name="drafts_key"),
    Index("drafts_of_user", "user_id"),
    Index("drafts_of_other", "other"),
    Index("drafts_age", "created_at"),
)

draft_usage = Table(
    "draft_usage",
    metadata,
    Column("day", Date, nullable=False, info=_OURS),
    *_counts(),
    PrimaryKeyConstraint("day", name="draft_usage_key"),
)
