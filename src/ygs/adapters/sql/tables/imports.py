"""Imports of members, and which members each of them added. Mappings are sealed: they may quote what people wrote."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from ygs.adapters.sql.tables.column_types import Moment, Retention, Sensitivity, Words, kept, metadata, sealed

# As long as the audit log says who imported them.
OURS = kept(Sensitivity.INTERNAL, Retention.AUDIT)

imports = Table(
    "imports",
    metadata,
    Column("id", Words(), nullable=False, info=OURS),
    Column("requested_by", Words(), nullable=False, info=kept(Sensitivity.PERSONAL, Retention.AUDIT)),
    Column("sheet_type", Words(), info=OURS),
    Column("mapping", LargeBinary, info=sealed(Retention.BRIEF)),
    Column("job_id", Words(), info=OURS),
    Column("state", Words(), nullable=False, info=OURS),
    Column("members", BigInteger, nullable=False, info=OURS),
    Column("created_at", Moment(), nullable=False, info=OURS),
    Column("stored_at", Moment(), info=OURS),
    Column("undone_at", Moment(), info=OURS),
    Column("version", BigInteger, nullable=False, info=OURS),
    PrimaryKeyConstraint("id", name="imports_key"),
    CheckConstraint("version >= 1", name="imports_version"),
)

import_verdicts = Table(
    "import_verdicts",
    metadata,
    Column("id", Words(), nullable=False, info=kept(Sensitivity.INTERNAL, Retention.BRIEF)),
    Column(
        "import_id",
        Words(),
        ForeignKey("imports.id", name="import_verdicts_import", ondelete="CASCADE"),
        nullable=False,
        info=kept(Sensitivity.INTERNAL, Retention.BRIEF),
    ),
    Column("number", BigInteger, nullable=False, info=kept(Sensitivity.INTERNAL, Retention.BRIEF)),
    Column("text", LargeBinary, nullable=False, info=sealed(Retention.BRIEF)),
    PrimaryKeyConstraint("id", name="import_verdicts_key"),
    UniqueConstraint("import_id", "number", name="import_verdicts_number"),
)

imported_members = Table(
    "imported_members",
    metadata,
    Column(
        "user_id",
        Words(),
        ForeignKey("users.id", name="imported_members_user", ondelete="CASCADE"),
        nullable=False,
        info=kept(Sensitivity.INTERNAL, Retention.ACCOUNT),
    ),
    Column(
        "import_id",
        Words(),
        ForeignKey("imports.id", name="imported_members_import", ondelete="CASCADE"),
        nullable=False,
        info=kept(Sensitivity.INTERNAL, Retention.ACCOUNT),
    ),
    PrimaryKeyConstraint("user_id", name="imported_members_key"),
)

# The members of one import, to undo it; and the rows that go with an import.
Index("imported_members_of_import", imported_members.c.import_id, imported_members.c.user_id)
