"""Alembic's entry: runs the log's revisions on the connection `upgrade_log` hands over, inside its transaction."""

from alembic import context

from callwarden.accesslog.book.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
