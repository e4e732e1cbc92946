"""What was put right in the metadata of recordings, sealed under their own keys, and who was told of what changed."""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column

rectification = Table(
    "rectification",
    metadata,
    Column("rectification_id", KEY_TEXT, primary_key=True),
    # Of a recording a restored backup may not know.
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("request_id", KEY_TEXT, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", Encrypted("account"), nullable=False),
    Column("fields", Text, nullable=False),
    Column("sealed", BYTES, nullable=False),
    seal_column(),
)
Index("ix_rectification_recording_id", rectification.c.recording_id)

recipient_notice = Table(
    "recipient_notice",
    metadata,
    Column("request_id", KEY_TEXT, nullable=False),
    Column("disclosure_id", KEY_TEXT, nullable=False),
    Column("told_at", INSTANT, nullable=False),
    Column("told_by", Encrypted("account"), nullable=False),
    Column("acknowledged_at", INSTANT),
    seal_column(),
    PrimaryKeyConstraint("request_id", "disclosure_id"),
)
