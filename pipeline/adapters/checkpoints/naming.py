"""The name a checkpoint is kept under: its size, so that names sort, and a digest, so that none is replaced. A
time-stamp's name begins with that of its checkpoint."""

from hashlib import sha256
from typing import Final

from pipeline.model.log_proof import KeptTimestamp

SUFFIX: Final = ".checkpoint"
STAMP_SUFFIX: Final = ".tsr"
"""What such files are called everywhere: a time-stamp response."""


def checkpoint_name(note: bytes, *, size: int) -> str:
    """Twenty digits of size and 128 bits of the note's SHA-256."""
    return f"{size:020d}-{sha256(note).hexdigest()[:32]}{SUFFIX}"


def timestamp_name(token: bytes, *, checkpoint: str) -> str:
    """The checkpoint's name with 64 bits of the token's SHA-256: a second token is kept beside the first."""
    return f"{checkpoint.removesuffix(SUFFIX)}.{sha256(token).hexdigest()[:16]}{STAMP_SUFFIX}"


def kept_timestamp(name: str, token: bytes) -> KeptTimestamp:
    """The time-stamp kept under ``name``, which tells the checkpoint it was made for."""
    return KeptTimestamp(name=name, checkpoint=name.partition(".")[0] + SUFFIX, token=token)
