"""Reads how the log stands. Costs the same however long it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, func, inspect, select

from callwarden.accesslog.book.anchors import look_outside
from callwarden.accesslog.book.frontier import read_frontier
from callwarden.accesslog.book.segments import PUBLISHED, newest_checkpoint, snapshot
from callwarden.accesslog.book.tables import log_leaf, log_segment, log_timestamp
from callwarden.accesslog.proof.note import NoteError, parse_note
from callwarden.accesslog.proof.status import AnchoredCheckpoint, LastTimestamp, LogStatus, SegmentState, SegmentStatus
from callwarden.adapters.sql.schema import log_staged
from callwarden.model.log_entry import EntryId, entry_instant
from callwarden.ports.log import CheckpointPlace, LogDamagedError

_STAMPED: Final = (
    select(log_timestamp.c.size, log_timestamp.c.stamped_at).order_by(log_timestamp.c.obtained_at.desc()).limit(1)
)


def read_status(engine: Engine, *, places: Sequence[CheckpointPlace] | None = None) -> LogStatus:
    """As of one moment. With `places`, whether each still has the newest checkpoint: where one has lost it, nothing
    counts as anchored. One that is out of reach is reported, not raised. Raises: `LogDamagedError`, RetryableError."""
    with snapshot(engine) as connection:
        frontier, origin = read_frontier(connection)
        look = None if places is None else look_outside(connection, places)
        checkpoint = None if look is not None and look.missing else _checkpoint(connection)
        staged, oldest = connection.execute(
            select(func.count(), func.min(log_staged.c.entry_id)).select_from(log_staged)
        ).one()
        anchored = 0 if checkpoint is None else checkpoint.size
        tail = connection.execute(select(func.min(log_leaf.c.entry_id)).where(log_leaf.c.idx >= anchored)).scalar()
        waiting = [since for since in (oldest, tail) if since is not None]
        stamp = connection.execute(_STAMPED).one_or_none()
        segments = tuple(_segments(connection, frontier.size))
    return LogStatus(
        origin=origin,
        size=frontier.size,
        staged=staged,
        root=frontier.root(),
        checkpoint=checkpoint,
        unanchored_since=entry_instant(EntryId(min(waiting))) if waiting else None,
        timestamp=None if stamp is None else LastTimestamp(size=stamp.size, at=stamp.stamped_at),
        segments=segments,
        missing_outside=None if look is None else look.missing,
        out_of_reach=None if look is None else tuple(str(outage) for outage in look.outages),
    )


def newest_entry(engine: Engine) -> datetime | None:
    """When the newest entry was written; None of an empty log. Raises RetryableError."""
    with snapshot(engine) as connection:
        staged = connection.execute(select(func.max(log_staged.c.entry_id))).scalar()
        known = inspect(connection).has_table(log_leaf.name)
        newest = select(log_leaf.c.entry_id).order_by(log_leaf.c.idx.desc()).limit(1)
        found = staged or (connection.execute(newest).scalar() if known else None)
    return None if found is None else entry_instant(EntryId(found))


def _checkpoint(connection: Connection) -> AnchoredCheckpoint | None:
    newest = newest_checkpoint(connection, PUBLISHED)
    if newest is None or newest.published_at is None:
        return None
    try:
        signature = parse_note(newest.note).signatures[0]
    except NoteError as error:
        raise LogDamagedError(f"a stored checkpoint is damaged: {error}") from error
    return AnchoredCheckpoint(
        size=newest.size,
        signed_at=newest.made_at,
        published_at=newest.published_at,
        signed_by=f"{signature.name}+{signature.key_id.hex()}",
    )


def _segments(connection: Connection, size: int) -> list[SegmentStatus]:
    wanted = select(
        log_segment.c.name,
        log_segment.c.first_idx,
        log_segment.c.end_idx,
        log_segment.c.sealed_at,
        log_segment.c.expired_at,
    )
    found = []
    for name, first, end, sealed_at, expired_at in connection.execute(wanted.order_by(log_segment.c.first_idx)):
        if expired_at is not None:
            state = SegmentState.EXPIRED
        else:
            state = SegmentState.OPEN if sealed_at is None else SegmentState.SEALED
        found.append(
            SegmentStatus(
                name=name, state=state, first=first, end=size if end is None else end, since=expired_at or sealed_at
            )
        )
    return found
