"""Seals of rows. Where there are rows already, a person has them sealed as they are: callwarden reconcile --seal-rows.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("break_glass", "hold", "litigation_case", "objection", "outcome", "recording", "redaction", "token")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("seal", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    tables = [sa.table(name) for name in TABLES]
    if not any(connection.execute(sa.select(sa.literal(1)).select_from(one).limit(1)).first() for one in tables):
        landmark = sa.table("landmark", sa.column("name"), sa.column("value"))
        op.bulk_insert(landmark, [{"name": "row-seals", "value": "from the beginning"}])


def downgrade() -> None:
    op.execute("DELETE FROM landmark WHERE name = 'row-seals'")
    for table in TABLES:
        op.drop_column(table, "seal")
