"""Words out of sound, and listening again to what was beeped."""

from collections.abc import Callable, Sequence
from typing import BinaryIO, Protocol

from callwarden.errors import CallwardenError, RetryableError
from callwarden.model.ids import RecordingId
from callwarden.model.redaction import Span
from callwarden.model.transcript import Heard, RedactedTranscript, TimeRange, Transcript


class RecogniserError(RetryableError):
    """The recogniser failed inside (memory, device). Nothing is known of the call; another try may succeed."""


class LanguageNotSupportedError(CallwardenError):
    """The model does not know this language. Nothing is known of the call."""

    def __init__(self, language: str) -> None:
        self.language = language
        super().__init__(f"the speech model does not know the language {language!r}")


class SpeechRecogniser(Protocol):
    """Transcribes calls. One instance serves several threads at once."""

    def transcribe(
        self,
        file: BinaryIO,
        *,
        recording_id: RecordingId,
        roles: Sequence[str],
        language: str | None,
        pauses: Sequence[TimeRange] = (),
        hint: str | None = None,
    ) -> Transcript:
        """What is said in `file`, a seekable binary audio file, channel by channel.

        `roles` names the speaker of each channel; a single channel, or another number of roles than channels,
        gives "unknown". `language` is an ISO 639-1 code, None to have it detected on the channel that speaks
        most. `pauses` are silenced before recognition and come back in the transcript. A channel
        that is quiet all through is heard at the usual level. `hint` is as in `AudioProbe.inspect`.

        Promises: turns are in the order spoken; every word lies inside its turn and the recording; no word
        where there is no voice; where there is a voice and no word, `speech_without_words` covers it; where keys
        are pressed, in pauses too, `tones` covers them. Nothing is downloaded. Memory does not grow with the
        length of the call.

        Raises:
            BadAudioError: as `AudioProbe.inspect`.
            LanguageNotSupportedError: the model cannot do that language.
            RecogniserError: it failed inside.
            OSError: whatever `file` itself raises.
        """
        ...


class TranscriptCodec(Protocol):
    """Between transcripts and the bytes that are stored of them. What `encode` wrote, `decode` reads to an equal value.

    Each `decode` raises InvariantError for bytes of any other form: a redacted transcript is never read as an
    original, nor the other way round. Given the start and end of each turn in seconds, `worded` names the turns whose
    words are read, which is most of the work for a long call; the others have none.
    """

    def encode(self, transcript: Transcript) -> bytes: ...

    def decode(self, data: bytes) -> Transcript: ...

    def encode_redacted(self, transcript: RedactedTranscript) -> bytes: ...

    def decode_redacted(
        self, data: bytes, *, worded: Callable[[Sequence[tuple[float, float]]], range] | None = None
    ) -> RedactedTranscript: ...


class SecondListener(Protocol):
    """Listens to a beeped recording for what was taken out of it."""

    def listen(
        self,
        beeped: BinaryIO,
        *,
        first: Transcript,
        spans: Sequence[Span],
        windows: Sequence[TimeRange],
        hint: str | None = None,
    ) -> tuple[Heard, ...]:
        """What of `spans`, which count characters of `first`, can still be heard in `beeped`, and every tone of a key
        that is left. Empty: nothing.

        Each finding says where; the caller widens the beep there or withholds the call.

        Raises: as `SpeechRecogniser.transcribe`. Then nothing is known: withhold.
        """
        ...
