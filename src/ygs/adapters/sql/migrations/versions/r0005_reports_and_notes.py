"""Reports of a member by a member, and notes by staff."""

import sqlalchemy as sa
from alembic import op

from ygs.adapters.sql.tables.column_types import Moment, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    _reports()
    op.create_table(
        "notes",
        sa.Column("id", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("author", Words(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("corrected_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["subject"], ["users.id"], name="notes_subject", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="notes_key"),
    )
    op.create_index("notes_about", "notes", ["subject", "id"], unique=False)


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", Words(), nullable=False),
        sa.Column("reporter", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("category", Words(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("resolution", Words(), nullable=True),
        sa.Column("staff_words", sa.LargeBinary(), nullable=True),
        sa.Column("resolved_by", Words(), nullable=True),
        sa.Column("resolved_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["reporter"], ["users.id"], name="reports_reporter", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subject"], ["users.id"], name="reports_subject", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="reports_key"),
    )
    op.create_index("reports_about", "reports", ["subject", "id"], unique=False)
    op.create_index("reports_told_by", "reports", ["reporter", "id"], unique=False)
    _partial("reports_waiting", ["id"], unique=False)
    _partial("reports_open", ["reporter", "subject"], unique=True)


def _partial(name: str, columns: list[str], *, unique: bool) -> None:
    still_open = sa.text("resolution IS NULL")
    op.create_index(name, "reports", columns, unique=unique, postgresql_where=still_open, sqlite_where=still_open)
