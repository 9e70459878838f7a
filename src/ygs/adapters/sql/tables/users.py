"""Users with facts, wishes and consents, and blocks between users."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed
from ygs.domain.matching.attribute import Group, Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import PROFILE_TEXTS

ACCOUNT = Retention.ACCOUNT
INTERNAL = kept(Sensitivity.INTERNAL, ACCOUNT)
PERSONAL = kept(Sensitivity.PERSONAL, ACCOUNT, subject=True)
SENSITIVE = kept(Sensitivity.SENSITIVE, ACCOUNT, subject=True)

# Everything coded but the birth year, which is a column of its own. A new attribute or text needs a migration.
CODED = {code: attribute for code, attribute in VOCABULARY.items() if attribute.group is not Group.IDENTITY}
VACUUMED_OFTEN = {"autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_insert_scale_factor": 0.02}
# Wishes and verified facts store an attribute as its position in the vocabulary, which never changes.
POSITIONS = {code: position for position, code in enumerate(VOCABULARY, start=1)}

users = Table(
    "users",
    metadata,
    Column("id", Words(), nullable=False, info=PERSONAL),
    Column("name", Words(), nullable=False, info=PERSONAL),
    Column("gender", SmallInteger, nullable=False, info=PERSONAL),
    Column("seeks", SmallInteger, nullable=False, info=SENSITIVE),
    Column("birth_year", SmallInteger, nullable=False, info=PERSONAL),
    Column("phone", LargeBinary, info=sealed(ACCOUNT, subject=True)),
    Column("phone_index", Words(), info=kept(Sensitivity.SECRET, ACCOUNT)),
    # The blind index of the last four digits, by which staff find a caller.
    Column("phone_tail_index", Words(), info=kept(Sensitivity.SECRET, ACCOUNT)),
    Column("phone_proven_at", Moment(), info=PERSONAL),
    Column("email", LargeBinary, info=sealed(ACCOUNT, subject=True)),
    Column("email_index", Words(), info=kept(Sensitivity.SECRET, ACCOUNT)),
    Column("email_proven_at", Moment(), info=PERSONAL),
    Column("role", Words(), nullable=False, info=PERSONAL),
    Column("status", Words(), nullable=False, info=PERSONAL),
    Column("status_reason", Words(), nullable=False, info=PERSONAL),
    *(
        Column(
            code,
            BigInteger if attribute.kind is Kind.SET else SmallInteger,
            nullable=False,
            server_default="0",
            info=SENSITIVE if attribute.sensitive else PERSONAL,
        )
        for code, attribute in CODED.items()
    ),
    *(Column(name, Words(), nullable=False, server_default="", info=PERSONAL) for name in PROFILE_TEXTS),
    Column("verified", BigInteger, nullable=False, info=PERSONAL),
    Column("capacity", SmallInteger, info=PERSONAL),
    Column("paused_until", Date, info=PERSONAL),
    Column("suspended_from", Words(), info=PERSONAL),
    Column("submitted_at", Moment(), info=PERSONAL),
    Column("activated_at", Moment(), info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    Column("updated_at", Moment(), nullable=False, info=PERSONAL),
    Column("deleted_at", Moment(), info=PERSONAL),
    Column("version", BigInteger, nullable=False, info=INTERNAL),
    # An erased row holds nothing but its id, which the introductions of others refer to.
    Column("erased_at", Moment(), info=kept(Sensitivity.INTERNAL, Retention.HISTORY)),
    PrimaryKeyConstraint("id", name="users_key"),
    CheckConstraint("gender IN (1, 2)", name="users_gender"),
    CheckConstraint("seeks BETWEEN 1 AND 3", name="users_seeks"),
    CheckConstraint("version >= 1", name="users_version"),
    # PostgreSQL answers from `users_groups` alone only for pages that a vacuum has seen since they changed, so it comes
    # after 2 % of changes rather than 20 %.
    postgresql_with=VACUUMED_OFTEN,
)

# Every query about users starts from this condition: rows of users who left are kept for introductions only.
LIVE = users.c.deleted_at.is_(None)

Index(
    "users_live_phone",
    users.c.phone_index,
    unique=True,
    postgresql_where=text("deleted_at IS NULL"),
    sqlite_where=text("deleted_at IS NULL"),
)
# By id within a status, so that the latest of the active are found without sorting all.
Index("users_live_status", users.c.status, users.c.id, postgresql_where=text("deleted_at IS NULL"), sqlite_where=LIVE)
# The first of it has waited longest for review. Its condition must stand in a query as it stands here.
WAITING = text("deleted_at IS NULL AND status = 'pending'")
Index("users_waiting", users.c.updated_at, postgresql_where=WAITING, sqlite_where=WAITING)
Index("users_live_name", users.c.name, postgresql_where=text("deleted_at IS NULL"), sqlite_where=LIVE)

# The dashboard counts all members in one read of this index. Its condition must stand in a query as it stands here.
# The last two columns say nothing that the condition does not, but without them SQLite reads the whole rows as well.
MEMBERS = text("deleted_at IS NULL AND role = 'member'")
Index(
    "users_groups",
    users.c.status,
    users.c.gender,
    users.c.birth_year,
    users.c.region,
    users.c.created_at,
    users.c.role,
    users.c.deleted_at,
    postgresql_where=MEMBERS,
    sqlite_where=MEMBERS,
)

_LEAVING = text("deleted_at IS NOT NULL AND erased_at IS NULL")
Index("users_leaving", users.c.deleted_at, users.c.id, postgresql_where=_LEAVING, sqlite_where=_LEAVING)
# Without those who have none: statistics of a column that is mostly null keep SQLite from its index.
_EMAIL = text("email_index IS NOT NULL")
Index("users_email", users.c.email_index, postgresql_where=_EMAIL, sqlite_where=_EMAIL)
_PHONE = text("phone_tail_index IS NOT NULL")
Index("users_phone_tail", users.c.phone_tail_index, postgresql_where=_PHONE, sqlite_where=_PHONE)

wishes = Table(
    "wishes",
    metadata,
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="wishes_user"),
        nullable=False,
        info=PERSONAL,
    ),
    Column("attribute", SmallInteger, nullable=False, info=SENSITIVE),
    Column("importance", SmallInteger, nullable=False, info=SENSITIVE),
    Column("low", SmallInteger, nullable=False, info=SENSITIVE),
    Column("high", SmallInteger, nullable=False, info=SENSITIVE),
    Column("accepts", BigInteger, nullable=False, info=SENSITIVE),
    PrimaryKeyConstraint("user_id", "attribute", name="wishes_key"),
    CheckConstraint("importance BETWEEN 0 AND 4", name="wishes_importance"),
)

consents = Table(
    "consents",
    metadata,
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="consents_user"),
        nullable=False,
        info=PERSONAL,
    ),
    Column("purpose", Words(), nullable=False, info=PERSONAL),
    Column("version", Words(), nullable=False, info=PERSONAL),
    Column("given_at", Moment(), nullable=False, info=PERSONAL),
    Column("withdrawn_at", Moment(), info=PERSONAL),
    PrimaryKeyConstraint("user_id", "purpose", name="consents_key"),
)

# Keyed hashes of contacts that a user gave up: blocks of these contacts still apply to the user.
former_contacts = Table(
    "former_contacts",
    metadata,
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", ondelete="CASCADE", name="former_contacts_user"),
        nullable=False,
        info=kept(Sensitivity.PERSONAL, ACCOUNT),
    ),
    Column("contact", Words(), nullable=False, info=kept(Sensitivity.SECRET, ACCOUNT)),
    PrimaryKeyConstraint("user_id", "contact", name="former_contacts_key"),
    Index("former_contacts_by_contact", "contact"),
)

# Keyed hashes of the contacts of people who were suspended when they left: a person who comes back with one is marked
# in the review queue. No user's id: it outlasts the person's erasure and names nobody without the key.
suspended_contacts = Table(
    "suspended_contacts",
    metadata,
    Column("contact", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.RECOGNITION)),
    Column("left_at", Moment(), nullable=False, info=kept(Sensitivity.SENSITIVE, Retention.RECOGNITION)),
    PrimaryKeyConstraint("contact", name="suspended_contacts_key"),
    Index("suspended_contacts_left", "left_at"),
)
