"""The tables. Foreign text (call ids, event ids) is only ever a value here, never a name or a path; like whatever else
may name a person it is `Encrypted`."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT, NUMBERED, index_where, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.seals import UNSEALED, seal_column
from callwarden.model.hold import CaseState
from callwarden.model.key import KeyKind
from callwarden.model.objection import ScopeKind
from callwarden.model.outcome import Outcome
from callwarden.model.recording import ArtefactKind, RecordingState
from callwarden.model.redaction_record import RedactionStatus

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SWEPT: Final = "state IN ('stored', 'quarantined') AND NOT restricted AND NOT held"
"""What a sweep may look at. Word for word the condition of the index, or no planner uses the index."""
UNFINISHED: Final = "state IN ('disposing', 'dropping')"
NOT_DUPLICATE: Final = "outcome <> 'duplicate'"


outcome = Table(
    "outcome",
    metadata,
    Column("seq", NUMBERED, Identity(), primary_key=True, info={UNSEALED: True}),
    Column("topic", KEY_TEXT, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("event_id", Encrypted("event")),
    Column("type", Text, nullable=False),
    Column("call_id", Encrypted("call")),
    Column("leg", Encrypted("leg")),
    Column("segment", BigInteger),
    Column("line", Encrypted("line")),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("field", Text, nullable=False),
    Column("recording_id", KEY_TEXT),
    Column("policy_version", Text, nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    Column("notes", Text),
    seal_column(),
    UniqueConstraint("topic", "partition", "offset"),
    one_of("outcome", Outcome),
)
# An index that covers some rows only does so on PostgreSQL as well, by its revision: said here, it loads that dialect.
index_where(NOT_DUPLICATE, "ix_outcome_event_id", outcome.c.event_id)
Index("ix_outcome_call_id", outcome.c.call_id)
Index("ix_outcome_recording_id", outcome.c.recording_id)

waiting = Table(
    "waiting",
    metadata,
    Column("topic", KEY_TEXT, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("event_id", Encrypted("event"), nullable=False),
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("wrapped_key", BYTES, nullable=False),
    Column("master_key_id", Text, nullable=False, server_default=""),
    Column("sealed", BYTES, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False, server_default=""),
    Column("since", INSTANT),
    PrimaryKeyConstraint("topic", "partition", "offset"),
)
Index("ix_waiting_due_at", waiting.c.due_at)
Index("ix_waiting_recording_id", waiting.c.recording_id)

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


objection = Table(
    "objection",
    metadata,
    Column("objection_id", KEY_TEXT, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("reference", Encrypted("reference"), nullable=False),
    Column("purposes", Text, nullable=False),
    Column("channel", Encrypted("channel"), nullable=False),
    Column("objected_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("withdrawn_at", INSTANT),
    seal_column(),
    one_of("scope", ScopeKind),
)
Index("ix_objection_reference", objection.c.reference, objection.c.scope)

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

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("topic", KEY_TEXT, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("event_id", Encrypted("event")),
    Column("call_id", Encrypted("call")),
    Column("at", INSTANT, nullable=False),
    Column("keep_until", INSTANT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("is_cut", Boolean, nullable=False),
    Column("wrapped_key", BYTES),
    Column("master_key_id", Text, nullable=False, server_default=""),
    Column("sealed", BYTES),
    Column("retried_at", INSTANT),
    Column("discarded_at", INSTANT),
)
Index("ix_dead_letter_keep_until", dead_letter.c.keep_until)

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

SEALED: Final = tuple(table for table in metadata.sorted_tables if "seal" in table.c)
"""Tables whose rows are sealed (`callwarden.adapters.sql.seals`)."""
