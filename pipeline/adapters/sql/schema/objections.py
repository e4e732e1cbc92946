"""What callers objected to, and what they took back."""

from sqlalchemy import Boolean, Column, Index, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.objection import ScopeKind

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
    Column("counts_from", INSTANT),
    Column("entered_by", Encrypted("account")),
    Column("granted", Boolean),
    Column("ground", Text),
    Column("decided_by", Encrypted("account")),
    Column("decided_at", INSTANT),
    Column("lines", Text),
    seal_column(),
    one_of("scope", ScopeKind),
)
Index("ix_objection_reference", objection.c.reference, objection.c.scope)

withdrawal = Table(
    "objection_withdrawal",
    metadata,
    Column("withdrawal_id", KEY_TEXT, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("reference", Encrypted("reference"), nullable=False),
    Column("purposes", Text, nullable=False),
    Column("withdrawn_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("entered_by", Encrypted("account"), nullable=False),
    seal_column(),
    one_of("scope", ScopeKind),
)
Index("ix_objection_withdrawal_reference", withdrawal.c.reference, withdrawal.c.scope)
