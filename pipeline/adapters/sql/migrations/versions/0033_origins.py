"""Which recording a landed file became.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "origin",
        sa.Column("origin", KEY_TEXT, nullable=False),
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("seal", BYTES),
        sa.PrimaryKeyConstraint("origin", name="pk_origin"),
    )
    op.create_index("ix_origin_at", "origin", ["at"])
