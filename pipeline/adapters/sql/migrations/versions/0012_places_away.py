"""Events that wait for the place of their audio: which, why and since when.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.add_column("waiting", sa.Column("place", sa.Text(), nullable=False, server_default=""))
    op.add_column("waiting", sa.Column("why", sa.Text(), nullable=False, server_default=""))
    op.add_column("waiting", sa.Column("since", INSTANT))


def downgrade() -> None:
    for name in ("since", "why", "place"):
        op.drop_column("waiting", name)
