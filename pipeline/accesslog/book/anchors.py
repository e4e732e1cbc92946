"""Brings checkpoints to the places outside, and holds the database and the places against one another (I7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, select, update

from callwarden.accesslog.book.beginning import largest, own_beginnings
from callwarden.accesslog.book.segments import PUBLISHED, newest_checkpoint, read_head, snapshot
from callwarden.accesslog.book.stored import stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint
from callwarden.accesslog.proof.checkpoint import open_checkpoint
from callwarden.accesslog.proof.note import NoteError, TrustedKey
from callwarden.accesslog.proof.proofs import MissingHashError, NodeSource, root_at
from callwarden.accesslog.proof.succession import Beginning
from callwarden.accesslog.proof.values import JournalMark, PublishedCheckpoint
from callwarden.adapters.sql.faults import translated
from callwarden.diagnostics import log
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.ports.log import CheckpointPlace, LogDamagedError

_BROUGHT_AT_ONCE: Final = 1000
"""Checkpoints brought to their places in one go; where more wait, the next go takes the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at the places found: ``missing`` names those that do not hold the newest anchored checkpoint (any
    more), ``outages`` says which could not be looked at."""

    missing: tuple[str, ...] = ()
    outages: tuple[RetryableError, ...] = ()


def look_outside(connection: Connection, places: Sequence[CheckpointPlace]) -> Look:
    """Whether the newest checkpoint known as anchored is really in every place."""
    newest = newest_checkpoint(connection, PUBLISHED)
    if newest is None:
        return Look()
    missing: list[str] = []
    outages: list[RetryableError] = []
    for place in places:
        try:
            if not place.holds(newest.note, size=newest.size):
                missing.append(place.name)
        except RetryableError as error:
            outages.append(error)
    return Look(missing=tuple(missing), outages=tuple(outages))


def bring(engine: Engine, places: Sequence[CheckpointPlace], *, now: datetime) -> None:
    """Bring every signed checkpoint to every place, the newest first: it proves what the others prove. One place's
    outage does not keep it from the others. Where what was brought is gone, all is brought anew.

    Raises: RetryableError, the first of the outages.
    """
    with translated(), engine.connect() as connection:
        look = look_outside(connection, places)
    if look.missing:
        log.warning("checkpoint_missing_outside", places=list(look.missing))
        with translated(), engine.begin() as connection:
            known = update(log_checkpoint).where(PUBLISHED)
            connection.execute(known.values(published_at=None))
    waiting = (
        select(log_checkpoint.c.size, log_checkpoint.c.made_at, log_checkpoint.c.note)
        .where(log_checkpoint.c.published_at.is_(None))
        .order_by(log_checkpoint.c.size.desc(), log_checkpoint.c.made_at.desc())
        .limit(_BROUGHT_AT_ONCE)
    )
    with translated(), engine.connect() as connection:
        rows = connection.execute(waiting).all() if places else []
    outages = list(look.outages)
    for size, made_at, note in rows:
        before = len(outages)
        for place in places:
            try:
                place.publish(stored_bytes(note), size=size)
            except RetryableError as error:
                outages.append(error)
        if len(outages) > before:
            break  # the next ones would meet the same outage, and wait as long for it
        with translated(), engine.begin() as connection:
            connection.execute(
                update(log_checkpoint)
                .where(log_checkpoint.c.size == size, log_checkpoint.c.made_at == made_at)
                .values(published_at=now)
            )
    if outages:
        raise outages[0]


def journal_marks(
    engine: Engine, places: Sequence[CheckpointPlace], trusted: Callable[[], Sequence[TrustedKey]]
) -> tuple[JournalMark, ...]:
    """How far the journal reached, by the newest checkpoint of the database and of each place that says so under a
    trusted key. A place that is out of reach is reported in the program's log. Raises RetryableError (the database)."""
    with snapshot(engine) as connection:
        own, begun = read_head(connection), own_beginnings(connection, trusted)
    newest: list[tuple[CheckpointPlace, bytes]] = []
    for place in places:
        try:
            kept = next(place.largest_first(), None)
        except ConfigurationError:
            continue  # a bucket that the log has still to make; `doctor` and the log's own start tell of it
        except RetryableError as error:
            log.warning("journal_not_held_against", place=place.name, error=str(error))
            continue
        if kept is not None:
            newest.append((place, kept.note))
            if begun and (since := largest(place, begun, trusted=trusted())) is not None and since != kept:
                newest.append((place, since.note))  # the largest is lost, and the journal has grown since
    if own is None and not newest:
        return ()
    keys = trusted()
    marks = [_mark(own, keys)] if own is not None else []
    for place, note in newest:
        mark = _mark(note, keys)
        if mark is None and keys:
            # Of another log, of before the journal was signed, or laid there to hide the true one: the next one tells.
            mark = next(filter(None, (_mark(copy.note, keys) for copy in reversed(tuple(place.iterate())))), None)
        marks.append(mark)
    return tuple(dict.fromkeys(known for known in marks if known is not None))


