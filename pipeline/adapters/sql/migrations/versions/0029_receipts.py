"""Receipts of pushed calls.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("receipt_id", KEY_TEXT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("upload", KEY_TEXT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("key", KEY_TEXT),
        sa.Column("seal", BYTES),
        sa.PrimaryKeyConstraint("receipt_id", name="pk_receipt"),
    )
    op.create_index("ix_receipt_upload", "receipt", ["upload"])
    op.create_index("ix_receipt_key", "receipt", ["key"], unique=True)
