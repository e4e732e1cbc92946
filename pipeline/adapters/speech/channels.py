"""A call as 16 kHz channels, in stretches short enough to hold, cut where nobody speaks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio.decode import Decoding
from callwarden.adapters.audio.resample import resampled
from callwarden.adapters.speech.level import RATE_HZ as RATE_HZ
from callwarden.adapters.speech.level import levelled
from callwarden.model.audio import AudioCaps
from callwarden.model.transcript import TimeRange

STRETCH_S = 600
SEARCH_S = 30
"""The cut is made at the quietest place of the last half minute of a stretch."""
QUIET_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """`samples` (channels, frames) of float32 in -1..1, from `start_s` of the call on; quiet channels amplified."""

    start_s: float
    samples: npt.NDArray[np.float32]


def stretches(file: BinaryIO, *, caps: AudioCaps, hint: str | None, pauses: Sequence[TimeRange]) -> Iterator[Stretch]:
    """The whole call in order, `pauses` silenced on all channels."""
    with Decoding(file, caps=caps, hint=hint) as decoding:
        held: list[npt.NDArray[np.int16]] = []
        frames = begin = 0
        for block in resampled(decoding.blocks(), rate=decoding.sample_rate_hz, to_rate=RATE_HZ):
            held.append(block)
            frames += block.shape[1]
            while frames >= STRETCH_S * RATE_HZ:
                whole = np.concatenate(held, axis=1)
                at = _quietest(whole[:, : STRETCH_S * RATE_HZ])
                held = [whole[:, at:].copy()]
                stretch = _stretch(whole[:, :at], begin, pauses)
                frames -= at
                begin += at
                del whole, block  # while a stretch is listened to nothing else of the call is held
                yield stretch
        if frames:
            yield _stretch(np.concatenate(held, axis=1), begin, pauses)


def _quietest(samples: npt.NDArray[np.int16]) -> int:
    """The frame in the middle of the quietest half second near the end, judged by the loudest channel."""
    window = int(QUIET_S * RATE_HZ)
    first = samples.shape[1] - SEARCH_S * RATE_HZ
    tail = samples[:, first:]
    windows = tail[:, : tail.shape[1] - tail.shape[1] % window].reshape(samples.shape[0], -1, window)
    loudness = np.abs(windows.astype(np.float32)).mean(axis=2).max(axis=0)
    quietest: int = int(np.argmin(loudness))
    return int(first) + quietest * window + window // 2


def _stretch(samples: npt.NDArray[np.int16], begin: int, pauses: Sequence[TimeRange]) -> Stretch:
    scaled = samples.astype(np.float32) / np.float32(2**15)
    for pause in pauses:
        first, last = int(pause.start_s * RATE_HZ) - begin, int(pause.end_s * RATE_HZ) + 1 - begin
        scaled[:, max(0, first) : max(0, last)] = 0
    return Stretch(start_s=begin / RATE_HZ, samples=np.stack([levelled(channel) for channel in scaled]))
