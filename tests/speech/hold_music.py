"""Hold music by arithmetic: chords, a melody and a beat, loud enough for a telephone; no voice in it, no recording."""

from typing import Any

import numpy as np

RATE = 8000
BEAT_S = 0.5
CHORDS = ((220.0, 277.2, 329.6), (146.8, 220.0, 293.7), (164.8, 246.9, 329.6), (174.6, 220.0, 261.6))
MELODY = (659.3, 587.3, 554.4, 587.3, 659.3, 740.0, 880.0, 740.0)


def hold_music(seconds: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """One channel, the same sixteen seconds over and over."""
    beats = [_beat(number) for number in range(32)]
    once = np.concatenate(beats)
    whole: np.ndarray[Any, np.dtype[np.int16]] = np.tile(once, -(-seconds * RATE // len(once)))[: seconds * RATE]
    return whole


def _beat(number: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    at = np.arange(int(BEAT_S * RATE)) / RATE
    fading = np.exp(-2.5 * at)
    chord = sum(np.sin(2 * np.pi * tone * at) for tone in CHORDS[number // 8])
    tune = np.sin(2 * np.pi * MELODY[number % 8] * at) + 0.4 * np.sin(4 * np.pi * MELODY[number % 8] * at)
    drum = np.random.default_rng(number % 4).normal(0, 1, len(at)) * np.exp(-40 * at)
    made: np.ndarray[Any, np.dtype[np.int16]] = ((chord * 0.8 + tune * 1.5 + drum) * fading * 2500).astype(np.int16)
    return made
