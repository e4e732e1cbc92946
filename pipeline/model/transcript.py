"""What was said in a call, and what is left of it to show: two types, so that one is never taken for the other.

All times are seconds from the first sample of the recording.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from callwarden.model.ids import RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """From `start_s` up to `end_s`, on every channel."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_s <= self.end_s:
            raise ValueError(f"not a time range: {self.start_s}..{self.end_s}")

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as recognised, punctuation included. `probability` is the recogniser's own, 0 to 1."""

    text: str = field(repr=False)
    start_s: float
    end_s: float
    probability: float
    channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptTurn:
    """What one speaker said without a break. `speaker` is a role ("agent", "caller") or "unknown"."""

    speaker: str
    words: tuple[Word, ...] = field(repr=False)
    start_s: float
    end_s: float

    @property
    def text(self) -> str:
        """The words, one space between them: the text whose characters spans count."""
        return " ".join(word.text for word in self.words)

    def words_at(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that have a character in `start`..`end` (end exclusive) of `text`."""
        found, at = [], 0
        for word in self.words:
            if at < end and start < at + len(word.text):
                found.append(word)
            at += len(word.text) + 1
        return tuple(found)


KEYED = "[DTMF]"
"""What stands in a text where keys were pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedTones:
    """Keys pressed on a telephone (DTMF), from the first of them to the last. Which keys is not kept.

    `channels` are those they are heard on, the loudest first; `speaker` is who pressed them. `card`: they were the
    number of a payment card.
    """

    when: TimeRange
    channels: tuple[int, ...]
    speaker: str
    card: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A call in words, names and numbers included. Only redaction and those who may see an original read it.

    `model` names the recogniser and the digest of its weights. `speech_without_words`: a voice was heard and
    no word recognised; nobody knows what was said there, so it is never played to a reviewer. `tones` say something
    without a voice. `pauses` were masked before recognition and hold no words, but they may hold tones.
    """

    recording_id: RecordingId
    language: str
    model: str
    duration_s: float
    turns: tuple[TranscriptTurn, ...]
    speech_without_words: tuple[TimeRange, ...]
    pauses: tuple[TimeRange, ...]
    tones: tuple[KeyedTones, ...] = ()

    @property
    def without_words(self) -> tuple[TimeRange, ...]:
        """Sound that may be personal and that no rule over words can judge: it is judged as sound, and beeped."""
        return (*self.speech_without_words, *(keyed.when for keyed in self.tones))


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedWord:
    """A word of a redacted turn, or a placeholder with what is written against it."""

    text: str = field(repr=False)
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedTurn:
    """A turn with placeholders in place of personal data. `words` are those of `text`, divided at spaces; none where an
    older version made it."""

    speaker: str
    text: str = field(repr=False)
    start_s: float
    end_s: float
    words: tuple[RedactedWord, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedTranscript:
    """What trainers, search and exports get (U4). `beeped` are the windows overwritten in the audio.

    `redaction_version` says which recognisers and policy made it. `verified`: the beeped audio was listened to
    again, and nothing that was removed could be heard.
    """

    recording_id: RecordingId
    language: str
    redaction_version: str
    duration_s: float
    turns: tuple[RedactedTurn, ...]
    beeped: tuple[TimeRange, ...]
    verified: bool


class HeardAgain(StrEnum):
    """How something that was taken out can still be heard."""

    BESIDE_WINDOW = "beside_window"
    """At the edge of its own beep: the window is too short or too early."""
    SAID_ELSEWHERE = "said_elsewhere"
    """Somewhere else in the call: it was said twice and found once."""
    KEYED = "keyed"
    """Tones of keys are left, of whatever was or was not found before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something of span number `span` (counted from 0) was recognised at `when`, outside every beep. Tones are of no
    span."""

    span: int | None
    when: TimeRange
    how: HeardAgain
