"""What was wrong with a field of an event, and what was done about it."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum


class NoteWhy(StrEnum):
    """Why a field was left out, or could not be read; closed vocabulary, documented in docs/reasons.md."""

    ABSENT = "absent"
    WRONG_TYPE = "wrong_type"
    NOT_PRINTABLE = "not_printable"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    TOO_MANY = "too_many"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_WORD = "unknown_word"
    NOT_SHA256 = "not_sha256"
    NOT_A_TIME = "not_a_time"
    NOT_AS_AUDIO = "not_as_audio"
    DURATION_MISMATCH = "duration_mismatch"
    OVERLAPPING = "overlapping"
    OUTSIDE_AUDIO = "outside_audio"
    COVERS_AUDIO = "covers_audio"
    BAD_AUDIO = "bad_audio"
    """Not the field but the audio it points to."""
    NO_SOUND = "no_sound"
    """The same, and nothing can be heard in it: it is no audio, or of a kind that is not read."""
    NO_VOICE = "no_voice"
    CORRECTED = "corrected"
    """A person has put another value in its place."""


AGAINST_AUDIO = frozenset(
    {
        NoteWhy.NOT_AS_AUDIO,
        NoteWhy.DURATION_MISMATCH,
        NoteWhy.OVERLAPPING,
        NoteWhy.OUTSIDE_AUDIO,
        NoteWhy.COVERS_AUDIO,
    }
)
"""Where event and audio say different things."""

OF_AUDIO = AGAINST_AUDIO | {NoteWhy.BAD_AUDIO, NoteWhy.NO_SOUND, NoteWhy.NO_VOICE}
"""What one audio said; other audio may say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A field of an event that was wrong. One that is `needed` sets the call aside, any other was left out.

    `kind` says what was there in words that tell nothing of anybody, such as ``a text of 14 characters``. `was` is what
    was there, as JSON and no more than the beginning of it: it may be personal, and is kept only where it is sealed
    with the recording.
    """

    field: str
    why: NoteWhy
    kind: str
    was: str = dataclasses.field(default="", repr=False)
    needed: bool = False
