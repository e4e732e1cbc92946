"""How loud a recording is, channel by channel, and whether there is any sound in it at all."""

import math

import numpy as np

from pipeline.adapters.audio.decode import Samples

FLOOR_DBFS = -120.0
"""Reported for digital silence, which has no logarithm."""

WINDOW_S = 0.02
ACTIVE_WINDOWS = 5
"""Sound in fewer windows than these on every channel (a tenth of a second in all) is silence."""

ACTIVE_SWING = 96.0
"""Sound: a swing from lowest to highest sample, in int16 steps, above this within a window. The quietest values of
A-law are at plus and minus 8 and the next at 24, so idle lines and their dither stay below (a swing of 48), while
speech 50 dB under full scale is above. A swing, not a level, so that a constant offset counts as silence."""

COARSE_SWING = 1.5 * 256
"""The same for 8-bit PCM, whose one step is 256."""


class LevelMeter:
    """Takes blocks (channels, frames) in int16's range, in order."""

    def __init__(self, *, channels: int, sample_rate_hz: int, coarse: bool) -> None:
        self._window = max(1, round(sample_rate_hz * WINDOW_S))
        self._swing = COARSE_SWING if coarse else ACTIVE_SWING
        self._energy = np.zeros(channels)
        self._active = np.zeros(channels, dtype=np.int64)
        self._windows = 0
        self._frames = 0
        self._peak = 0.0

    def add(self, block: Samples) -> None:
        channels, frames = block.shape
        self._frames += frames
        as_float = block.astype(np.float32, copy=False)
        self._energy += np.einsum("cn,cn->c", as_float, as_float)
        whole = frames - frames % self._window
        if whole:
            windows = block[:, :whole].reshape(channels, -1, self._window)
            self._take(windows.max(axis=2), windows.min(axis=2))
        if whole < frames:
            rest = block[:, whole:]
            self._take(rest.max(axis=1, keepdims=True), rest.min(axis=1, keepdims=True))

    def _take(self, highest: Samples, lowest: Samples) -> None:
        high, low = highest.astype(np.float32), lowest.astype(np.float32)
        self._peak = max(self._peak, float(high.max()), -float(low.min()))
        self._active += (high - low > self._swing).sum(axis=1)
        self._windows += high.shape[1]

    @property
    def silent(self) -> bool:
        return int(self._active.max()) < min(ACTIVE_WINDOWS, self._windows)

    @property
    def peak_dbfs(self) -> float:
        return _dbfs(self._peak)

    @property
    def rms_dbfs(self) -> tuple[float, ...]:
        return tuple(_dbfs(math.sqrt(energy / max(1, self._frames))) for energy in self._energy)


def _dbfs(level: float) -> float:
    return max(FLOOR_DBFS, 20 * math.log10(level / 2**15)) if level > 0 else FLOOR_DBFS
