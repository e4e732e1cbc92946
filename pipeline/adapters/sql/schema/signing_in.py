"""Who logs in, who is logged in, and how often somebody has tried to."""

from sqlalchemy import Column, Index, Integer, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column

person = Table(
    "person",
    metadata,
    Column("person_id", KEY_TEXT, primary_key=True),
    Column("name", Encrypted("account"), nullable=False),
    Column("role", Text, nullable=False),
    Column("lines", Text),
    Column("agents", Encrypted("agents")),
    Column("agent_id", Encrypted("agent")),
    Column("password", Encrypted("password")),
    Column("subject", Encrypted("subject")),
    Column("credential", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("added_by", Encrypted("account"), nullable=False),
    Column("added_at", INSTANT, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    Column("removed_at", INSTANT),
    seal_column(),
)

session = Table(
    "session",
    metadata,
    Column("session_id", KEY_TEXT, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("person_id", KEY_TEXT, nullable=False),
    Column("credential", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("began_at", INSTANT, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("purpose", Text),
    Column("purpose_until", INSTANT),
    Column("provider_token", Encrypted("provider_token")),
    seal_column(),
)
Index("ix_session_person_id", session.c.person_id)
Index("ix_session_ends_at", session.c.ends_at)

# Only slows down who tries: not sealed.
attempts = Table(
    "attempts",
    metadata,
    Column("key", KEY_TEXT, primary_key=True),
    Column("free_at", INSTANT, nullable=False),
    Column("told_until", INSTANT),
)
Index("ix_attempts_free_at", attempts.c.free_at)
