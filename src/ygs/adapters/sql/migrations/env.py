"""Alembic's way in: it runs this file, on the connection that `upgrade` hands over."""

from alembic import context

from ygs.adapters.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
