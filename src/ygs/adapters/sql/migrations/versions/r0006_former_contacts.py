"""Contacts that users gave up, by which blocks still stand around them."""

import sqlalchemy as sa
from alembic import op

from ygs.adapters.sql.tables.column_types import Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Nobody could change a phone before."""
    op.create_table(
        "former_contacts",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("contact", Words(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "contact", name="former_contacts_key"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="former_contacts_user", ondelete="CASCADE"),
    )
    op.create_index("former_contacts_by_contact", "former_contacts", ["contact"], unique=False)
