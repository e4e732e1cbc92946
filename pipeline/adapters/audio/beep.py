"""Beeping: what lies in a window is overwritten in place, so no frame is ever added, moved or lost."""

import functools
import math
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from callwarden.model.audio import BeepSound
from callwarden.model.transcript import TimeRange

TONE_HZ = 1_000
TONE_DBFS = -20.0
"""Clearly heard over speech at its usual -26 dBFS, and not painful in headphones."""


@functools.cache
def one_second_of_tone(sample_rate_hz: int) -> npt.NDArray[np.int16]:
    """Whole cycles, so that it repeats without a click."""
    with warnings.catch_warnings():
        # pydub looks for an ffmpeg command and warns without one; making a tone needs none.
        warnings.simplefilter("ignore")
        from pydub.generators import Sine  # type: ignore[import-untyped]  # pydub carries no types
    tone = Sine(TONE_HZ, sample_rate=sample_rate_hz, bit_depth=16).to_audio_segment(duration=1_000, volume=TONE_DBFS)
    samples: npt.NDArray[np.int16] = np.frombuffer(tone.raw_data, dtype=np.int16)
    return samples


class Beeper:
    """Overwrites the windows of one recording, block after block, on every channel."""

    def __init__(self, windows: Sequence[TimeRange], *, sample_rate_hz: int, sound: BeepSound) -> None:
        # A window takes every frame it touches, the one it ends in too; a float's last digit touches nothing.
        self._spans = sorted(
            (
                math.floor(window.start_s * sample_rate_hz + 1e-6),
                math.ceil(window.end_s * sample_rate_hz - 1e-6),
            )
            for window in windows
        )
        self._next = 0
        self._frame = 0
        self._tone = one_second_of_tone(sample_rate_hz) if sound is BeepSound.TONE else None

    def apply(self, block: npt.NDArray[np.int16]) -> None:
        """Change `block` (channels, frames) in place. Blocks come in order, without gaps."""
        first, last = self._frame, self._frame + block.shape[1]
        self._frame = last
        for start, end in self._spans[self._next :]:
            if start >= last:
                break
            inside = slice(max(start, first) - first, max(0, min(end, last) - first))
            block[:, inside] = 0 if self._tone is None else self._sounding(first + inside.start, first + inside.stop)
        while self._next < len(self._spans) and self._spans[self._next][1] <= last:
            self._next += 1

    def _sounding(self, start: int, end: int) -> npt.NDArray[np.int16]:
        """The tone for frames `start` to `end` of the recording: one phase for all windows and blocks."""
        assert self._tone is not None
        offset = start % len(self._tone)
        repeats = -(-(offset + max(0, end - start)) // len(self._tone))
        return np.tile(self._tone, max(1, repeats))[offset : offset + max(0, end - start)]
