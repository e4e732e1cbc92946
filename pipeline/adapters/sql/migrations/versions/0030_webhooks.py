"""Who is told what becomes of calls, and the notices on their way.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("webhook_id", KEY_TEXT, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("line", sa.Text()),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text()),
        sa.Column("former_until", INSTANT),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("rotated_at", INSTANT),
        sa.Column("ended", sa.Text()),
        sa.Column("ended_at", INSTANT),
        sa.Column("seal", BYTES),
        sa.PrimaryKeyConstraint("webhook_id", name="pk_webhook"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("delivery_id", KEY_TEXT, nullable=False),
        sa.Column("webhook_id", KEY_TEXT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", KEY_TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_since", INSTANT, nullable=False),
        sa.Column("again_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("fault", sa.Text()),
        sa.Column("tried_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("seal", BYTES),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name="ck_webhook_delivery_state"),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_webhook_delivery"),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.webhook_id"], name="fk_webhook_delivery_webhook_id"),
    )
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id"])
    op.create_index("ix_webhook_delivery_again_at", "webhook_delivery", ["state", "again_at"])
