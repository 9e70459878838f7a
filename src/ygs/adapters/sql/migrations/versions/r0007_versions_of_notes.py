"""Which version of a note was edited: two who correct one at once no longer overwrite each other unheard."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. What is there is at its first version, however often it was corrected."""
    from_one = sa.CheckConstraint("version >= 1", name="notes_version")
    op.add_column("notes", sa.Column("version", sa.BigInteger(), from_one, nullable=False, server_default="1"))
