"""What is stored: recordings, their objects, keys and words."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT, NUMBERED, index_where, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import UNSEALED, seal_column
from callwarden.model.key import KeyKind
from callwarden.model.recording import ArtefactKind, RecordingState
from callwarden.model.redaction_record import RedactionStatus

SWEPT: Final = "state IN ('stored', 'quarantined') AND NOT restricted AND NOT held"
"""What a sweep may look at. Word for word the condition of the index, or no planner uses the index."""
AUDIO_SWEPT: Final = "audio_until IS NOT NULL AND audio IS NULL AND state = 'stored' AND NOT restricted AND NOT held"
AUDIO_UNFINISHED: Final = "audio = 'ending' AND state = 'stored'"
KEPT: Final = "state IN ('pending', 'stored', 'quarantined')"
"""What a hold can keep: counted by a small index, also word for word, no row being looked at."""
UNFINISHED: Final = "state IN ('disposing', 'dropping')"
LONG: Final = {
    "sqlite": "ended_at - started_at > 86400000000",
    # The second bound is for the planner alone: it takes a range for few rows, and one bound for a third of them.
    "postgresql": "ended_at - started_at > INTERVAL '1 day' AND ended_at - started_at < INTERVAL '1000000 years'",
}
"""Calls of more than a day, of which there are hardly any: all others have ended within a day of when they began. So an
index of ends finds the calls of a range of days."""

recording = Table(
    "recording",
    metadata,
    Column("recording_id", KEY_TEXT, primary_key=True),
    Column("call_id", Encrypted("call"), nullable=False),
    Column("leg", Encrypted("leg"), nullable=False),
    Column("segment", BigInteger, nullable=False),
    Column("line", Encrypted("line"), nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT),
    Column("keep_until", INSTANT),
    Column("caller", Text),
    Column("customer", Text),
    Column("agent_id", Encrypted("agent")),
    Column("objected", Text, nullable=False),
    Column("restricted", Boolean, nullable=False),
    Column("quarantine_reason", Text),
    Column("policy_version", Text, nullable=False),
    Column("source_sha256", Text),
    Column("disposed_at", INSTANT),
    Column("not_before", INSTANT),
    Column("sealed_event", BYTES),
    Column("untranscribed", Text),
    Column("objection_offered", Boolean),
    Column("audio_until", INSTANT),
    # NULL: kept.
    Column("audio", Text),
    Column("sealed_audio_key", BYTES),
    Column("notice", Encrypted("notice")),
    Column("measured", Encrypted("measured")),
    # The newest attempt to store it; 0 before the first.
    Column("attempts", BigInteger, nullable=False, server_default=text("0"), info={UNSEALED: True}),
    # Whether any hold is in force. Kept beside the row, not looked up, because a database that waited for a
    # row's lock re-reads that row and no other: a look at the holds could be older than the lock. The row's seal
    # covers the cases that hold it instead.
    Column("held", Boolean, nullable=False, server_default=text("false"), info={UNSEALED: True}),
    Column(
        "due_from",
        INSTANT,
        Computed("CASE WHEN not_before > keep_until THEN not_before ELSE keep_until END", persisted=True),
        info={UNSEALED: True},
    ),
    seal_column(),
    one_of("state", RecordingState),
)
Index("ix_recording_call_id", recording.c.call_id)
Index("ix_recording_caller", recording.c.caller)
Index("ix_recording_customer", recording.c.customer)
Index("ix_recording_agent_id", recording.c.agent_id)
Index("ix_recording_ended_at", recording.c.ended_at)
index_where(SWEPT, "ix_recording_due", recording.c.due_from)
index_where(AUDIO_SWEPT, "ix_recording_audio_due", recording.c.audio_until)
index_where(AUDIO_UNFINISHED, "ix_recording_audio_unfinished", recording.c.recording_id)
index_where(KEPT, "ix_recording_kept", recording.c.state)
index_where(LONG["sqlite"], "ix_recording_long", recording.c.started_at, on_postgresql=LONG["postgresql"])
index_where(UNFINISHED, "ix_recording_unfinished", recording.c.recording_id)

artefact = Table(
    "artefact",
    metadata,
    Column("recording_id", KEY_TEXT, ForeignKey("recording.recording_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("key", KEY_TEXT, nullable=False),
    Column("version_id", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("stored_size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("stored_at", INSTANT, nullable=False),
    seal_column(),
    PrimaryKeyConstraint("recording_id", "kind", "generation"),
    one_of("kind", ArtefactKind),
)
Index("ix_artefact_key", artefact.c.key)

data_key = Table(
    "data_key",
    metadata,
    Column("recording_id", KEY_TEXT, ForeignKey("recording.recording_id"), primary_key=True),
    Column("wrapped", BYTES, nullable=False),
    Column("master_key_id", Text, nullable=False),
    seal_column(),
)

known_key = Table(
    "known_key",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key_id", KEY_TEXT, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("first_used_at", INSTANT, nullable=False),
    Column("rewrapped_at", INSTANT),
    Column("retired_at", INSTANT),
    Column("destroyed_at", INSTANT),
    PrimaryKeyConstraint("kind", "key_id"),
    one_of("kind", KeyKind),
)

redaction = Table(
    "redaction",
    metadata,
    Column("recording_id", KEY_TEXT, ForeignKey("recording.recording_id"), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    Column("missed", Text, nullable=False, server_default=text("'[]'")),
    Column("read_with", Text),
    Column("spans_sha256", Text),
    seal_column(),
    one_of("status", RedactionStatus),
)

# What search looks through, and its words. How a database finds a word is its own.

searchable = Table(
    "searchable",
    metadata,
    Column("number", NUMBERED, Identity(), primary_key=True),
    Column("recording_id", KEY_TEXT, ForeignKey("recording.recording_id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("line", Text, nullable=False),
    Column("ended_at", INSTANT),
    Column("text", Text, nullable=False),
    Column("words", Text, nullable=False),
    UniqueConstraint("recording_id"),
    # A number is never given twice: words of another transcript would be found under it.
    sqlite_autoincrement=True,
)
# What redacted calls are listed, narrowed and counted by: copies of what their rows say, because those rows are wide.
# Not sealed, for it decides nothing: the rule is asked of the recording's own row.
findable = Table(
    "findable",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("line", Encrypted("line"), nullable=False),
    Column("agent_id", Encrypted("agent")),
    Column("state", Text, nullable=False),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT),
    Column("keep_until", INSTANT),
    Column("objected", Text, nullable=False),
    Column("restricted", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    UniqueConstraint("recording_id"),
)
Index("ix_findable_ended_at", findable.c.ended_at, findable.c.recording_id)

_WORDS: Final = {
    "postgresql": (
        "ALTER TABLE searchable ADD COLUMN lexemes tsvector NOT NULL",
        "CREATE INDEX ix_searchable_lexemes ON searchable USING gin (lexemes)",
    ),
    "sqlite": (
        """CREATE TABLE search_word (word TEXT NOT NULL, number INTEGER NOT NULL, times INTEGER NOT NULL,
        PRIMARY KEY (word, number)) WITHOUT ROWID""",
    ),
}


@event.listens_for(searchable, "after_create")
def _make_words(_table: Table, connection: Connection, **_options: Any) -> None:
    for statement in _WORDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
