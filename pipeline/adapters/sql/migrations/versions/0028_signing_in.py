"""People who log in, their sessions, and how often somebody has tried to.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", KEY_TEXT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "role")),
        *(sa.Column(name, sa.Text()) for name in ("lines", "agents", "agent_id", "password", "subject")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("credential", "version")),
        sa.Column("added_by", sa.Text(), nullable=False),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("added_at", "changed_at")),
        sa.Column("removed_at", INSTANT),
        sa.Column("seal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
    )
    op.create_table(
        "session",
        sa.Column("session_id", KEY_TEXT, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_id", KEY_TEXT, nullable=False),
        sa.Column("credential", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("began_at", "seen_at", "ends_at")),
        sa.Column("ended_at", INSTANT),
        sa.Column("purpose", sa.Text()),
        sa.Column("purpose_until", INSTANT),
        sa.Column("provider_token", sa.Text()),
        sa.Column("seal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("session_id", name="pk_session"),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"])
    op.create_index("ix_session_ends_at", "session", ["ends_at"])
    op.create_table(
        "attempts",
        sa.Column("key", KEY_TEXT, nullable=False),
        sa.Column("free_at", INSTANT, nullable=False),
        sa.Column("told_until", INSTANT),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_free_at", "attempts", ["free_at"])
