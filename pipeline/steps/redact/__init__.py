"""transcripts.ready → redacted transcript, beeped audio, waveform → recordings.redacted (U4, D6, I8, I9)."""

from pipeline.steps.redact.step import Redact

__all__ = ["Redact"]
