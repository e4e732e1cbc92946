"""Calls of a range of days are found by when they ended; those of more than a day by an index of their own.

Revision ID: 0044
Revises: 0043
"""

from alembic import op

from callwarden.adapters.sql.schema import LONG

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.execute(f"CREATE INDEX ix_recording_long ON recording (started_at) WHERE {LONG[op.get_bind().dialect.name]}")
