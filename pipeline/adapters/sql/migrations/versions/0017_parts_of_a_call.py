"""What a redaction was read with, and the digest of its places. NULL in the rows there are, so that their seals stay.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

COLUMNS = ("read_with", "spans_sha256")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("redaction", sa.Column(column, sa.Text()))
