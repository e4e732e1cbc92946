"""More of a case, what it holds by criteria, and the labels of calls. NULL in the rows there are, so that their seals
stay.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT

revision = "0018"
down_revision = "0017"

COLUMNS = ("court", "seat", "parties", "people", "responsible", "history")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("litigation_case", sa.Column(column, sa.Text()))
    op.create_table(
        "placement",
        sa.Column("placement_id", KEY_TEXT, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("matched", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("justification", sa.Text()),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("reached", KEY_TEXT),
        sa.Column("seal", BYTES),
        sa.PrimaryKeyConstraint("placement_id", name="pk_placement"),
        sa.ForeignKeyConstraint(["case_id"], ["litigation_case.case_id"], name="fk_placement_case_id"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done')", name="ck_placement_state"),
    )
    op.create_index("ix_placement_case_id", "placement", ["case_id"])
    op.create_table(
        "recording_label",
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("label", KEY_TEXT, nullable=False),
        sa.Column("seal", BYTES),
        sa.PrimaryKeyConstraint("recording_id", "label", name="pk_recording_label"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name="fk_recording_label_recording_id"),
    )
    op.create_index("ix_recording_label_label", "recording_label", ["label"])
