"""Permissions to test on real calls.

Revision ID: 0041
Revises: 0040
"""

from alembic import op

from callwarden.adapters.sql.schema import testing_permission

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    testing_permission.create(op.get_bind())
