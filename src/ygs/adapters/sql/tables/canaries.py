"""Canaries in exported sheets. No foreign key: an account that leaves, and is erased, may have leaked before."""

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed

_OURS = kept(Sensitivity.INTERNAL, Retention.SERVICE)
_SECRET = kept(Sensitivity.SECRET, Retention.SERVICE)

export_canaries = Table(
    "export_canaries",
    metadata,
    Column("id", Words(), nullable=False, info=_SECRET),
    Column("account", Words(), nullable=False, info=_OURS),
    Column("phone", LargeBinary, info=sealed(Retention.SERVICE)),
    Column("phone_index", Words(), info=_SECRET),
    Column("seed", BigInteger, nullable=False, info=_SECRET),
    Column("made_at", Moment(), nullable=False, info=_OURS),
    Column("used_at", Moment(), nullable=False, info=_OURS),
    PrimaryKeyConstraint("id", name="export_canaries_key"),
    UniqueConstraint("account", name="export_canaries_account"),
    UniqueConstraint("phone_index", name="export_canaries_phone"),
)
