"""Beeping in place against joining slices with pydub: ten minutes of stereo, a hundred beeps, the same sound."""

import array
import statistics
import time
import warnings
from typing import Any

import numpy as np

from callwarden.adapters.audio.beep import Beeper, one_second_of_tone
from callwarden.model.audio import BeepSound
from callwarden.model.transcript import TimeRange

with warnings.catch_warnings():
    # pydub looks for an ffmpeg command and warns without one; joining slices needs none.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment  # type: ignore[import-untyped]  # pydub carries no types

RATE = 8_000
MINUTES = 10
BEEPS = 100
RUNS = 5


def _call() -> "np.ndarray[Any, np.dtype[np.int16]]":
    random = np.random.default_rng(1)
    return random.integers(-9000, 9000, size=(2, MINUTES * 60 * RATE)).astype(np.int16)


def _windows() -> list[TimeRange]:
    return [TimeRange(start_s=6.0 * n + 1.0, end_s=6.0 * n + 2.5) for n in range(BEEPS)]


def _ours(samples: "np.ndarray[Any, np.dtype[np.int16]]") -> float:
    """Beeps a copy, block by block as the worker does; the copy is part of the time."""
    began = time.perf_counter()
    beeper = Beeper(_windows(), sample_rate_hz=RATE, sound=BeepSound.TONE)
    beeped = samples.copy()
    for start in range(0, beeped.shape[1], 32_768):
        beeper.apply(beeped[:, start : start + 32_768])
    return time.perf_counter() - began


def _baseline(segment: Any, tone: Any) -> float:
    began = time.perf_counter()
    out, at = segment[:0], 0
    for window in _windows():
        start, end = round(window.start_s * 1000), round(window.end_s * 1000)
        out = out + segment[at:start] + tone[: end - start]
        at = end
    out = out + segment[at:]
    assert abs(len(out) - len(segment)) < 1_000
    return time.perf_counter() - began


def run() -> dict[str, dict[str, float | int]]:
    """Seconds for one call; `ratio` says how many times faster ours is."""
    samples = _call()
    segment = AudioSegment(data=np.ascontiguousarray(samples.T).tobytes(), sample_width=2, frame_rate=RATE, channels=2)
    second = np.repeat(one_second_of_tone(RATE), 2)
    tone = AudioSegment(
        data=array.array("h", second.tolist()).tobytes() * 2, sample_width=2, frame_rate=RATE, channels=2
    )
    ours, theirs = [], []
    for _ in range(RUNS):
        theirs.append(_baseline(segment, tone))
        ours.append(_ours(samples))
    ratios = sorted(their / our for their, our in zip(theirs, ours, strict=True))
    return {
        "beep": {
            "ours": statistics.median(ours),
            "baseline": statistics.median(theirs),
            "ratio": statistics.median(ratios),
            "runs": RUNS,
            "spread": ratios[-1] - ratios[0],
        }
    }


if __name__ == "__main__":
    for name, figures in run().items():
        print(name, figures)
