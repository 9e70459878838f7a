"""The outbox of events."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint, text

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Serial, Words, kept, metadata

OURS = kept(Sensitivity.INTERNAL, Retention.DELIVERY)
PERSONAL = kept(Sensitivity.PERSONAL, Retention.DELIVERY)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, nullable=False, autoincrement=True, info=OURS),
    Column("kind", Words(), nullable=False, info=OURS),
    Column("dedupe_key", Words(), nullable=False, info=PERSONAL),
    Column("body", Json(), nullable=False, info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=OURS),
    Column("delivered_at", Moment(), info=OURS),
    Column("tries", Integer, nullable=False, server_default="0", info=OURS),
    PrimaryKeyConstraint("id", name="outbox_key"),
    UniqueConstraint("dedupe_key", name="outbox_dedupe_key"),
)

Index(
    "outbox_waiting",
    outbox.c.id,
    postgresql_where=text("delivered_at IS NULL"),
    sqlite_where=text("delivered_at IS NULL"),
)
