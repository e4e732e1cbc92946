"""Breaking glass, disposal certificates, and how far the erasure journal has been replayed.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "break_glass",
        sa.Column("request_id", KEY_TEXT, nullable=False),
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("lapses_at", INSTANT, nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_at", INSTANT),
        sa.Column("open_until", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name=op.f("fk_break_glass_recording_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_break_glass")),
    )
    op.create_index("ix_break_glass_recording_id", "break_glass", ["recording_id"])
    op.create_table(
        "certificate",
        sa.Column("digest", KEY_TEXT, nullable=False),
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_certificate")),
    )
    op.create_index("ix_certificate_recording_id", "certificate", ["recording_id"])
    op.create_table(
        "landmark",
        sa.Column("name", KEY_TEXT, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_landmark")),
    )


def downgrade() -> None:
    op.drop_table("landmark")
    op.drop_table("certificate")
    op.drop_table("break_glass")
