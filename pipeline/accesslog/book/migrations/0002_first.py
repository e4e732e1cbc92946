"""The log's tables as they are made where there are none (`callwarden.accesslog.book.tables`): the first that is
brought up to date by revisions.

Revision ID: log_0002
"""

revision = "log_0002"
down_revision = None


def upgrade() -> None:
    """Never run: no database is before this one."""
