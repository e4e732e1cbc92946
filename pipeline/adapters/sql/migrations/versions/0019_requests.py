"""What people ask of their own data: requests, their items, and how identity was verified.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT

revision = "0019"
down_revision = "0018"

TYPES = "'information', 'access', 'rectification', 'erasure', 'restriction', 'objection', 'portability'"
STATES = "'received', 'identity_asked', 'verified', 'found', 'decided', 'answered_partly', 'answered', 'closed'"


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("request_id", KEY_TEXT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("type", "scope", "reference")),
        sa.Column("received_at", INSTANT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("due_on", "state", "purposes")),
        sa.Column("verified_at", INSTANT),
        sa.Column("extended_at", INSTANT),
        sa.Column("preview", sa.Text()),
        sa.Column("previewed_by", sa.Text()),
        sa.Column("refused", sa.Text()),
        sa.Column("answered_at", INSTANT),
        sa.Column("lifted_at", INSTANT),
        sa.Column("history", sa.Text(), nullable=False),
        sa.Column("seal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("request_id", name="pk_request"),
        sa.CheckConstraint(f"type IN ({TYPES})", name="ck_request_type"),
        sa.CheckConstraint("scope IN ('call', 'number', 'customer')", name="ck_request_scope"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_request_state"),
    )
    op.create_index("ix_request_reference", "request", ["reference"])
    unanswered = sa.text("answered_at IS NULL")
    op.create_index("ix_request_open", "request", ["received_at"], sqlite_where=unanswered, postgresql_where=unanswered)
    op.create_table(
        "request_item",
        sa.Column("request_id", KEY_TEXT, nullable=False),
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("decision", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", INSTANT),
        sa.Column("approved_at", INSTANT),
        sa.Column("done_at", INSTANT),
        sa.Column("backends", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("seal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("request_id", "recording_id", name="pk_request_item"),
        sa.ForeignKeyConstraint(["request_id"], ["request.request_id"], name="fk_request_item_request_id"),
        sa.CheckConstraint(
            "found_by IN ('number', 'customer', 'call', 'history', 'named')", name="ck_request_item_found_by"
        ),
        sa.CheckConstraint("decision IN ('granted', 'refused')", name="ck_request_item_decision"),
    )
    op.create_index("ix_request_item_recording_id", "request_item", ["recording_id"])
    op.create_table(
        "request_evidence",
        sa.Column("request_id", KEY_TEXT, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_request_evidence"),
        sa.ForeignKeyConstraint(["request_id"], ["request.request_id"], name="fk_request_evidence_request_id"),
    )
