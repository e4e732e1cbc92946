"""Objections say from when they count, who entered them and what was decided; withdrawals are on file by themselves; a
recording keeps what its line promised. All NULL in the rows there are, so that their seals stay.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("objection", sa.Column("counts_from", INSTANT))
    op.add_column("objection", sa.Column("entered_by", sa.Text()))
    op.add_column("objection", sa.Column("granted", sa.Boolean()))
    op.add_column("objection", sa.Column("ground", sa.Text()))
    op.add_column("objection", sa.Column("decided_by", sa.Text()))
    op.add_column("objection", sa.Column("decided_at", INSTANT))
    op.add_column("recording", sa.Column("objection_offered", sa.Boolean()))
    op.create_table(
        "objection_withdrawal",
        sa.Column("withdrawal_id", KEY_TEXT, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("seal", BYTES),
        sa.CheckConstraint("scope IN ('call', 'number', 'customer')", name="ck_objection_withdrawal_scope"),
        sa.PrimaryKeyConstraint("withdrawal_id", name="pk_objection_withdrawal"),
    )
    op.create_index("ix_objection_withdrawal_reference", "objection_withdrawal", ["reference", "scope"])
