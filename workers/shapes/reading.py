"""What can be read of a recording, by its plain name."""

from enum import StrEnum
from typing import Final

from callwarden.model.access import Readable


class What(StrEnum):
    """What can be read; the plain words are the redacted forms, which have their name in a policy's grants, too."""

    TRANSCRIPT = "transcript"
    CAPTIONS = "captions"
    """The transcript as WebVTT."""
    AUDIO = "audio"
    REDACTED_TRANSCRIPT = "redacted-transcript"
    BEEPED_AUDIO = "beeped-audio"
    WAVEFORM = "waveform"
    ORIGINAL_AUDIO = "original-audio"
    ORIGINAL_TRANSCRIPT = "original-transcript"


READABLE: Final = {
    What.TRANSCRIPT: Readable.REDACTED_TRANSCRIPT,
    What.CAPTIONS: Readable.REDACTED_TRANSCRIPT,
    What.AUDIO: Readable.BEEPED_AUDIO,
    What.REDACTED_TRANSCRIPT: Readable.REDACTED_TRANSCRIPT,
    What.BEEPED_AUDIO: Readable.BEEPED_AUDIO,
    What.WAVEFORM: Readable.WAVEFORM,
    What.ORIGINAL_AUDIO: Readable.ORIGINAL_AUDIO,
    What.ORIGINAL_TRANSCRIPT: Readable.ORIGINAL_TRANSCRIPT,
}
