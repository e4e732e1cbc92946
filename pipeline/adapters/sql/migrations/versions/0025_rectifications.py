"""What was put right in the metadata of recordings, and who was told of what changed.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "rectification",
        *(sa.Column(name, KEY_TEXT, nullable=False) for name in ("rectification_id", "recording_id", "request_id")),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("rectification_id", name="pk_rectification"),
    )
    op.create_index("ix_rectification_recording_id", "rectification", ["recording_id"])
    op.create_table(
        "recipient_notice",
        sa.Column("request_id", KEY_TEXT, nullable=False),
        sa.Column("disclosure_id", KEY_TEXT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("seal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("request_id", "disclosure_id", name="pk_recipient_notice"),
    )
