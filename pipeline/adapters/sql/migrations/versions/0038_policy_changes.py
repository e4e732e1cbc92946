"""Changes of the policy.

Revision ID: 0038
Revises: 0037
"""

from alembic import op

from callwarden.adapters.sql.schema import policy_change

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    policy_change.create(op.get_bind())
