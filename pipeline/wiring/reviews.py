"""The desks of those who learn from calls: trainers and supervisors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.part import part
from callwarden.wiring.requests import Requests

if TYPE_CHECKING:
    from callwarden.desks.transcripts import TranscriptDesk


class Reviews(Requests):
    """The parts of one system that trainers and supervisors need; see `Parts`."""

    @part
    def transcript_desk(self) -> TranscriptDesk:
        from callwarden.adapters.speech.codec import JsonTranscriptCodec
        from callwarden.desks.transcripts import TranscriptDesk

        return TranscriptDesk(gate=self.gate, codec=JsonTranscriptCodec())
