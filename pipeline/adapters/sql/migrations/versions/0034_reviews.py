"""Notes, evaluations and courses.

Revision ID: 0034
Revises: 0033
"""

from alembic import op

from callwarden.adapters.sql.schema import course, evaluation, note

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    for table in (note, evaluation, course):
        table.create(op.get_bind())
