"""Answers to what may be sent again.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "given_answer",
        sa.Column("key", KEY_TEXT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("body", "attempt")),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.Text()),
        sa.Column("seal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("key", name="pk_given_answer"),
    )
    op.create_index("ix_given_answer_begun_at", "given_answer", ["begun_at"])
