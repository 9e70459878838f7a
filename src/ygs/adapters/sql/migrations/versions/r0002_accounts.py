"""Accounts, sessions, one-time tokens, counters, the audit log and kept replies."""

import sqlalchemy as sa
from alembic import op

from ygs.adapters.sql.tables.column_types import Moment, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables by which users sign in, and by which it is known who did what."""
    op.create_table(
        "rate_limits",
        sa.Column("key", Words(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("blocked_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="rate_limits_key"),
    )
    op.create_index("rate_limits_since", "rate_limits", ["since"], unique=False)
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("role", Words(), nullable=False),
        sa.Column("action", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("what", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="audit_key"),
    )
    op.create_index("audit_about", "audit", ["subject", "number"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("base_number", sa.BigInteger(), nullable=False),
        sa.Column("base_digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="audit_head_one"),
        sa.PrimaryKeyConstraint("id", name="audit_head_key"),
    )
    op.create_table(
        "idempotency_records",
        sa.Column("id", Words(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="idempotency_records_key"),
    )
    op.create_index("idempotency_records_started", "idempotency_records", ["started_at"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", Words(), nullable=False),
        sa.Column("password", Words(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", Moment(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="accounts_version"),
        sa.ForeignKeyConstraint(["id"], ["users.id"], name="accounts_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="accounts_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("device", Words(), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("refreshed_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ending", Words(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="sessions_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="sessions_key"),
    )
    op.create_index("sessions_expiring", "sessions", ["expires_at"], unique=False)
    op.create_index("sessions_of_user", "sessions", ["user_id", "address"], unique=False)
    op.create_index(
        "sessions_standing",
        "sessions",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("user_id", Words(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("code", Words(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="one_time_tokens_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="one_time_tokens_key"),
    )
    op.create_index("one_time_tokens_expiring", "one_time_tokens", ["expires_at"], unique=False)
    op.create_table(
        "links",
        sa.Column("provider", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name="links_account", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("provider", "subject", name="links_key"),
        sa.UniqueConstraint("user_id", "provider", name="links_one_a_provider"),
    )
