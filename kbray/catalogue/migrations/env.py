"""Alembic's entry: the connection and its transaction come from `migrations.upgrade`."""

from alembic import context

from kbray.catalogue.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
