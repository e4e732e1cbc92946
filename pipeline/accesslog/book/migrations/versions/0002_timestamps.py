"""Time-stamps of checkpoints by a third party.

Revision ID: log_0002
Revises: log_0001
"""

import sqlalchemy as sa
from alembic import op

revision = "log_0002"
down_revision = "log_0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "log_timestamp",
        sa.Column("name", KEY_TEXT, primary_key=True),
        sa.Column("checkpoint", KEY_TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stamped_at", INSTANT, nullable=False),
        sa.Column("obtained_at", INSTANT, nullable=False),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("published_at", INSTANT),
    )
    op.create_index("ix_log_timestamp_obtained_at", "log_timestamp", ["obtained_at"])


def downgrade() -> None:
    op.drop_table("log_timestamp")
