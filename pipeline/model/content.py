"""What the gate lets out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the gate lets out: `length` bytes of an artefact from `start`, in pieces. `size` is the whole artefact's."""

    recording_id: RecordingId
    artefact: Artefact
    start: int
    length: int
    size: int
    media_type: str
    pieces: Iterator[bytes]

    def read_all(self) -> bytes:
        """Every byte released, in memory."""
        return b"".join(self.pieces)

    def copy_to(self, target: IO[bytes]) -> None:
        """Write every byte released to `target`, and go back to its start."""
        for piece in self.pieces:
            target.write(piece)
        target.seek(0)
