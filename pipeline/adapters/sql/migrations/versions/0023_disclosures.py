"""What left for courts and the police.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("disclosure_id", KEY_TEXT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("case_id", "recipient", "basis", "made_by")),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("recordings", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text()),
        sa.Column("seal", BYTES),
        sa.PrimaryKeyConstraint("disclosure_id", name="pk_disclosure"),
        sa.ForeignKeyConstraint(["case_id"], ["litigation_case.case_id"], name="fk_disclosure_case_id"),
    )
