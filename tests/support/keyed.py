"""Keys pressed on a telephone, and music that might be taken for them, by arithmetic; nobody's sound."""

import io
import wave
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

RATE = 8000
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
PAD = "123A456B789C*0#D"
Sound = npt.NDArray[np.float64]


def key(
    name: str, *, ms: float = 80, level_db: float = -10, twist_db: float = 0, off: float = 0, rate: int = RATE
) -> Sound:
    """One tone: `level_db` of both sines together below full scale, the high one `twist_db` over the low one, both
    `off` (a share) above their frequency."""
    at = np.arange(round(ms * rate / 1000)) / rate
    number = PAD.index(name)
    low = np.sin(2 * np.pi * LOW[number // 4] * (1 + off) * at)
    high = 10 ** (twist_db / 20) * np.sin(2 * np.pi * HIGH[number % 4] * (1 + off) * at + 1)
    both = low + high
    return np.asarray(both * 32768 * 10 ** (level_db / 20) / np.sqrt((both**2).mean()))


def keys(names: str, *, gap_ms: float = 60, rate: int = RATE, **each: float) -> tuple[Sound, list[tuple[float, float]]]:
    """Keys one after the other, and from when to when each sounds, in seconds."""
    parts: list[Sound] = []
    when: list[tuple[float, float]] = []
    at = 0
    for name in names:
        tone = key(name, rate=rate, **each)
        parts += [tone, np.zeros(round(gap_ms * rate / 1000))]
        when.append((at / rate, (at + len(tone)) / rate))
        at += len(tone) + len(parts[-1])
    return np.concatenate(parts), when


def noise(frames: int, *, level_db: float, seed: int = 1) -> Sound:
    return np.random.default_rng(seed).normal(0, 32768 * 10 ** (level_db / 20), frames)


def int16(channels: Sequence[Sound]) -> npt.NDArray[np.int16]:
    """(channels, frames), as long as the longest."""
    frames = max(len(channel) for channel in channels)
    whole = np.stack([np.pad(channel, (0, frames - len(channel))) for channel in channels])
    return np.clip(np.rint(whole), -32768, 32767).astype(np.int16)


def wave_file(samples: npt.NDArray[np.int16], *, rate: int = RATE) -> io.BytesIO:
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(samples.shape[0])
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(samples.T.astype("<i2").tobytes())
    file.seek(0)
    return file


TIMBRES: tuple[tuple[tuple[float, float], ...], ...] = (
    ((1, 1.0),),
    ((1, 1.0), (2, 0.6), (3, 0.3), (4, 0.4), (6, 0.15)),
    tuple((k, 1 / k) for k in range(1, 16)),
    tuple((k, 1 / k) for k in range(1, 16, 2)),
    ((1, 1.0), (2.76, 0.6), (5.4, 0.3)),
)
"""A pure tone, an organ, strings, a reed, bells: multiples of the note and how loud each is."""


def music(seconds: int, *, seed: int) -> npt.NDArray[np.int16]:
    """Chords and a melody over them, in some key, tuning, tempo and timbre; one channel."""
    chance = np.random.default_rng(seed)
    whole = np.zeros(seconds * RATE)
    accompaniment, tune = (TIMBRES[chance.integers(len(TIMBRES))] for _ in range(2))
    tuning = float(chance.choice([435, 438, 440, 442])) * 2 ** (chance.integers(12) / 12)
    scale = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))[chance.integers(2)]
    beat, fading = float(chance.choice([0.25, 0.3, 0.4, 0.5, 0.6])), float(chance.choice([0, 0, 2, 5]))

    def note(step: int, timbre: Any, start: float, length: float, loud: float) -> None:
        at = np.arange(int(length * RATE)) / RATE
        height = tuning * 2 ** (step / 12)
        sound = sum(a * np.sin(2 * np.pi * height * k * at) for k, a in timbre if height * k < RATE / 2)
        shape = np.minimum(1, np.minimum(at, length - at) / 0.02) * np.exp(-fading * at)
        first = int(start * RATE)
        part = whole[first : first + len(at)]
        part += (sound * shape * loud)[: len(part)]

    for bar in range(int(seconds / (4 * beat))):
        root, octave = int(chance.integers(7)), int(chance.choice([-12, 0, 0, 12]))
        for third in (0, 2, 4):
            step = scale[(root + third) % 7] + 12 * ((root + third) // 7) - 9 + octave
            note(step, accompaniment, 4 * bar * beat, 4 * beat, 0.5)
        for number in range(4):
            step = scale[chance.integers(7)] - 9 + int(chance.choice([0, 12, 12, 24]))
            note(step, tune, (4 * bar + number) * beat, beat, float(chance.choice([0.5, 1, 1.5])))
    return int16([whole / np.abs(whole).max() * 12000])
