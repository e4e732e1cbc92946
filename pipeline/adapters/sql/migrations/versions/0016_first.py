"""The tables as they are made where there are none (`callwarden.adapters.sql.schema`): the first that is brought up to
date by revisions.

Revision ID: 0016
"""

revision = "0016"
down_revision = None


def upgrade() -> None:
    """Never run: no database is before this one."""
