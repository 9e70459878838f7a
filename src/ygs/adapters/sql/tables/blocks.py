"""Blocks between two people, by user or by contact."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint, Table

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata

ACCOUNT = Retention.ACCOUNT
SENSITIVE = kept(Sensitivity.SENSITIVE, ACCOUNT, subject=True)

# Each side's block is a row of its own: removing one leaves the other.
blocks = Table(
    "blocks",
    metadata,
    Column(
        "asked_by",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="blocks_asked_by"),
        nullable=False,
        info=SENSITIVE,
    ),
    # Not exported to the person: who blocked them is the other person's data.
    Column(
        "other",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="blocks_other"),
        nullable=False,
        info=kept(Sensitivity.SENSITIVE, ACCOUNT),
    ),
    Column("at", Moment(), nullable=False, info=SENSITIVE),
    PrimaryKeyConstraint("asked_by", "other", name="blocks_key"),
    CheckConstraint("asked_by <> other", name="blocks_two_people"),
    Index("blocks_by_other", "other"),
)

# Blocks in which at least one side is a contact: a keyed hash of a phone or an e-mail address; the other side may be a
# user's id. No foreign keys: these blocks stay when a user leaves, and apply again when the person comes back.
contact_blocks = Table(
    "contact_blocks",
    metadata,
    Column("asked_by", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.HISTORY)),
    Column("other", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.HISTORY)),
    Column("at", Moment(), nullable=False, info=kept(Sensitivity.SENSITIVE, Retention.HISTORY, subject=True)),
    PrimaryKeyConstraint("asked_by", "other", name="contact_blocks_key"),
    Index("contact_blocks_by_other", "other"),
)
