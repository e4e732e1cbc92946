"""Receipts of pushed calls go by their time.

Revision ID: 0042
Revises: 0041
"""

from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.create_index("ix_receipt_received_at", "receipt", ["received_at"])
