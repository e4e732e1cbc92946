"""What nearly every telephone system writes, read without FFmpeg: A-law, mu-law and 16-bit PCM in WAV.

In these a frame has its fixed number of bytes and every byte means something, so that the length is a division and
the samples are a look-up. Everything else is `decode`'s.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio.riff import A_LAW, MU_LAW, PCM, Wave

Samples = npt.NDArray[Any]
"""(channels, frames): int16, or float32 scaled to int16's range."""

CODECS: Final = {(A_LAW, 8): "pcm_alaw", (MU_LAW, 8): "pcm_mulaw", (PCM, 16): "pcm_s16le"}
"""Format tag and bits of a sample → the codec's name, as FFmpeg has it."""


def a_law_samples() -> npt.NDArray[np.int16]:
    """The sample of each code (ITU-T G.711, table 1; as every second bit is inverted on the wire)."""
    codes = np.arange(256) ^ 0x55
    step, segment = codes & 0x0F, codes >> 4 & 0x07
    size = np.where(segment == 0, step * 16 + 8, (step * 16 + 0x108) << np.maximum(segment - 1, 0))
    return np.where(codes & 0x80, size, -size).astype(np.int16)


def mu_law_samples() -> npt.NDArray[np.int16]:
    """The sample of each code (ITU-T G.711, table 2; all bits are inverted on the wire)."""
    codes = ~np.arange(256) & 0xFF
    size = (((codes & 0x0F) * 8 + 0x84) << (codes >> 4 & 0x07)) - 0x84
    return np.where(codes & 0x80, -size, size).astype(np.int16)


_SAMPLES: Final = {A_LAW: a_law_samples(), MU_LAW: mu_law_samples()}


def codec_of(wave: Wave) -> str | None:
    """The codec's name where it is read here, None where it is not."""
    return CODECS.get((wave.tag, wave.bits))


def frames_of(wave: Wave) -> int:
    """Frames that are there."""
    return wave.data_bytes // (wave.channels * wave.bits // 8)


def blocks(file: BinaryIO, wave: Wave) -> Iterator[Samples]:
    """The sound, a second at a time, as int16 arrays (channels, frames). Raises what `file` raises."""
    frame_bytes = wave.channels * wave.bits // 8
    left = frames_of(wave) * frame_bytes
    file.seek(wave.data_at)
    while left and (chunk := file.read(min(left, wave.sample_rate_hz * frame_bytes))):
        left -= len(chunk)
        table = _SAMPLES.get(wave.tag)
        read = np.frombuffer(chunk, "<i2") if table is None else table[np.frombuffer(chunk, np.uint8)]
        yield np.ascontiguousarray(read.reshape(-1, wave.channels).T)
