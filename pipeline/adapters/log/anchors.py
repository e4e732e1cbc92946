"""Holds the database against the checkpoints kept outside, before anything more is signed (I7), and the places against
what is known to have been brought there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from pipeline.adapters.log.stored import stored_bytes
from pipeline.adapters.log.tables import log_checkpoint
from pipeline.errors import RetryableError
from pipeline.model.log_proof import PublishedCheckpoint
from pipeline.ports.log import CheckpointPlace, LogDamagedError
from pipeline.rules.chain.checkpoint import open_checkpoint
from pipeline.rules.chain.note import NoteError, TrustedKey
from pipeline.rules.chain.proofs import MissingHashError, NodeSource, root_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at the places found: ``missing`` names those that do not hold the newest anchored checkpoint (any
    more), ``outages`` says which could not be looked at."""

    missing: tuple[str, ...] = ()
    outages: tuple[RetryableError, ...] = ()


def look_outside(connection: Connection, places: Sequence[CheckpointPlace]) -> Look:
    """Whether the newest checkpoint known as anchored is really in every place."""
    newest = connection.execute(
        select(log_checkpoint.c.size, log_checkpoint.c.note)
        .where(log_checkpoint.c.published_at.is_not(None))
        .order_by(log_checkpoint.c.size.desc(), log_checkpoint.c.made_at.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        return Look()
    missing: list[str] = []
    outages: list[RetryableError] = []
    for place in places:
        try:
            if not place.holds(stored_bytes(newest.note), size=newest.size):
                missing.append(place.name)
        except RetryableError as error:
            outages.append(error)
    return Look(missing=tuple(missing), outages=tuple(outages))


def check_places(
    places: Sequence[CheckpointPlace], *, size: int, source: NodeSource, trusted: Sequence[TrustedKey]
) -> None:
    """The newest checkpoint of every place is of this log as it is now.

    Raises: `LogDamagedError` naming the place and the checkpoint: the database was set back, or is another one,
    or the checkpoint is damaged; RetryableError when a place is out of reach.
    """
    for place in places:
        newest = place.latest()
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
            "state. Restore the newest state, or begin a log under another name.",
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
