"""What has left of experiments, and the keys of their pseudonyms.

Revision ID: 0039
Revises: 0038
"""

from alembic import op

from callwarden.adapters.sql.schema import experiment_export, experiment_key

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    for table in (experiment_export, experiment_key):
        table.create(op.get_bind())
