"""Blocks by contact, and the mark of whoever was erased."""

import sqlalchemy as sa
from alembic import op

from ygs.adapters.sql.tables.column_types import Moment, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of blocks by contact. An e-mail stored before gets its index when its user is next saved."""
    op.create_table(
        "contact_blocks",
        sa.Column("asked_by", Words(), nullable=False),
        sa.Column("other", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("asked_by", "other", name="contact_blocks_key"),
    )
    op.create_index("contact_blocks_by_other", "contact_blocks", ["other"], unique=False)
    op.add_column("users", sa.Column("email_index", Words(), nullable=True))
    op.add_column("users", sa.Column("erased_at", Moment(), nullable=True))
    op.create_index("users_email", "users", ["email_index"], unique=False)
    leaving = sa.text("deleted_at IS NOT NULL AND erased_at IS NULL")
    op.create_index(
        "users_leaving",
        "users",
        ["deleted_at", "id"],
        unique=False,
        postgresql_where=leaving,
        sqlite_where=leaving,
    )
