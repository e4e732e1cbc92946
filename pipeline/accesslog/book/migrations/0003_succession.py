"""What a log that was begun anew explains the lost checkpoints by.

Revision ID: log_0003
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, KEY_TEXT

revision = "log_0003"
down_revision = "log_0002"


def upgrade() -> None:
    """Empty: no log was begun anew before."""
    op.create_table(
        "log_succession",
        sa.Column("name", KEY_TEXT, nullable=False),
        sa.Column("note", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
