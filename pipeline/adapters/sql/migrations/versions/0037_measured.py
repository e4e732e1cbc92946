"""What figures are made of. NULL in the rows there are, so that their seals stay.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("recording", sa.Column("measured", sa.Text()))
