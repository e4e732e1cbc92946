"""transcripts.ready → redacted transcript, beeped audio, waveform → recordings.redacted (U4, D6, I8, I9)."""

from callwarden.steps.redact.step import Redact

__all__ = ["Redact"]