def _mark(note: bytes, trusted: Sequence[TrustedKey]) -> JournalMark | None:
    try:
        return open_checkpoint(note, trusted=trusted).journal
    except NoteError:
        return None


def refuse_if_set_back(
    places: Sequence[CheckpointPlace],
    size: Callable[[], int],
    *,
    trusted: Sequence[TrustedKey],
    begun: Sequence[Beginning],
    known: dict[str, set[str]],
) -> None:
    """No place has a true checkpoint of more entries than the database holds (`size`), save those of entries that are
    lost by what a log `begun` anew says; which these are in each place is remembered in `known`. One that is out of
    reach, or whose newest is no checkpoint of this log, is passed over: `log status` and `log verify` tell of those.

    Raises: `LogDamagedError` naming place and checkpoint.
    """
    before = size()
    for place in places:
        try:
            lost = known.setdefault(place.name, set())
            newest = largest(place, begun, trusted=trusted, beyond=before, known=lost)
            proven = -1 if newest is None else open_checkpoint(newest.note, trusted=trusted).size
        except ConfigurationError:
            continue
        except RetryableError as error:
            log.warning("checkpoints_not_looked_at", place=place.name, error=str(error))
            continue
        except NoteError:
            continue
        if newest is not None and proven > (there := size()):  # asked again: it may have grown since
            raise LogDamagedError(
                f"{place.name}, checkpoint {newest.name} proves {proven} entries, the database holds {there}: it was "
                "set back to an earlier state, and entries are missing",
                index=there,
            )


def check_places(
    places: Sequence[CheckpointPlace],
    *,
    size: int,
    source: NodeSource,
    trusted: Sequence[TrustedKey],
    begun: Sequence[Beginning],
) -> None:
    """The newest checkpoint of every place is of this log as it is now; those of entries that are lost by what a log
    `begun` anew says are passed over.

    Raises: `LogDamagedError` naming the place and the checkpoint: the database was set back, or is another one,
    or the checkpoint is damaged; RetryableError when a place is out of reach.
    """
    for place in places:
        newest = largest(place, begun, trusted=trusted)
        if newest is not None:
            _check(place.name, newest, size=size, source=source, trusted=trusted)


def _check(
    place: str, kept: PublishedCheckpoint, *, size: int, source: NodeSource, trusted: Sequence[TrustedKey]
) -> None:
    where = f"{place}, checkpoint {kept.name}"
    try:
        checkpoint = open_checkpoint(kept.note, trusted=trusted)
    except NoteError as error:
        raise LogDamagedError(f"{where}: {error}") from error
    if checkpoint.size > size:
        raise LogDamagedError(
            f"{where} proves {checkpoint.size} entries, the database holds {size}: it was set back to an earlier "
            "state. Restore the newest state; where there is none any more: callwarden log begin-anew. Until then "
            "entries are kept, and not anchored.",
            index=size,
        )
    try:
        root = root_at(checkpoint.size, source)
    except MissingHashError:
        return  # it lies inside an expired segment that was not cut there
    if root != checkpoint.root:
        raise LogDamagedError(
            f"{where}: the first {checkpoint.size} entries are not the ones that were signed; "
            "run: callwarden log verify"
        )
