"""Permissions to test on real calls. Sealed: they open what is redacted to somebody."""

from sqlalchemy import Column, Integer, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column

testing_permission = Table(
    "testing_permission",
    metadata,
    Column("permission_id", KEY_TEXT, primary_key=True),
    Column("line", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("until", Text, nullable=False),
    Column("reason", Encrypted("reason"), nullable=False),
    Column("role", Text, nullable=False),
    Column("asked_by", Encrypted("account"), nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    # A JSON list of ids.
    Column("recordings", Text, nullable=False),
    Column("approved_by", Encrypted("account")),
    Column("approved_at", INSTANT),
    Column("ended_at", INSTANT),
    seal_column(),
)
