"""Photos, documents, uploads, and bytes that must go."""

import sqlalchemy as sa
from alembic import op

from ygs.adapters.sql.tables.column_types import Json, Moment, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables that remember files."""
    _uploads()
    _photos()
    _documents()
    op.create_table(
        "pending_deletions",
        sa.Column("id", Words(), nullable=False),
        sa.Column("object_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="doomed_files_key"),
    )


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("content_type", Words(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("made", Words(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="uploads_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="uploads_key"),
    )
    op.create_index("uploads_of_user", "uploads", ["user_id", "created_at"], unique=False)
    op.create_index("uploads_created", "uploads", ["created_at"], unique=False)


def _photos() -> None:
    op.create_table(
        "photos",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("cover", sa.Boolean(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 5", name="photos_position"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="photos_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="photos_key"),
    )
    op.create_index("photos_place", "photos", ["user_id", "position"], unique=True)
    _partial("photos_waiting", "photos", "state = 'uploaded'")


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("content_type", Words(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="documents_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="documents_key"),
    )
    op.create_index("documents_of_user", "documents", ["user_id"], unique=False)
    op.create_index("documents_decided", "documents", ["decided_at"], unique=False)
    op.create_index("documents_expiring", "documents", ["expires_at"], unique=False)
    _partial("documents_waiting", "documents", "state = 'submitted'")


def _partial(name: str, table: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, ["id"], unique=False, postgresql_where=condition, sqlite_where=condition)
