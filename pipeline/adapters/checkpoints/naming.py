"""The name a checkpoint is kept under: its size, so that names sort, and a digest, so that none is replaced."""

from hashlib import sha256
from typing import Final

SUFFIX: Final = ".checkpoint"


def checkpoint_name(note: bytes, *, size: int) -> str:
    """Twenty digits of size and 128 bits of the note's SHA-256."""
    return f"{size:020d}-{sha256(note).hexdigest()[:32]}{SUFFIX}"
