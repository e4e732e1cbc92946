"""How calls came in: receipts of those that were pushed, and which recording each landed file became."""

from sqlalchemy import Column, Index, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column

receipt = Table(
    "receipt",
    metadata,
    Column("receipt_id", KEY_TEXT, primary_key=True),
    Column("content", Text, nullable=False),
    Column("upload", KEY_TEXT, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("key", KEY_TEXT),
    seal_column(),
)
Index("ix_receipt_upload", receipt.c.upload)
Index("ix_receipt_received_at", receipt.c.received_at)
Index("ix_receipt_key", receipt.c.key, unique=True)

origin = Table(
    "origin",
    metadata,
    Column("origin", KEY_TEXT, primary_key=True),
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("at", INSTANT, nullable=False),
    seal_column(),
)
Index("ix_origin_at", origin.c.at)
