"""What people decided: cases, holds, emergencies, tokens, and why."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.hold import CaseState

litigation_case = Table(
    "litigation_case",
    metadata,
    Column("case_id", Encrypted("case"), primary_key=True),
    Column("reason", Encrypted("reason"), nullable=False),
    Column("opened_by", Encrypted("account"), nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False),
    Column("release_requested_by", Encrypted("account")),
    Column("released_by", Encrypted("account")),
    Column("released_at", INSTANT),
    Column("court", Text),
    Column("seat", Text),
    Column("parties", Encrypted("parties")),
    Column("people", Encrypted("people")),
    Column("responsible", Encrypted("account")),
    Column("history", Encrypted("history")),
    Column("events", Encrypted("events")),
    seal_column(),
    one_of("state", CaseState),
)

hold = Table(
    "hold",
    metadata,
    Column("case_id", Encrypted("case"), ForeignKey("litigation_case.case_id"), nullable=False),
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("placed_by", Encrypted("account"), nullable=False),
    Column("placed_at", INSTANT, nullable=False),
    Column("applied_at", INSTANT),
    seal_column(),
    PrimaryKeyConstraint("case_id", "recording_id"),
    ForeignKeyConstraint(["recording_id"], ["recording.recording_id"]),
)
Index("ix_hold_recording_id", hold.c.recording_id)

# What a worker still has to do: not sealed, for it decides nothing.
unapplied = Table(
    "unapplied",
    metadata,
    Column("recording_id", KEY_TEXT, ForeignKey("recording.recording_id"), primary_key=True),
    Column("change", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("again_at", INSTANT),
    Column("faults", Text, nullable=False),
)
Index("ix_unapplied_again_at", unapplied.c.again_at)

break_glass = Table(
    "break_glass",
    metadata,
    Column("request_id", KEY_TEXT, primary_key=True),
    Column("recording_id", KEY_TEXT, ForeignKey("recording.recording_id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("requested_by", Encrypted("account"), nullable=False),
    Column("requested_at", INSTANT, nullable=False),
    Column("lapses_at", INSTANT, nullable=False),
    Column("sealed_reason", BYTES, nullable=False),
    Column("approved_by", Encrypted("account")),
    Column("approved_at", INSTANT),
    Column("open_until", INSTANT),
    Column("ended_at", INSTANT),
    seal_column(),
)
Index("ix_break_glass_recording_id", break_glass.c.recording_id)

act_reason = Table(
    "act_reason",
    metadata,
    Column("act_id", KEY_TEXT, primary_key=True),
    Column("act", Text, nullable=False),
    Column("subject", KEY_TEXT, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("keep_until", INSTANT, nullable=False),
    Column("wrapped_key", BYTES, nullable=False),
    Column("master_key_id", Text, nullable=False, server_default=""),
    Column("sealed", BYTES, nullable=False),
)
Index("ix_act_reason_subject", act_reason.c.subject)

token = Table(
    "token",
    metadata,
    Column("token_id", KEY_TEXT, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Encrypted("account"), nullable=False),
    Column("lines", Text),
    Column("agents", Encrypted("agents")),
    Column("agent_id", Encrypted("agent")),
    Column("issued_by", Encrypted("account"), nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("revoked_at", INSTANT),
    Column("once", Boolean, nullable=False, server_default=text("false")),
    Column("spent_at", INSTANT),
    seal_column(),
)
