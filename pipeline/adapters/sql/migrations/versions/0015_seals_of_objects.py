"""Seals of objects and data keys. Where there are rows already: callwarden reconcile --seal-rows, once more.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("artefact", "data_key")


def upgrade() -> None:
    connection = op.get_bind()
    for table in TABLES:
        op.add_column(table, sa.Column("seal", sa.LargeBinary(), nullable=True))
    if any(connection.execute(sa.select(sa.literal(1)).select_from(sa.table(one)).limit(1)).first() for one in TABLES):
        op.execute("UPDATE landmark SET name = 'row-seals-before' WHERE name = 'row-seals'")


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "seal")
    op.execute("DELETE FROM landmark WHERE name = 'row-seals-before'")
