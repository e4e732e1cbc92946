"""Dead letters, and the reasons people gave for what they did.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("topic", KEY, nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("offset", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text()),
        sa.Column("call_id", sa.Text()),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("keep_until", INSTANT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("retried_at", INSTANT),
        sa.Column("discarded_at", INSTANT),
        sa.PrimaryKeyConstraint("topic", "partition", "offset", name=op.f("pk_dead_letter")),
    )
    op.create_index(op.f("ix_dead_letter_keep_until"), "dead_letter", ["keep_until"])
    op.create_table(
        "act_reason",
        sa.Column("act_id", KEY, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("keep_until", INSTANT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_act_reason")),
    )
    op.create_index(op.f("ix_act_reason_subject"), "act_reason", ["subject"])


def downgrade() -> None:
    op.drop_table("act_reason")
    op.drop_table("dead_letter")
