"""Weeks whose figures are frozen. Sealed: whoever could write one could tell what nobody may know."""

from sqlalchemy import Column, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.figure import Subject

figure_week = Table(
    "figure_week",
    metadata,
    Column("subject", KEY_TEXT, primary_key=True),
    # Its Monday.
    Column("week", KEY_TEXT, primary_key=True),
    # A JSON list, an object and a list, with names of lines and teams.
    Column("figures", Encrypted("figures"), nullable=False),
    Column("waiting", Encrypted("figures"), nullable=False),
    Column("silent", Encrypted("figures"), nullable=False),
    Column("closed_at", INSTANT, nullable=False),
    Column("policy_version", Text, nullable=False),
    seal_column(),
    one_of("subject", Subject),
)
