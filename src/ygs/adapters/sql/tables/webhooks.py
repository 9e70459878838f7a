"""Webhook endpoints. Addresses are sealed, since some hold a token, and so are the secrets that sign."""

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, PrimaryKeyConstraint, Table

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata, sealed

OURS = kept(Sensitivity.INTERNAL, Retention.SERVICE)
SEALED = sealed(Retention.SERVICE)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Words(), nullable=False, info=OURS),
    Column("url", LargeBinary, nullable=False, info=SEALED),
    Column("description", Words(), nullable=False, info=OURS),
    Column("types", Json(), nullable=False, info=OURS),
    Column("secret", LargeBinary, nullable=False, info=SEALED),
    Column("previous_secret", LargeBinary, info=SEALED),
    Column("previous_until", Moment(), info=OURS),
    Column("disabled_by", Words(), info=OURS),
    Column("disabled_at", Moment(), info=OURS),
    Column("failing_since", Moment(), info=OURS),
    Column("created_at", Moment(), nullable=False, info=OURS),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="webhooks_key"),
    CheckConstraint("version >= 1", name="webhooks_version"),
)
