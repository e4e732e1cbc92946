"""The desks of those who learn from calls: trainers and supervisors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.part import part
from callwarden.wiring.requests import Requests

if TYPE_CHECKING:
    from callwarden.desks.finding import FindDesk
    from callwarden.desks.transcripts import TranscriptDesk


class Reviews(Requests):
    """The parts of one system that trainers and supervisors need; see `Parts`."""

    @part
    def find_desk(self) -> FindDesk:
        from callwarden.custody.finding import Finding
        from callwarden.desks.finding import FindDesk

        finding = Finding(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            decider=self.gate.decider,
            gate=self.gate,
        )
        return FindDesk(policy=self.policy, keys=self.keys, finding=finding)

    @part
    def transcript_desk(self) -> TranscriptDesk:
        from callwarden.adapters.speech.codec import JsonTranscriptCodec
        from callwarden.desks.transcripts import TranscriptDesk

        return TranscriptDesk(gate=self.gate, codec=JsonTranscriptCodec())
