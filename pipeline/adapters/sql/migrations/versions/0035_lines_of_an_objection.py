"""Objections say which lines they reach. NULL in the rows there are, so that their seals stay: all of them.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.add_column("objection", sa.Column("lines", sa.Text()))
