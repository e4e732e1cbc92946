"""The name a checkpoint is kept under: its size, so that names sort, and a digest, so that none is replaced. A
time-stamp's name begins with that of its checkpoint."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Final

from callwarden.accesslog.proof.checkpoint import parse_checkpoint
from callwarden.accesslog.proof.export import Fault, Kind, Report
from callwarden.accesslog.proof.note import NoteError, parse_note
from callwarden.accesslog.proof.values import KeptTimestamp, PublishedCheckpoint

SUFFIX: Final = ".checkpoint"
STAMP_SUFFIX: Final = ".tsr"
"""What such files are called everywhere: a time-stamp response."""


def checkpoint_name(note: bytes, *, size: int) -> str:
    """Twenty digits of size and 128 bits of the note's SHA-256."""
    return f"{size:020d}-{sha256(note).hexdigest()[:32]}{SUFFIX}"


def first_name(size: int) -> str:
    """Sorts before every name of a checkpoint of this size or a larger one, and after every smaller one's."""
    return f"{size:020d}"


def timestamp_name(token: bytes, *, checkpoint: str) -> str:
    """The checkpoint's name with 64 bits of the token's SHA-256: a second token is kept beside the first."""
    return f"{checkpoint.removesuffix(SUFFIX)}.{sha256(token).hexdigest()[:16]}{STAMP_SUFFIX}"


def kept_timestamp(name: str, token: bytes) -> KeptTimestamp:
    """The time-stamp kept under ``name``, which tells the checkpoint it was made for."""
    return KeptTimestamp(name=name, checkpoint=name.partition(".")[0] + SUFFIX, token=token)


def with_misnamed(report: Report, kept: Iterable[PublishedCheckpoint]) -> Report:
    """The report with a fault for each of these checkpoints that lies under a name that is not its own. One that is
    no checkpoint of this log has its fault already."""
    known = {fault.checkpoint for fault in report.faults}
    faults = dict.fromkeys(piece.name for piece in kept if piece.name not in known and not _fits(piece))
    if not faults:
        return report
    found = [
        Fault(
            kind=Kind.MISNAMED_CHECKPOINT,
            message=f"checkpoint {name} lies under a name that does not fit what is in it",
            checkpoint=name,
        )
        for name in faults
    ]
    return replace(report, faults=(*report.faults, *found))


def _fits(kept: PublishedCheckpoint) -> bool:
    try:
        size = parse_checkpoint(parse_note(kept.note).text).size
    except NoteError:
        return False
    return kept.name == checkpoint_name(kept.note, size=size)
