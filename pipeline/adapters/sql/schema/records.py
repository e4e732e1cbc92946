"""What is kept of what was done: certificates, landmarks, entries and messages on their way."""

from sqlalchemy import Column, Identity, Index, Table, Text

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT, NUMBERED
from callwarden.adapters.sql.schema.base import metadata

certificate = Table(
    "certificate",
    metadata,
    Column("digest", KEY_TEXT, primary_key=True),
    # Outlives everything else of the recording, and is found by it.
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    Column("document", BYTES, nullable=False),
)
Index("ix_certificate_recording_id", certificate.c.recording_id)

landmark = Table(
    "landmark",
    metadata,
    Column("name", KEY_TEXT, primary_key=True),
    Column("value", Text, nullable=False),
)

log_staged = Table(
    "log_staged",
    metadata,
    Column("entry_id", KEY_TEXT, primary_key=True),
    Column("bytes", BYTES, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", NUMBERED, Identity(), primary_key=True),
    Column("written_at", INSTANT, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", BYTES, nullable=False),
    Column("headers", Text, nullable=False),
    # A number is never given twice: a late "sent" must not delete a younger message.
    sqlite_autoincrement=True,
)
