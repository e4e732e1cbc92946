"""What the gate lets out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Self

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.purpose import PSEUDONYMOUS, Purpose
from callwarden.model.recording import Artefact, Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What whoever has content of a recording is told beside it: where and when it was, and until when it exists.

    From `keep_until` on nothing is readable, from `audio_until` on (None: with the rest) no sound; what is `held` stays
    for a dispute.
    """

    line: LineId
    agent_id: str | None = field(repr=False)
    started_at: datetime | None
    ended_at: datetime | None
    keep_until: datetime | None
    audio_until: datetime | None
    held: bool

    @classmethod
    def of(cls, row: Recording, purpose: Purpose) -> Self:
        """As its row says, to whoever reads it for this."""
        return cls(
            line=row.line,
            agent_id=None if purpose in PSEUDONYMOUS else row.agent_id,
            started_at=row.started_at,
            ended_at=row.ended_at,
            keep_until=row.keep_until,
            audio_until=row.audio_until,
            held=bool(row.holds),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the gate lets out: `length` bytes of an artefact from `start`, in pieces. `size` is the whole artefact's,
    `entry_id` the entry of the access log that says so."""

    recording_id: RecordingId
    about: About
    entry_id: str
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
