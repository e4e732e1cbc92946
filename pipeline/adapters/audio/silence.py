"""How loud a recording is, told channel by channel. Quiet is not silent: where nothing in it is loud, somebody has to
listen for a voice."""

import numpy as np

from callwarden.adapters.audio.telephone import Samples

WINDOW_S = 0.02
ACTIVE_WINDOWS = 5
"""Sound in fewer windows than these on every channel (a tenth of a second in all) is silence."""

ACTIVE_SWING = 96.0
"""Sound: a swing from lowest to highest sample, in int16 steps, above this within a window. The quietest values of
A-law are at plus and minus 8 and the next at 24, so idle lines and their dither stay below (a swing of 48), while
speech 50 dB under full scale is above. A swing, not a level, so that a constant offset counts as silence."""

LOUD_SWING = 2 * 2.0**15 * 10 ** (-40 / 20)
"""A swing of 40 dB under full scale. What stays below may be hum or hiss alone, though it is no silence."""

COARSE_SWING = 1.5 * 256
"""The same for 8-bit PCM, whose one step is 256."""


class SilenceMeter:
    """Takes blocks (channels, frames) in int16's range, in order, from the start until `loud` or to the end."""

    def __init__(self, *, channels: int, sample_rate_hz: int, coarse: bool) -> None:
        self._window = max(1, round(sample_rate_hz * WINDOW_S))
        self._swing = COARSE_SWING if coarse else ACTIVE_SWING
        self._active = np.zeros(channels, dtype=np.int64)
        self._loud = np.zeros(channels, dtype=np.int64)
        self._windows = 0
        self.constant = True
        """Whether not even the least swing was met so far: nothing can be in it, however it is amplified."""

    def add(self, block: Samples) -> None:
        channels, frames = block.shape
        whole = frames - frames % self._window
        if whole:
            windows = block[:, :whole].reshape(channels, -1, self._window)
            self._take(windows.max(axis=2), windows.min(axis=2))
        if whole < frames:
            rest = block[:, whole:]
            self._take(rest.max(axis=1, keepdims=True), rest.min(axis=1, keepdims=True))

    def _take(self, highest: Samples, lowest: Samples) -> None:
        swings = highest.astype(np.float32) - lowest.astype(np.float32)
        self.constant = self.constant and not swings.any()
        self._active += (swings > self._swing).sum(axis=1)
        self._loud += (swings > LOUD_SWING).sum(axis=1)
        self._windows += swings.shape[1]

    @property
    def loud(self) -> bool:
        """Whether enough of it is loud to be sure, whatever follows: the rest need not be measured."""
        return int(self._loud.max()) >= ACTIVE_WINDOWS

    @property
    def silent(self) -> bool:
        """The verdict on a recording measured to its end, or until `loud`."""
        return int(self._active.max()) < min(ACTIVE_WINDOWS, self._windows)
