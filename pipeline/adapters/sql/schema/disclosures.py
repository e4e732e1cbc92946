"""What left for courts and the police."""

from sqlalchemy import Column, ForeignKey, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column

disclosure = Table(
    "disclosure",
    metadata,
    Column("disclosure_id", KEY_TEXT, primary_key=True),
    Column("case_id", Encrypted("case"), ForeignKey("litigation_case.case_id"), nullable=False),
    Column("recipient", Encrypted("recipient"), nullable=False),
    Column("basis", Encrypted("basis"), nullable=False),
    Column("made_by", Encrypted("account"), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("recordings", Text, nullable=False),
    Column("manifest", Text),
    seal_column(),
)
