"""What a search finds."""

from dataclasses import dataclass, field

from callwarden.model.ids import RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A redacted transcript that has what was asked for. `snippet` is the redacted text around the first place.

    `generation` is that of the redaction that was indexed. A greater `rank` is a better match, within one answer.
    """

    recording_id: RecordingId
    generation: int
    snippet: str = field(repr=False)
    rank: float
