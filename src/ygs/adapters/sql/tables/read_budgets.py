"""Read budgets: what accounts of staff were shown on a day. Days are those of the service's clock."""

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata

_PASSING = kept(Sensitivity.INTERNAL, Retention.BRIEF)
_PERSONAL = kept(Sensitivity.PERSONAL, Retention.BRIEF)

# No foreign keys: memberships of erased people are shown too.
read_budgets = Table(
    "read_budgets",
    metadata,
    Column("user_id", Words(), nullable=False, info=_PERSONAL),
    Column("day", Date, nullable=False, info=_PASSING),
    Column("kind", Words(), nullable=False, info=_PASSING),
    Column("used", Integer, nullable=False, info=_PASSING),
    Column("recent", Integer, nullable=False, info=_PASSING),
    Column("recent_since", Moment(), nullable=False, info=_PASSING),
    PrimaryKeyConstraint("user_id", "day", "kind", name="read_budgets_key"),
    Index("read_budgets_day", "day"),
)

read_people = Table(
    "read_people",
    metadata,
    Column("account", Words(), nullable=False, info=_PERSONAL),
    Column("day", Date, nullable=False, info=_PASSING),
    Column("kind", Words(), nullable=False, info=_PASSING),
    Column("user_id", Words(), nullable=False, info=_PERSONAL),
    PrimaryKeyConstraint("account", "day", "kind", "user_id", name="read_people_key"),
    Index("read_people_day", "day"),
    Index("read_people_about", "user_id"),
)

read_lifts = Table(
    "read_lifts",
    metadata,
    Column("user_id", Words(), nullable=False, info=_PERSONAL),
    Column("day", Date, nullable=False, info=_PASSING),
    Column("lifted_by", Words(), info=_PERSONAL),
    Column("reason", Words(), nullable=False, info=_PERSONAL),
    Column("at", Moment(), nullable=False, info=_PASSING),
    PrimaryKeyConstraint("user_id", "day", name="read_lifts_key"),
    Index("read_lifts_day", "day"),
)

# Addresses are keyed hashes.
read_addresses = Table(
    "read_addresses",
    metadata,
    Column("user_id", Words(), nullable=False, info=_PERSONAL),
    Column("address", Words(), nullable=False, info=_PERSONAL),
    Column("at", Moment(), nullable=False, info=_PASSING),
    PrimaryKeyConstraint("user_id", "address", name="read_addresses_key"),
    Index("read_addresses_at", "at"),
)
