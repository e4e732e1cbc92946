"""Room on the disks this machine keeps something on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Bytes of one disk, and what lies there: names of parts, such as ``home``."""

    holds: tuple[str, ...]
    free: int
    total: int


class Disks(Protocol):
    """Thread-safe."""

    def spaces(self) -> Sequence[Space]:
        """Each disk once; one that cannot be asked is left out."""
        ...
