"""`AudioProbe` over FFmpeg's libraries."""

from typing import BinaryIO

from pipeline.adapters.audio.decode import Decoding
from pipeline.adapters.audio.levels import LevelMeter
from pipeline.model.audio import AudioCaps, AudioFacts


class PyAvProbe:
    """Decodes a file to its end, one block at a time; holds nothing between calls, so threads may share it."""

    def inspect(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None = None) -> AudioFacts:
        with Decoding(file, caps=caps, hint=hint) as decoding:
            header = decoding.header
            meter = LevelMeter(
                channels=header.channels,
                sample_rate_hz=header.sample_rate_hz,
                coarse=decoding.codec == "pcm_u8",
            )
            for block in decoding.blocks():
                meter.add(block)
            return AudioFacts(
                container=header.container,
                codec=decoding.codec,
                sample_rate_hz=header.sample_rate_hz,
                channels=header.channels,
                frames=decoding.frames,
                duration_s=decoding.frames / header.sample_rate_hz,
                declared_frames=header.frames,
                peak_dbfs=meter.peak_dbfs,
                rms_dbfs_per_channel=meter.rms_dbfs,
                silent=meter.silent,
            )
