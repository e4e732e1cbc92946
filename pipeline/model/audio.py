"""What is known of an audio file once it has been decoded to its end, and how large a file may be."""

from dataclasses import dataclass
from enum import StrEnum


class AudioFault(StrEnum):
    """What can be wrong with a file. The values are reason codes of the outcome vocabulary."""

    UNREADABLE = "unreadable_audio"
    SILENT = "silent_audio"
    LENGTH_MISMATCH = "length_mismatch"
    OVERSIZED = "oversized_audio"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioCaps:
    """The largest file anybody will decode. Sizes in bytes, durations in seconds, rates in hertz."""

    max_bytes: int
    max_duration_s: float
    max_channels: int
    max_sample_rate_hz: int

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.max_duration_s, self.max_channels, self.max_sample_rate_hz) <= 0:
            raise ValueError("every cap is above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """A file that was looked into to its end.

    `frames` counts samples of one channel. `silent`: no channel holds a tenth of a second of sound, nor a
    voice however quiet; a voice on one channel only is not silence. `voiceless`: there is nothing louder than 40 dB
    under full scale, and no voice was found in it.
    """

    container: str
    codec: str
    media_type: str
    sample_rate_hz: int
    channels: int
    frames: int
    duration_s: float
    silent: bool
    voiceless: bool = False


class BeepSound(StrEnum):
    """What takes the place of what was said."""

    TONE = "tone"
    SILENCE = "silence"


class PlayerFormat(StrEnum):
    """The file a player gets. FLAC keeps every sample; Opus is a tenth of the size."""

    FLAC = "flac"
    OPUS = "opus"

    @property
    def media_type(self) -> str:
        return "audio/flac" if self is PlayerFormat.FLAC else "audio/ogg"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeepedAudio:
    """What beeping made. `frames` at `sample_rate_hz` last exactly as long as the original. `waveform` is the
    JSON of its peaks."""

    frames: int
    sample_rate_hz: int
    channels: int
    media_type: str
    waveform: bytes
