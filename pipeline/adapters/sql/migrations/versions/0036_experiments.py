"""Experiments and their items.

Revision ID: 0036
Revises: 0035
"""

from alembic import op

from callwarden.adapters.sql.schema import experiment, experiment_item

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    for table in (experiment, experiment_item):
        table.create(op.get_bind())
