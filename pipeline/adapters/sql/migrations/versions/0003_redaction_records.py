"""What became of each recording's redaction.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "redaction",
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.CheckConstraint("status IN ('released', 'withheld', 'withdrawn')", name=op.f("ck_redaction_status")),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name=op.f("fk_redaction_recording_id")),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_redaction")),
    )


def downgrade() -> None:
    op.drop_table("redaction")
