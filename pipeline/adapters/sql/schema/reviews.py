"""Notes, evaluations and courses."""

from sqlalchemy import Boolean, Column, Float, Index, Table, Text

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import UNSEALED, seal_column

note = Table(
    "note",
    metadata,
    Column("note_id", KEY_TEXT, primary_key=True),
    Column("recording_id", KEY_TEXT, nullable=False),
    # Seconds decide nothing, and databases write them in their own ways.
    Column("from_s", Float, info={UNSEALED: True}),
    Column("to_s", Float, info={UNSEALED: True}),
    Column("shared", Boolean, nullable=False),
    Column("about", KEY_TEXT),
    Column("made_by", Encrypted("account"), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    seal_column(),
)
Index("ix_note_recording_id", note.c.recording_id)

evaluation = Table(
    "evaluation",
    metadata,
    Column("evaluation_id", KEY_TEXT, primary_key=True),
    # Of a recording that may be gone.
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("line", Encrypted("line"), nullable=False),
    Column("agent_id", Encrypted("agent"), nullable=False),
    Column("grid", Text, nullable=False),
    Column("scores", Encrypted("scores"), nullable=False),
    Column("made_by", Encrypted("account"), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("changed_at", INSTANT),
    Column("keep_until", INSTANT, nullable=False),
    seal_column(),
)
Index("ix_evaluation_recording_id", evaluation.c.recording_id)
Index("ix_evaluation_keep_until", evaluation.c.keep_until)

course = Table(
    "course",
    metadata,
    Column("course_id", KEY_TEXT, primary_key=True),
    Column("title", Encrypted("course"), nullable=False),
    Column("made_by", Encrypted("account"), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("team", Boolean, nullable=False),
    Column("people", Encrypted("people"), nullable=False),
    Column("moments", Text, nullable=False),
    seal_column(),
)
