"""What of the holds is still to be put on stored versions.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "unapplied",
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("again_at", INSTANT),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_unapplied"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name="fk_unapplied_recording_id"),
    )
    op.create_index("ix_unapplied_again_at", "unapplied", ["again_at"])
    op.execute(
        "INSERT INTO unapplied (recording_id, change, tries, faults) "
        "SELECT DISTINCT recording_id, '', 0, '[]' FROM hold WHERE applied_at IS NULL"
    )
