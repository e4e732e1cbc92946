"""Which master key wraps the keys of dead letters, reasons of acts and waiting events; empty in older rows.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("dead_letter", "act_reason", "waiting")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("master_key_id", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "master_key_id")
