"""Weeks whose figures are frozen.

Revision ID: 0040
Revises: 0039
"""

from alembic import op

from callwarden.adapters.sql.schema import figure_week

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    figure_week.create(op.get_bind())
