"""Accounts, links, sessions, one-time tokens and rate limits."""

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
    Table,
    UniqueConstraint,
    text,
)

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed

ACCOUNT = Retention.ACCOUNT
BRIEF = Retention.BRIEF
INTERNAL = kept(Sensitivity.INTERNAL, ACCOUNT)
PERSONAL = kept(Sensitivity.PERSONAL, ACCOUNT, subject=True)
SECRET = kept(Sensitivity.SECRET, ACCOUNT)
PASSING = kept(Sensitivity.INTERNAL, BRIEF)

# `id` is the id of the user.
accounts = Table(
    "accounts",
    metadata,
    Column(
        "id", Words(), ForeignKey("users.id", ondelete="CASCADE", name="accounts_user"), nullable=False, info=PERSONAL
    ),
    Column("password", Words(), info=SECRET),
    Column("totp_secret", LargeBinary, info=sealed(ACCOUNT)),
    Column("totp_confirmed_at", Moment(), info=PERSONAL),
    Column("totp_last_step", BigInteger, info=INTERNAL),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    Column("updated_at", Moment(), nullable=False, info=PERSONAL),
    Column("version", BigInteger, nullable=False, info=INTERNAL),
    PrimaryKeyConstraint("id", name="accounts_key"),
    CheckConstraint("version >= 1", name="accounts_version"),
)

links = Table(
    "links",
    metadata,
    Column("provider", Words(), nullable=False, info=PERSONAL),
    Column("subject", Words(), nullable=False, info=PERSONAL),
    Column(
        "user_id",
        Words(),
        ForeignKey("accounts.id", ondelete="CASCADE", name="links_account"),
        nullable=False,
        info=PERSONAL,
    ),
    Column("linked_at", Moment(), nullable=False, info=PERSONAL),
    PrimaryKeyConstraint("provider", "subject", name="links_key"),
    UniqueConstraint("user_id", "provider", name="links_one_a_provider"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="sessions_user"),
        nullable=False,
        info=PERSONAL,
    ),
    Column("salt", LargeBinary, nullable=False, info=SECRET),
    Column("digest", LargeBinary, nullable=False, info=SECRET),
    Column("generation", Integer, nullable=False, info=INTERNAL),
    Column("presented", Integer, nullable=False, info=INTERNAL),
    Column("repeated", Integer, info=INTERNAL),
    Column("second_factor", Boolean, nullable=False, info=PERSONAL),
    Column("device", Words(), nullable=False, info=PERSONAL),
    Column("address", Words(), nullable=False, info=SECRET),
    Column("started_at", Moment(), nullable=False, info=PERSONAL),
    Column("refreshed_at", Moment(), nullable=False, info=PERSONAL),
    Column("expires_at", Moment(), nullable=False, info=PERSONAL),
    Column("idle_seconds", Integer, nullable=False, info=INTERNAL),
    Column("ended_at", Moment(), info=PERSONAL),
    Column("ending", Words(), info=PERSONAL),
    PrimaryKeyConstraint("id", name="sessions_key"),
    Index("sessions_of_user", "user_id", "address"),
    Index("sessions_expiring", "expires_at"),
)
_ENDED = text("ended_at IS NOT NULL")
Index("sessions_ended", sessions.c.ended_at, postgresql_where=_ENDED, sqlite_where=_ENDED)
Index(
    "sessions_standing",
    sessions.c.user_id,
    postgresql_where=text("ended_at IS NULL"),
    sqlite_where=text("ended_at IS NULL"),
)

# `id` is the digest of the one-time token's secret.
one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("id", Words(), nullable=False, info=PASSING),
    Column("kind", Words(), nullable=False, info=PASSING),
    Column("expires_at", Moment(), nullable=False, info=PASSING),
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="one_time_tokens_user"),
        info=kept(Sensitivity.PERSONAL, BRIEF),
    ),
    Column("data", LargeBinary, info=sealed(BRIEF)),
    Column("code", Words(), nullable=False, info=kept(Sensitivity.SECRET, BRIEF)),
    Column("tries_left", Integer, nullable=False, info=PASSING),
    Column("used_at", Moment(), info=PASSING),
    PrimaryKeyConstraint("id", name="one_time_tokens_key"),
    Index("one_time_tokens_expiring", "expires_at"),
)

# Keys hold keyed hashes of phones and addresses, or ids.
rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key", Words(), nullable=False, info=kept(Sensitivity.PERSONAL, BRIEF)),
    Column("count", Integer, nullable=False, info=PASSING),
    Column("since", Moment(), nullable=False, info=PASSING),
    Column("waits", Integer, nullable=False, info=PASSING),
    Column("blocked_until", Moment(), info=PASSING),
    PrimaryKeyConstraint("key", name="rate_limits_key"),
    Index("rate_limits_since", "since"),
)
