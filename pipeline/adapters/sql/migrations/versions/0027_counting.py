"""What a hold can keep is counted by an index of its own.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

from callwarden.adapters.sql.schema import KEPT

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute(f"CREATE INDEX ix_recording_kept ON recording (state) WHERE {KEPT}")
