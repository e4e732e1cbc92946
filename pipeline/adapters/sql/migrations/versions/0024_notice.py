"""What a caller was told of the recording. NULL in the rows there are, so that their seals stay.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("recording", sa.Column("notice", sa.Text()))
