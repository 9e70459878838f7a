"""The outbox of events, the notices of those who read of them, and the devices that get push messages."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint, text

from ygs.adapters.sql.tables.column_types import (
    Json,
    Moment,
    Retention,
    Sensitivity,
    Serial,
    Words,
    kept,
    metadata,
    sealed,
)

OURS = kept(Sensitivity.INTERNAL, Retention.DELIVERY)
PERSONAL = kept(Sensitivity.PERSONAL, Retention.DELIVERY)
OWN = kept(Sensitivity.PERSONAL, Retention.ACCOUNT, subject=True)

# `user_id` has no foreign key: publishing a week would check a hundred thousand of them.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, nullable=False, autoincrement=True, info=OURS),
    Column("type", Words(), nullable=False, info=OURS),
    Column("dedupe_key", Words(), nullable=False, info=PERSONAL),
    Column("user_id", Words(), info=PERSONAL),
    Column("ids", Json(), nullable=False, info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=OURS),
    Column("dispatched_at", Moment(), info=OURS),
    PrimaryKeyConstraint("id", name="outbox_key"),
    UniqueConstraint("dedupe_key", name="outbox_dedupe_key"),
)

_WAITING = text("dispatched_at IS NULL")
Index("outbox_waiting", outbox.c.id, postgresql_where=_WAITING, sqlite_where=_WAITING)

notices = Table(
    "notices",
    metadata,
    Column("id", Words(), nullable=False, info=OWN),
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="notices_user"),
        nullable=False,
        info=OWN,
    ),
    Column("type", Words(), nullable=False, info=OWN),
    Column("event_key", Words(), nullable=False, info=kept(Sensitivity.PERSONAL, Retention.ACCOUNT)),
    # Staff's may name other members.
    Column("ids", Json(), nullable=False, info=OWN),
    Column("created_at", Moment(), nullable=False, info=OWN),
    Column("read_at", Moment(), info=OWN),
    PrimaryKeyConstraint("id", name="notices_key"),
    UniqueConstraint("user_id", "event_key", name="notices_event"),
    Index("notices_of_user", "user_id", "id"),
)
_UNREAD = text("read_at IS NULL")
Index("notices_unread", notices.c.user_id, postgresql_where=_UNREAD, sqlite_where=_UNREAD)

notice_settings = Table(
    "notice_settings",
    metadata,
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="notice_settings_user"),
        nullable=False,
        info=OWN,
    ),
    Column("language", Words(), nullable=False, info=OWN),
    # The channels by group of events, of the groups for which the person chose.
    Column("channels", Json(), nullable=False, info=OWN),
    PrimaryKeyConstraint("user_id", name="notice_settings_key"),
)

push_devices = Table(
    "push_devices",
    metadata,
    Column("id", Words(), nullable=False, info=OWN),
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="push_devices_user"),
        nullable=False,
        info=OWN,
    ),
    Column("token", LargeBinary, nullable=False, info=sealed(Retention.ACCOUNT)),
    Column("token_index", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.ACCOUNT)),
    Column("registered_at", Moment(), nullable=False, info=OWN),
    PrimaryKeyConstraint("id", name="push_devices_key"),
    UniqueConstraint("token_index", name="push_devices_token"),
    Index("push_devices_of_user", "user_id", "id"),
)
