"""Why a recording was not transcribed. NULL in the rows there are, so that their seals stay.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("untranscribed", sa.Text()))


def downgrade() -> None:
    op.drop_column("recording", "untranscribed")
