"""Users with everything that is theirs: facts as columns, wishes, consents, and the blocks between people."""

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
# How wishes and verified facts name an attribute: its position in the vocabulary, which never changes.
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
    Column("email", LargeBinary, info=sealed(ACCOUNT, subject=True)),
    Column("email_index", Words(), info=kept(Sensitivity.SECRET, ACCOUNT)),
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
    Column("activated_at", Moment(), info=PERSONAL),
    Column("created_at", Moment(), nullable=False, info=PERSONAL),
    Column("updated_at", Moment(), nullable=False, info=PERSONAL),
    Column("deleted_at", Moment(), info=PERSONAL),
    Column("version", BigInteger, nullable=False, info=INTERNAL),
    # From then on this row holds nothing but the id, for the introductions that others keep.
    Column("erased_at", Moment(), info=kept(Sensitivity.INTERNAL, Retention.HISTORY)),
    PrimaryKeyConstraint("id", name="users_key"),
    CheckConstraint("gender IN (1, 2)", name="users_gender"),
    CheckConstraint("seeks BETWEEN 1 AND 3", name="users_seeks"),
    CheckConstraint("version >= 1", name="users_version"),
)

# Every query about users starts from this condition: whoever has left is there only for the record.
LIVE = users.c.deleted_at.is_(None)

Index(
    "users_live_phone",
    users.c.phone_index,
    unique=True,
    postgresql_where=text("deleted_at IS NULL"),
    sqlite_where=text("deleted_at IS NULL"),
)
Index("users_live_status", users.c.status, postgresql_where=text("deleted_at IS NULL"), sqlite_where=LIVE)
Index("users_live_name", users.c.name, postgresql_where=text("deleted_at IS NULL"), sqlite_where=LIVE)

_LEAVING = text("deleted_at IS NOT NULL AND erased_at IS NULL")
Index("users_leaving", users.c.deleted_at, users.c.id, postgresql_where=_LEAVING, sqlite_where=_LEAVING)
Index("users_email", users.c.email_index)

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

# Who asked is kept, so that taking back one's own block leaves the other's standing.
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
    # Not for the subject: that somebody wants to be kept apart from me is theirs to tell.
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

# Blocks of which at least one side is known by a contact: a keyed hash of a phone or an e-mail address, or else a
# user's id. No foreign keys: these blocks outlive who left, and stand again when they come back.
contact_blocks = Table(
    "contact_blocks",
    metadata,
    Column("asked_by", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.HISTORY)),
    Column("other", Words(), nullable=False, info=kept(Sensitivity.SECRET, Retention.HISTORY)),
    Column("at", Moment(), nullable=False, info=kept(Sensitivity.SENSITIVE, Retention.HISTORY, subject=True)),
    PrimaryKeyConstraint("asked_by", "other", name="contact_blocks_key"),
    Index("contact_blocks_by_other", "other"),
)

# Contacts a user gave up, as keyed hashes: blocks by them stand around the user still.
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
