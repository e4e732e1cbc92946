"""The access log: leaves, tiles of hashes, what expired segments keep, seals, checkpoints, the frontier.

Revision ID: log_0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "log_0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_leaf",
        sa.Column("idx", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("entry_id", KEY_TEXT, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("subject", KEY_TEXT),
        sa.Column("case_ref", KEY_TEXT),
    )
    op.create_index("ix_log_leaf_entry_id", "log_leaf", ["entry_id"])
    op.create_index("ix_log_leaf_subject", "log_leaf", ["subject", "idx"])
    op.create_index("ix_log_leaf_case_ref", "log_leaf", ["case_ref", "idx"])
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "idx", name="pk_log_tile"),
    )
    op.create_table(
        "log_piece",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "idx", name="pk_log_piece"),
    )
    op.create_table(
        "log_segment",
        sa.Column("name", KEY_TEXT, primary_key=True),
        sa.Column("first_idx", sa.BigInteger(), nullable=False),
        sa.Column("end_idx", sa.BigInteger()),
        sa.Column("sealed_at", INSTANT),
        sa.Column("seal", sa.LargeBinary()),
        sa.Column("expired_at", INSTANT),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT),
        sa.PrimaryKeyConstraint("size", "made_at", name="pk_log_checkpoint"),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    for table in ("log_state", "log_checkpoint", "log_segment", "log_piece", "log_tile", "log_leaf"):
        op.drop_table(table)
