"""Where there is a voice: Silero's probabilities, read once and used twice.

The same curve gives the coarse pieces that recognition works on and the fine ranges that words are held
against.
"""

import numpy as np
import numpy.typing as npt
from faster_whisper.vad import get_vad_model  # type: ignore[import-untyped]  # carries no types

from callwarden.adapters.speech.channels import RATE_HZ
from callwarden.adapters.speech.level import levelled

STEP = 512
"""Samples per probability."""

VOICE = 0.5
STILL_VOICE = 0.35
"""Once a voice is heard it goes on until the probability falls below this."""

Piece = tuple[int, int]
"""First sample and the one after the last."""


PART = 4096 * STEP
"""Two minutes: the model's own memory grows with what it is given at once."""
LEAD_IN = 640 * STEP
"""Twenty seconds heard again before each further part, for what the model remembers: probabilities stay within 0.06."""


def voice_curve(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """One probability for every 512 samples (32 ms) of a channel."""
    model = get_vad_model()
    curves = []
    for first in range(0, samples.shape[0] + 1, PART):
        begin = max(0, first - LEAD_IN)
        part = samples[begin : first + PART]
        # The model wants whole steps, and writes into what it is given.
        padded = np.pad(part, (0, STEP - part.shape[0] % STEP)) if first + PART > samples.shape[0] else part.copy()
        curves.append(np.asarray(model(padded), dtype=np.float32).reshape(-1)[(first - begin) // STEP :])
    return np.concatenate(curves)


LEAST_SPEECH_STEPS = 4
"""An eighth of a second in all."""


def holds_speech(channel: npt.NDArray[np.float32]) -> bool:
    """Whether somebody speaks in this part of a channel, at whatever level."""
    return int((voice_curve(levelled(channel)) >= VOICE).sum()) >= LEAST_SPEECH_STEPS


def voiced(
    curve: npt.NDArray[np.float32], *, frames: int, join_s: float, pad_s: float, least_s: float = 0.0
) -> list[Piece]:
    """Pieces of voice inside 0..`frames`: gaps shorter than `join_s` closed, those shorter than `least_s`
    dropped, the others padded by `pad_s` without overlap."""
    raw: list[Piece] = []
    start: int | None = None
    for index, probability in enumerate(curve):
        if start is None and probability >= VOICE:
            start = index * STEP
        elif start is not None and probability < STILL_VOICE:
            raw.append((start, index * STEP))
            start = None
    if start is not None:
        raw.append((start, frames))
    joined: list[Piece] = []
    for first, last in raw:
        if joined and first - joined[-1][1] < join_s * RATE_HZ:
            first = joined.pop()[0]
        joined.append((first, last))
    pad = int(pad_s * RATE_HZ)
    pieces: list[Piece] = []
    for first, last in joined:
        if last - first < least_s * RATE_HZ:
            continue
        first, last = max(0, first - pad), min(frames, last + pad)
        if pieces and first < pieces[-1][1]:
            middle = (first + pieces[-1][1]) // 2
            pieces[-1] = (pieces[-1][0], middle)
            first = middle
        pieces.append((first, last))
    return pieces
