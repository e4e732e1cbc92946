"""The log as the database holds it, month by month, in the form the verifier and the export take."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, select

from callwarden.accesslog.book.stored import stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint, log_leaf, log_segment, log_state
from callwarden.accesslog.book.tiles import kept_pieces, leaf_hashes
from callwarden.accesslog.proof.export import ExpiredSegment, LiveSegment, Segment
from callwarden.adapters.sql.engine import READ_ONLY
from callwarden.adapters.sql.faults import translated

_SEGMENTS: Final = select(
    log_segment.c.name,
    log_segment.c.first_idx,
    log_segment.c.end_idx,
    log_segment.c.seal,
    log_segment.c.expired_at,
).order_by(log_segment.c.first_idx)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection on which everything read belongs to one moment. Raises RetryableError."""
    reader = engine.execution_options(**{READ_ONLY: True})
    if engine.dialect.name == "postgresql":
        reader = reader.execution_options(isolation_level="REPEATABLE READ")
    with translated(), reader.connect() as connection:
        yield connection


def read_segments(connection: Connection) -> Iterator[Segment]:
    """Every month, in order. One is in memory at a time. What the rows say is not believed, only handed on."""
    size = connection.execute(select(log_state.c.size)).scalar() or 0
    for name, first, end, seal, expired_at in connection.execute(_SEGMENTS).all():
        last = (size if end is None else end) - 1
        rows = connection.execute(
            select(log_leaf.c.idx, log_leaf.c.bytes).where(log_leaf.c.idx.between(first, last)).order_by(log_leaf.c.idx)
        )
        sealed = None if seal is None else stored_bytes(seal)
        if expired_at is None:
            yield LiveSegment(
                name=name,
                first=first,
                entries=b"".join(stored_bytes(data) + b"\n" for _, data in rows),
                leaves=leaf_hashes(connection, first, last + 1),
                seal=sealed,
            )
        else:
            yield ExpiredSegment(
                name=name,
                first=first,
                pieces=tuple(kept_pieces(connection, first, last + 1)),
                seal=sealed,
                kept={index: stored_bytes(data) for index, data in rows},
            )


class SavedCheckpoint(NamedTuple):
    """A checkpoint as its row has it; the note is what counts."""

    size: int
    made_at: datetime
    published_at: datetime | None
    note: bytes


PUBLISHED: Final = log_checkpoint.c.published_at.is_not(None)


def newest_checkpoint(connection: Connection, *conditions: ColumnElement[bool]) -> SavedCheckpoint | None:
    """The newest checkpoint of which all this is so."""
    columns = (log_checkpoint.c.size, log_checkpoint.c.made_at, log_checkpoint.c.published_at, log_checkpoint.c.note)
    newest = select(*columns).where(*conditions)
    order = log_checkpoint.c.size.desc(), log_checkpoint.c.made_at.desc()
    row = connection.execute(newest.order_by(*order).limit(1)).one_or_none()
    return None if row is None else SavedCheckpoint(row[0], row[1], row[2], stored_bytes(row[3]))


def read_head(connection: Connection) -> bytes | None:
    """The log's own newest checkpoint, as a signed note."""
    newest = newest_checkpoint(connection)
    return None if newest is None else newest.note
