"""`SecondListener`: the same recogniser hears the beeped file, and rules say what it still gives away."""

from collections.abc import Sequence
from typing import BinaryIO

from callwarden.adapters.speech.numbers_again import numbers_again
from callwarden.model.redaction import Span
from callwarden.model.transcript import Heard, TimeRange, Transcript
from callwarden.ports.speech import SpeechRecogniser
from callwarden.rules.second_listening import heard_again


class RecognisingListener:
    """As thread-safe as its recogniser."""

    def __init__(self, recogniser: SpeechRecogniser) -> None:
        self._recogniser = recogniser

    def listen(
        self,
        beeped: BinaryIO,
        *,
        first: Transcript,
        spans: Sequence[Span],
        windows: Sequence[TimeRange],
        hint: str | None = None,
    ) -> tuple[Heard, ...]:
        if not spans:
            return ()
        second = self._recogniser.transcribe(
            beeped, recording_id=first.recording_id, roles=(), language=first.language or None, hint=hint
        )
        return heard_again(first, spans, second, windows) + numbers_again(first, spans, second, windows)
