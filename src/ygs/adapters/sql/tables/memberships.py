"""Plans, memberships, assessed refunds, and forecasts made before a contract.

Contracts outlive accounts, so `user_id` has no foreign key: an erased member leaves an id that names nobody.
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
    text,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata, sealed

OFFERED = kept(Sensitivity.INTERNAL, Retention.SERVICE)
OURS = kept(Sensitivity.INTERNAL, Retention.CONTRACT)
CONTRACT = kept(Sensitivity.PERSONAL, Retention.CONTRACT, subject=True)
DISPUTE = kept(Sensitivity.PERSONAL, Retention.DISPUTE, subject=True)
STAFFS = kept(Sensitivity.PERSONAL, Retention.DISPUTE)
MADE_BY = kept(Sensitivity.PERSONAL, Retention.CONTRACT)


def _terms(info: dict[str, object]) -> list[Column[object]]:
    return [
        Column("fee", BigInteger, nullable=False, info=info),
        Column("months", SmallInteger, nullable=False, info=info),
        Column("promised", SmallInteger, nullable=False, info=info),
        Column("service", SmallInteger, nullable=False, info=info),
        Column("unit", Words(), nullable=False, info=info),
        Column("basis", Words(), nullable=False, info=info),
        # Codes of attributes, never their values.
        Column("agreed", Json(), nullable=False, info=info),
    ]


membership_plans = Table(
    "membership_plans",
    metadata,
    Column("id", Words(), nullable=False, info=OFFERED),
    Column("name", Words(), nullable=False, info=OFFERED),
    *_terms(OFFERED),
    Column("offered", Boolean, nullable=False, info=OFFERED),
    Column("created_at", Moment(), nullable=False, info=OFFERED),
    Column("version", BigInteger, nullable=False, info=OFFERED),
    PrimaryKeyConstraint("id", name="membership_plans_key"),
    CheckConstraint("version >= 1", name="membership_plans_version"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", Words(), nullable=False, info=CONTRACT),
    Column("user_id", Words(), nullable=False, info=CONTRACT),
    Column("plan", Words(), nullable=False, info=CONTRACT),
    *_terms(CONTRACT),
    Column("rules", Words(), nullable=False, info=CONTRACT),
    Column("contracted_on", Date, nullable=False, info=CONTRACT),
    Column("starts_on", Date, nullable=False, info=CONTRACT),
    Column("payments", Json(), nullable=False, info=CONTRACT),
    Column("grants", Json(), nullable=False, info=CONTRACT),
    Column("pauses", Json(), nullable=False, info=CONTRACT),
    Column("fixed_dates", Json(), nullable=False, info=CONTRACT),
    Column("ended_on", Date, info=CONTRACT),
    # When its time is over, with the pauses known so far, or when it ended: from then on it is kept for five years.
    Column("over_on", Date, nullable=False, info=OURS),
    Column("created_at", Moment(), nullable=False, info=CONTRACT),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="memberships_key"),
    CheckConstraint("version >= 1", name="memberships_version"),
    Index("memberships_of_user", "user_id", "id"),
    Index("memberships_over", "over_on"),
)
_OPEN = text("ended_on IS NULL")
# At most one membership of a member has not ended.
Index("memberships_open", memberships.c.user_id, unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN)
Index("memberships_open_page", memberships.c.id, postgresql_where=_OPEN, sqlite_where=_OPEN)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Words(), nullable=False, info=DISPUTE),
    Column(
        "membership_id",
        Words(),
        ForeignKey("memberships.id", name="refunds_membership", ondelete="CASCADE"),
        nullable=False,
        info=DISPUTE,
    ),
    Column("cancelled_on", Date, nullable=False, info=DISPUTE),
    Column("figures", Json(), nullable=False, info=DISPUTE),
    Column("evidence", LargeBinary, nullable=False, info=sealed(Retention.DISPUTE)),
    Column("assessed_by", Words(), info=STAFFS),
    Column("created_at", Moment(), nullable=False, info=DISPUTE),
    PrimaryKeyConstraint("id", name="refunds_key"),
    Index("refunds_of_membership", "membership_id", "id"),
    Index("refunds_assessed", "created_at"),
)

# Without a membership a forecast names nobody, and is deleted soon; with one it is part of the contract.
forecasts = Table(
    "forecasts",
    metadata,
    Column("id", Words(), nullable=False, info=CONTRACT),
    Column("statement", Words(), nullable=False, info=CONTRACT),
    Column("signature", Words(), nullable=False, info=CONTRACT),
    Column("made_at", Moment(), nullable=False, info=CONTRACT),
    Column("made_by", Words(), info=MADE_BY),
    Column(
        "membership_id",
        Words(),
        ForeignKey("memberships.id", name="forecasts_membership", ondelete="CASCADE"),
        info=CONTRACT,
    ),
    PrimaryKeyConstraint("id", name="forecasts_key"),
    Index("forecasts_of_membership", "membership_id", "id"),
    Index("forecasts_made", "made_at"),
)
