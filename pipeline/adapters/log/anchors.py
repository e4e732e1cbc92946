"""Holds the database against the checkpoints kept outside, before anything more is signed (I7)."""

from collections.abc import Sequence

from pipeline.model.log_proof import PublishedCheckpoint
from pipeline.ports.log import CheckpointPlace, LogDamagedError
from pipeline.rules.chain.checkpoint import open_checkpoint
from pipeline.rules.chain.note import NoteError, TrustedKey
from pipeline.rules.chain.proofs import MissingHashError, NodeSource, root_at


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
