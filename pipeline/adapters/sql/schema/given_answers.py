"""Answers to what may be sent again."""

from sqlalchemy import Column, Index, Integer, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column

given_answer = Table(
    "given_answer",
    metadata,
    Column("key", KEY_TEXT, primary_key=True),
    Column("body", Text, nullable=False),
    Column("attempt", Text, nullable=False),
    Column("begun_at", INSTANT, nullable=False),
    Column("status", Integer),
    Column("answer", Encrypted("answer")),
    seal_column(),
)
Index("ix_given_answer_begun_at", given_answer.c.begun_at)
