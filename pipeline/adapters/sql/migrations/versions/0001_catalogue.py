"""The catalogue: events, recordings, artefacts, keys, objections, holds, log entries on their way, outbox.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "litigation_case",
        sa.Column("case_id", KEY_TEXT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("release_requested_by", sa.Text()),
        sa.Column("released_by", sa.Text()),
        sa.Column("released_at", INSTANT),
        sa.CheckConstraint("state IN ('open', 'released')", name=op.f("ck_litigation_case_state")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_litigation_case")),
    )
    op.create_table(
        "log_staged",
        sa.Column("entry_id", KEY_TEXT, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_log_staged")),
    )
    op.create_table(
        "objection",
        sa.Column("objection_id", KEY_TEXT, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("objected_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        sa.CheckConstraint("scope IN ('call', 'number', 'customer')", name=op.f("ck_objection_scope")),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objection")),
    )
    op.create_index("ix_objection_reference", "objection", ["reference", "scope"])
    op.create_table(
        "outbox",
        sa.Column("outbox_id", NUMBERED, sa.Identity(always=False), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outcome",
        sa.Column("seq", NUMBERED, sa.Identity(always=False), nullable=False),
        sa.Column("topic", KEY_TEXT, nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text()),
        sa.Column("leg", sa.Text()),
        sa.Column("segment", sa.BigInteger()),
        sa.Column("line", sa.Text()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("recording_id", KEY_TEXT),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('stored', 'refused', 'duplicate', 'quarantined', 'dead-lettered', 'applied')",
            name=op.f("ck_outcome_outcome"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outcome")),
        sa.UniqueConstraint("topic", "partition", "offset", name=op.f("uq_outcome_topic")),
    )
    op.create_index("ix_outcome_call_id", "outcome", ["call_id"])
    op.create_index(
        "ix_outcome_event_id",
        "outcome",
        ["event_id"],
        sqlite_where=sa.text("outcome <> 'duplicate'"),
        postgresql_where=sa.text("outcome <> 'duplicate'"),
    )
    op.create_index("ix_outcome_recording_id", "outcome", ["recording_id"])
    op.create_table(
        "recording",
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("segment", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("keep_until", INSTANT),
        sa.Column("caller", sa.Text()),
        sa.Column("customer", sa.Text()),
        sa.Column("agent_id", sa.Text()),
        sa.Column("objected", sa.Text(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("quarantine_reason", sa.Text()),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text()),
        sa.Column("disposed_at", INSTANT),
        sa.Column("not_before", INSTANT),
        sa.Column("sealed_event", sa.LargeBinary()),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "due_from",
            INSTANT,
            sa.Computed("CASE WHEN not_before > keep_until THEN not_before ELSE keep_until END", persisted=True),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'stored', 'quarantined', 'dropping', 'dropped', 'disposing', 'disposed', 'refused')",
            name=op.f("ck_recording_state"),
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording")),
    )
    op.create_index("ix_recording_agent_id", "recording", ["agent_id"])
    op.create_index("ix_recording_call_id", "recording", ["call_id"])
    op.create_index("ix_recording_caller", "recording", ["caller"])
    op.create_index("ix_recording_customer", "recording", ["customer"])
    op.create_index(
        "ix_recording_due",
        "recording",
        ["due_from"],
        sqlite_where=sa.text("state IN ('stored', 'quarantined') AND NOT restricted AND NOT held"),
        postgresql_where=sa.text("state IN ('stored', 'quarantined') AND NOT restricted AND NOT held"),
    )
    op.create_index("ix_recording_ended_at", "recording", ["ended_at"])
    op.create_index(
        "ix_recording_unfinished",
        "recording",
        ["recording_id"],
        sqlite_where=sa.text("state IN ('disposing', 'dropping')"),
        postgresql_where=sa.text("state IN ('disposing', 'dropping')"),
    )
    op.create_table(
        "waiting",
        sa.Column("topic", KEY_TEXT, nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", "offset", name=op.f("pk_waiting")),
    )
    op.create_index("ix_waiting_due_at", "waiting", ["due_at"])
    op.create_index("ix_waiting_recording_id", "waiting", ["recording_id"])
    op.create_table(
        "artefact",
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("key", KEY_TEXT, nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('original-audio', 'original-transcript', 'beeped-audio', 'redacted-transcript', 'waveform')",
            name=op.f("ck_artefact_kind"),
        ),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name=op.f("fk_artefact_recording_id")),
        sa.PrimaryKeyConstraint("recording_id", "kind", "generation", name=op.f("pk_artefact")),
    )
    op.create_index("ix_artefact_key", "artefact", ["key"])
    op.create_table(
        "data_key",
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name=op.f("fk_data_key_recording_id")),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_data_key")),
    )
    op.create_table(
        "hold",
        sa.Column("case_id", KEY_TEXT, nullable=False),
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("applied_at", INSTANT),
        sa.ForeignKeyConstraint(["case_id"], ["litigation_case.case_id"], name=op.f("fk_hold_case_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name=op.f("fk_hold_recording_id")),
        sa.PrimaryKeyConstraint("case_id", "recording_id", name=op.f("pk_hold")),
    )
    op.create_index("ix_hold_recording_id", "hold", ["recording_id"])


def downgrade() -> None:
    op.drop_table("hold")
    op.drop_table("data_key")
    op.drop_table("artefact")
    op.drop_table("waiting")
    op.drop_table("recording")
    op.drop_table("outcome")
    op.drop_table("outbox")
    op.drop_table("objection")
    op.drop_table("log_staged")
    op.drop_table("litigation_case")
