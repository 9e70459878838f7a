"""Deliveries of events to somebody outside the service, and the attempts to send them."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata

OURS = kept(Sensitivity.INTERNAL, Retention.DELIVERY)
# Ids of the people whom the event is about, and of who is told.
PERSONAL = kept(Sensitivity.PERSONAL, Retention.DELIVERY)

# Neither `recipient_id` nor `user_id` has a foreign key: the one is a user's or an endpoint's, and the outbox, from
# which the other comes, has none.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Words(), nullable=False, info=OURS),
    Column("channel", Words(), nullable=False, info=OURS),
    Column("recipient_id", Words(), nullable=False, info=PERSONAL),
    Column("lane", Words(), nullable=False, info=OURS),
    Column("type", Words(), nullable=False, info=OURS),
    Column("event_key", Words(), nullable=False, info=PERSONAL),
    Column("user_id", Words(), info=PERSONAL),
    Column("ids", Json(), nullable=False, info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=OURS),
    Column("state", Words(), nullable=False, info=OURS),
    Column("due_at", Moment(), nullable=False, info=OURS),
    Column("attempts", Integer, nullable=False, info=OURS),
    Column("fence", BigInteger, nullable=False, info=OURS),
    Column("status", Integer, info=OURS),
    Column("error", Words(), nullable=False, info=OURS),
    Column("finished_at", Moment(), info=OURS),
    PrimaryKeyConstraint("id", name="deliveries_key"),
    UniqueConstraint("recipient_id", "event_key", "channel", name="deliveries_event"),
    Index("deliveries_of_recipient", "recipient_id", "id"),
)
_WAITING = text("state = 'waiting'")
Index(
    "deliveries_waiting",
    deliveries.c.lane,
    deliveries.c.due_at,
    deliveries.c.id,
    postgresql_where=_WAITING,
    sqlite_where=_WAITING,
)
_FAILED = text("state = 'failed'")
# For the list of what failed, the newest first: few among many that were delivered.
Index("deliveries_failed", deliveries.c.id, postgresql_where=_FAILED, sqlite_where=_FAILED)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column(
        "delivery_id",
        Words(),
        ForeignKey("deliveries.id", ondelete="CASCADE", name="delivery_attempts_delivery"),
        nullable=False,
        info=OURS,
    ),
    Column("number", BigInteger, nullable=False, info=OURS),
    Column("at", Moment(), nullable=False, info=OURS),
    Column("milliseconds", BigInteger, nullable=False, info=OURS),
    Column("status", Integer, info=OURS),
    Column("error", Words(), nullable=False, info=OURS),
    PrimaryKeyConstraint("delivery_id", "number", name="delivery_attempts_key"),
)
