"""Landmarks that decide something are written sealed: what was written in clear is forgotten, and asked for again.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FORGET = "DELETE FROM landmark WHERE name "


def upgrade() -> None:
    op.execute(f"{_FORGET} IN ('sweep-request', 'clock-believed')")


def downgrade() -> None:
    op.execute(f"{_FORGET} LIKE 'sealed:%'")
