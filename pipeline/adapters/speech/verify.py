"""`SecondListener`: the same ears hear the beeped file, words and tones, and rules say what it still gives away."""

from collections.abc import Sequence
from typing import BinaryIO

from callwarden.adapters.audio.tones import tones_in
from callwarden.adapters.speech.numbers_again import numbers_again
from callwarden.model.audio import AudioCaps
from callwarden.model.redaction import Span
from callwarden.model.transcript import Heard, TimeRange, Transcript
from callwarden.ports.speech import SpeechRecogniser
from callwarden.rules.keyed_tones import tones_left
from callwarden.rules.second_listening import heard_again


class RecognisingListener:
    """As thread-safe as its recogniser."""

    def __init__(self, recogniser: SpeechRecogniser, *, caps: AudioCaps) -> None:
        self._recogniser = recogniser
        self._caps = caps

    def listen(
        self,
        beeped: BinaryIO,
        *,
        first: Transcript,
        spans: Sequence[Span],
        windows: Sequence[TimeRange],
        hint: str | None = None,
    ) -> tuple[Heard, ...]:
        left = tones_left(tones_in(beeped, caps=self._caps, hint=hint), windows)
        if not spans:
            return left
        second = self._recogniser.transcribe(
            beeped, recording_id=first.recording_id, roles=(), language=first.language or None, hint=hint
        )
        return left + heard_again(first, spans, second, windows) + numbers_again(first, spans, second, windows)
