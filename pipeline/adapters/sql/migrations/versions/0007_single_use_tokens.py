"""Tokens that are good for one time, and when that was.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.add_column("token", sa.Column("once", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("token", sa.Column("spent_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("token", "spent_at")
    op.drop_column("token", "once")
