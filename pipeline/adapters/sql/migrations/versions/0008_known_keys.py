"""The keys the system has ever used, by name and fingerprint.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "known_key",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key_id", KEY_TEXT, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("first_used_at", INSTANT, nullable=False),
        sa.Column("rewrapped_at", INSTANT, nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.Column("destroyed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("kind", "key_id", name=op.f("pk_known_key")),
        sa.CheckConstraint("kind IN ('master', 'pseudonym')", name=op.f("ck_known_key_kind")),
    )


def downgrade() -> None:
    op.drop_table("known_key")
