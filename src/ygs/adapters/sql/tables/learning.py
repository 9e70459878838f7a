"""What was learned from answers: versions, and what each says of people."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)

from ygs.adapters.sql.tables.column_types import Json, Moment, Retention, Sensitivity, Words, kept, metadata

_FIGURES = kept(Sensitivity.INTERNAL, Retention.SERVICE)
_INFERRED = kept(Sensitivity.SENSITIVE, Retention.INFERRED)

learned_versions = Table(
    "learned_versions",
    metadata,
    Column("number", BigInteger, autoincrement=False, nullable=False, info=_FIGURES),
    Column("created_at", Moment(), nullable=False, info=_FIGURES),
    Column("rates", Json(), nullable=False, info=_FIGURES),
    Column("through", Integer, nullable=False, info=_FIGURES),
    Column("answers", BigInteger, nullable=False, info=_FIGURES),
    Column("people", BigInteger, nullable=False, info=_FIGURES),
    Column("evaluation", Json(), nullable=False, info=_FIGURES),
    Column("in_use", Boolean, nullable=False, info=_FIGURES),
    CheckConstraint("number >= 1", name="learned_versions_number"),
    PrimaryKeyConstraint("number", name="learned_versions_key"),
)

# A row goes with its person, from every version.
learned_people = Table(
    "learned_people",
    metadata,
    Column(
        "number",
        BigInteger,
        ForeignKey("learned_versions.number", name="learned_people_version"),
        nullable=False,
        info=_FIGURES,
    ),
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="learned_people_user"),
        nullable=False,
        info=_INFERRED,
    ),
    Column("says_yes", Integer, nullable=False, info=_INFERRED),
    Column("wanted", Integer, nullable=False, info=_INFERRED),
    Column("answering", SmallInteger, nullable=False, info=_INFERRED),
    PrimaryKeyConstraint("number", "user_id", name="learned_people_key"),
    Index("learned_people_user_id", "user_id"),
)
