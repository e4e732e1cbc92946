"""The log's own tables, beside the catalogue's and with a version of their own (L2: kept apart).

Writers insert into the catalogue's ``log_staged``, inside the transaction of what the entry tells about. Only the
sequencer writes here.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text

from callwarden.adapters.sql.columns import BYTES, INSTANT, KEY_TEXT

metadata: Final = MetaData()

# SQLite keeps rows in the order of a key that is spelt INTEGER.
_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")

log_leaf: Final = Table(
    "log_leaf",
    metadata,
    Column("idx", _NUMBER, primary_key=True, autoincrement=False),
    Column("entry_id", KEY_TEXT, nullable=False),
    Column("bytes", BYTES, nullable=False),
    # Taken out of the bytes to find them by; nothing trusts these two.
    Column("subject", KEY_TEXT),
    Column("case_ref", KEY_TEXT),
)
Index("ix_log_leaf_entry_id", log_leaf.c.entry_id)
Index("ix_log_leaf_subject", log_leaf.c.subject, log_leaf.c.idx)
Index("ix_log_leaf_case_ref", log_leaf.c.case_ref, log_leaf.c.idx)

log_tile: Final = Table(
    "log_tile",
    metadata,
    Column("level", Integer, nullable=False),
    Column("idx", BigInteger, nullable=False),
    # Up to 256 hashes of complete subtrees of this level; 32 zero bytes where one was given up (L3).
    Column("hashes", BYTES, nullable=False),
    PrimaryKeyConstraint("level", "idx", name="pk_log_tile"),
)

log_piece: Final = Table(
    "log_piece",
    metadata,
    Column("level", Integer, nullable=False),
    Column("idx", BigInteger, nullable=False),
    Column("hash", BYTES, nullable=False),
    PrimaryKeyConstraint("level", "idx", name="pk_log_piece"),
)

log_segment: Final = Table(
    "log_segment",
    metadata,
    Column("name", KEY_TEXT, primary_key=True),
    Column("first_idx", BigInteger, nullable=False),
    Column("end_idx", BigInteger),
    Column("sealed_at", INSTANT),
    Column("seal", BYTES),
    Column("expired_at", INSTANT),
)

log_checkpoint: Final = Table(
    "log_checkpoint",
    metadata,
    Column("size", BigInteger, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("note", BYTES, nullable=False),
    Column("published_at", INSTANT),
    PrimaryKeyConstraint("size", "made_at", name="pk_log_checkpoint"),
)

log_succession: Final = Table(
    "log_succession",
    metadata,
    Column("name", KEY_TEXT, primary_key=True),
    Column("note", BYTES, nullable=False),
)
"""Where the log was begun anew over a database that was set back: the checkpoints by which one key handed over to the
next, those that are lost too. Both keys have signed each: whoever writes here can only take away."""

log_timestamp: Final = Table(
    "log_timestamp",
    metadata,
    Column("name", KEY_TEXT, primary_key=True),
    Column("checkpoint", KEY_TEXT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("stamped_at", INSTANT, nullable=False),
    Column("obtained_at", INSTANT, nullable=False),
    # Until every place keeps it.
    Column("token", BYTES),
    Column("published_at", INSTANT),
)
Index("ix_log_timestamp_obtained_at", log_timestamp.c.obtained_at)

log_state: Final = Table(
    "log_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", BYTES, nullable=False),
    Column("origin", Text, nullable=False),
)
"""One row: the frontier. Whoever adds leaves compares and sets it, so that two can never both succeed."""
