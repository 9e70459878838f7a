"""Alembic's way in: it runs this file, on the connection that `upgrade` hands over."""

from alembic import context

from ygs.adapters.sql.migrations import VERSION_TABLE
from ygs.adapters.sql.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
context.run_migrations()
