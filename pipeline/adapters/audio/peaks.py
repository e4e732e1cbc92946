"""The outline of a recording for a player to draw, without sending it the sound."""

import json

import numpy as np
import numpy.typing as npt

STEP_S = 0.02
MOST_POINTS = 2_000


class PeakMeter:
    """Takes blocks of int16 (channels, frames) in order."""

    def __init__(self, *, channels: int, sample_rate_hz: int) -> None:
        self._channels = channels
        self._rate = sample_rate_hz
        self._step = max(1, round(sample_rate_hz * STEP_S))
        self._rest = np.zeros((channels, 0), dtype=np.int16)
        self._highs: list[npt.NDArray[np.int8]] = []
        self._lows: list[npt.NDArray[np.int8]] = []
        self._frames = 0

    def add(self, block: npt.NDArray[np.int16]) -> None:
        self._frames += block.shape[1]
        pending = np.concatenate([self._rest, block], axis=1) if self._rest.shape[1] else block
        whole = pending.shape[1] - pending.shape[1] % self._step
        if whole:
            self._take(pending[:, :whole].reshape(self._channels, -1, self._step))
        self._rest = pending[:, whole:].copy()

    def _take(self, windows: npt.NDArray[np.int16]) -> None:
        self._highs.append((windows.max(axis=2) >> 8).astype(np.int8))
        self._lows.append((windows.min(axis=2) >> 8).astype(np.int8))

    def json(self) -> bytes:
        """`{"version","channels","sample_rate","samples_per_pixel","bits","length","duration_s","data"}`.

        `data` has one list a channel, lowest and highest in turn, in steps of 1/128 of full scale; `length` is
        the number of such pairs, at most 2,000.
        """
        if self._rest.shape[1]:
            self._take(self._rest[:, None, :])
            self._rest = self._rest[:, :0]
        highs = np.concatenate(self._highs, axis=1) if self._highs else np.zeros((self._channels, 0), np.int8)
        lows = np.concatenate(self._lows, axis=1) if self._lows else highs
        group = max(1, -(-highs.shape[1] // MOST_POINTS))
        starts = np.arange(0, highs.shape[1], group)
        if len(starts):
            highs = np.maximum.reduceat(highs, starts, axis=1)
            lows = np.minimum.reduceat(lows, starts, axis=1)
        pairs = np.stack([lows, highs], axis=2).reshape(self._channels, -1)
        return json.dumps(
            {
                "version": 2,
                "channels": self._channels,
                "sample_rate": self._rate,
                "samples_per_pixel": self._step * group,
                "bits": 8,
                "length": int(highs.shape[1]),
                "duration_s": self._frames / self._rate,
                "data": pairs.tolist(),
            },
            separators=(",", ":"),
        ).encode()
