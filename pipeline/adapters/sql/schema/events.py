"""What came in: the outcome of every event, what waits, what was set aside."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT, NUMBERED, index_where, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import UNSEALED, seal_column
from callwarden.model.outcome import Outcome

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
