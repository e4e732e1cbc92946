"""Alembic's entry: runs the revisions on the connection `upgrade` hands over, inside its transaction."""

from alembic import context

from callwarden.adapters.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
