"""Weeks whose figures are frozen.

Revision ID: 0039
Revises: 0038
"""

from alembic import op

from callwarden.adapters.sql.schema import figure_week

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    figure_week.create(op.get_bind())
