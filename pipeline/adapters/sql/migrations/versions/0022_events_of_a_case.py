"""What happens in a case before its court. NULL in the rows there are, so that their seals stay.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("litigation_case", sa.Column("events", sa.Text()))
