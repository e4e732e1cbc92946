"""Tones of keys (DTMF, ITU-T Q.23) in samples, by numpy, block after block.

A frame of 25 ms begins every 5 ms. In it one of the four low frequencies and one of the four high ones are looked for:
each has to hold most of the power of its own band, and from frame to frame its phase has to advance as that frequency's
does, which the harmonics of a voice do for a moment only. Level, twist and whatever else sounds below or above matter
little: that is what finds a key under speech.

No library does this: those for Python are one loop a sample, and none was measured on speech.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio.decode import Decoding
from callwarden.adapters.audio.resample import resampled
from callwarden.model.audio import AudioCaps
from callwarden.model.transcript import TimeRange
from callwarden.rules.keyed_tones import Surety, Tone

RATE_HZ = 8_000
FRAME = 200
STEP = 40
LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = "123A456B789C*0#D"

BLOCK = 30 * RATE_HZ
LONGEST = 10 * RATE_HZ
"""A tone held for longer is cut in two, so that no more than this is ever kept of one."""

FFT = 256
LOW_BAND_HZ, HIGH_BAND_HZ = (590.0, 1065.0), (1090.0, 1790.0)
LEAST_POWER = 2.0
"""In squared steps of int16: 87 dB below full scale."""
TWIST_DB = 13.0
"""The standard asks for 8 and 4; recorders and codecs add to it."""
OFF = 0.03
"""Frequencies further off are no key's; the standard asks for 1.8 % to be taken and 3.5 % to be refused."""
IN_BAND = 0.5
"""Least share of a band's power in its tone for a frame to count at all."""
CORE = 3
"""So many frames in a row, the clearest of a tone, are judged: what is inside a tone of 40 ms."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needed:
    """What the clearest frames of a tone show at least: share of each band, share of everything, frames in all; and at
    most: deviation of either frequency from the key's, and how much it varies, in hertz."""

    in_band: float
    in_all: float
    frames: int
    off: float
    wander_hz: float


# In 197 minutes of speech (voices as they are and in twelve other pitches) these are met 0, 0, 45 and some 1200 times.
NEEDED = (
    (Surety.ALONE, _Needed(in_band=0.85, in_all=0.75, frames=3, off=0.006, wander_hz=8)),
    (Surety.WITH_ANOTHER, _Needed(in_band=0.85, in_all=0.75, frames=3, off=0.018, wander_hz=8)),
    (Surety.AMONG_OTHERS, _Needed(in_band=0.7, in_all=0.1, frames=4, off=0.018, wander_hz=10)),
    (Surety.FAINT, _Needed(in_band=0.5, in_all=0.0, frames=3, off=0.025, wander_hz=20)),
)


def tones_in(file: BinaryIO, *, caps: AudioCaps, hint: str | None) -> list[Tone]:
    """Every tone that may be a key. Raises as `callwarden.ports.audio.AudioProbe`."""
    with Decoding(file, caps=caps, hint=hint) as decoding:
        return list(tones(resampled(decoding.blocks(), rate=decoding.sample_rate_hz, to_rate=RATE_HZ)))


def tones(blocks: Iterable[npt.NDArray[np.int16]]) -> Iterator[Tone]:
    """The tones in `blocks` (channels, frames) of 8 kHz, in order. Memory does not grow with their number."""
    held: list[Floats] = []
    frames = begin = 0
    for block in blocks:
        held.append(block.astype(np.float32))
        frames += block.shape[1]
        if frames >= BLOCK:
            whole = np.concatenate(held, axis=1)
            done, found = _tones(whole, begin, final=False)
            yield from found
            held, frames, begin = [whole[:, done:]], whole.shape[1] - done, begin + done
    if frames:
        whole = np.concatenate(held, axis=1)
        yield from _tones(np.pad(whole, ((0, 0), (0, FRAME + STEP))), begin, final=True)[1]


def _tones(samples: Floats, begin: int, *, final: bool) -> tuple[int, list[Tone]]:
    """The tones that end in `samples`, and how many samples need not be seen again."""
    channels = [_Channel(each) for each in samples]
    count = len(channels[0].key)
    done = count if final else min(channel.settled(count - LONGEST // STEP) for channel in channels)
    found = [tone for number, channel in enumerate(channels) for tone in channel.tones(number, done, begin)]
    return done * STEP, found


class _Channel:
    """What each frame of one channel shows. `key` is the number of the key it may be part of, -1 where it is none."""

    def __init__(self, samples: Floats) -> None:
        framed = np.lib.stride_tricks.sliding_window_view(np.ascontiguousarray(samples), FRAME)[::STEP] * _WINDOW
        turned = framed @ _WAVES
        waves = turned[:, :8] + 1j * turned[:, 8:]
        power = _squared(waves[:-1]) / 2
        count = len(power)
        row = np.arange(count)
        low, high = power[:, :4].argmax(axis=1), 4 + power[:, 4:].argmax(axis=1)
        self.off_low, self.off_high = _off(waves, row, low), _off(waves, row, high)
        self.low = power[row, low] / _loss(self.off_low)
        self.high = power[row, high] / _loss(self.off_high)
        self.all = np.einsum("ij,ij->i", framed, framed)[:count] / _WINDOW_POWER + 1e-3
        bands = np.fft.rfft(framed, FFT, axis=1)[:count, _LOW_BAND.start : _HIGH_BAND.stop]
        spectrum = _squared(bands) * np.float32(2 / FFT / _WINDOW_POWER)
        between = _LOW_BAND.stop - _LOW_BAND.start
        self.in_band = np.minimum(
            self.low / (spectrum[:, :between].sum(axis=1) + 1e-3),
            self.high / (spectrum[:, between:].sum(axis=1) + 1e-3),
        )
        self.off_low /= np.take(LOW_HZ, low)
        self.off_high /= np.take(HIGH_HZ, high - 4)
        twist = 10 ** (TWIST_DB / 10)
        may_be = (
            (self.low + self.high > LEAST_POWER)
            & (self.in_band > IN_BAND)
            & (np.abs(self.off_low) < OFF)
            & (np.abs(self.off_high) < OFF)
            & (self.low < self.high * twist)
            & (self.high < self.low * twist)
        )
        self.key = np.where(may_be, low * 4 + high - 4, -1)

    def settled(self, at_least: int) -> int:
        """The first frame that has to be seen again with what follows: none of a tone that may go on."""
        none = np.flatnonzero(self.key == -1)
        return max(at_least, 0 if len(none) == 0 else int(none[-1]))

    def tones(self, channel: int, until: int, begin: int) -> Iterator[Tone]:
        key = self.key[:until]
        edges = np.flatnonzero(np.diff(key, prepend=-1, append=-1))
        for first, last in pairwise(map(int, edges)):
            if key[first] == -1 or last - first < CORE:
                continue
            means = np.convolve(self.in_band[first:last], np.full(CORE, 1 / CORE), "valid")
            core = slice(first + int(means.argmax()), first + int(means.argmax()) + CORE)
            surety = self._surety(core, last - first)
            if surety is not None:
                yield Tone(
                    channel=channel,
                    when=TimeRange(
                        start_s=(begin + first * STEP) / RATE_HZ,
                        end_s=(begin + (last - 1) * STEP + FRAME) / RATE_HZ,
                    ),
                    key=KEYS[key[first]],
                    level_db=float(10 * np.log10((self.low[core] + self.high[core]).mean() / 2.0**30)),
                    surety=surety,
                )

    def _surety(self, core: slice, frames: int) -> Surety | None:
        in_band = self.in_band[core].mean()
        in_all = ((self.low[core] + self.high[core]) / self.all[core]).mean()
        off = max(abs(self.off_low[core].mean()), abs(self.off_high[core].mean()))
        wander = max(np.ptp(self.off_low[core]) * np.mean(LOW_HZ), np.ptp(self.off_high[core]) * np.mean(HIGH_HZ))
        for surety, needed in NEEDED:
            if (
                frames >= needed.frames
                and in_band > needed.in_band
                and in_all > needed.in_all
                and off < needed.off
                and wander < needed.wander_hz
            ):
                return surety
        return None


def _squared(waves: npt.NDArray[np.complexfloating[Any, Any]]) -> Floats:
    squares: Floats = waves.real**2 + waves.imag**2
    return squares


def _off(waves: npt.NDArray[np.complex64], row: npt.NDArray[np.intp], which: npt.NDArray[np.intp]) -> Floats:
    """How far the sound of each frame is from the frequency looked for, in hertz: where the next frame's phase is,
    against where that frequency would have brought it."""
    turn = waves[row + 1, which] * np.conj(waves[row, which]) * _ADVANCE[which]
    off: Floats = np.angle(turn) * np.float32(RATE_HZ / STEP / (2 * np.pi))
    return off


def _loss(off_hz: Floats) -> Floats:
    """What is left of a tone's power by the window (Hann) where it is so far from the frequency looked for."""
    bins = np.minimum(np.abs(off_hz) * FRAME / RATE_HZ, 0.99)
    left: Floats = np.maximum((np.sinc(bins) / (1 - bins**2)) ** 2, 0.5)
    return left


def _bins(band_hz: tuple[float, float]) -> slice:
    frequencies = np.fft.rfftfreq(FFT, 1 / RATE_HZ)
    inside = np.flatnonzero((frequencies > band_hz[0]) & (frequencies < band_hz[1]))
    return slice(int(inside[0]), int(inside[-1]) + 1)


_WINDOW: Floats = np.hanning(FRAME + 1)[:-1].astype(np.float32)
_WINDOW_POWER = float((_WINDOW**2).sum())
_HZ = np.array([*LOW_HZ, *HIGH_HZ])
_TURNS = np.exp(-2j * np.pi * _HZ * np.arange(FRAME)[:, None] / RATE_HZ) * (2 / _WINDOW.sum())
_WAVES: Floats = np.concatenate([_TURNS.real, _TURNS.imag], axis=1).astype(np.float32)
"""(FRAME, 16): real and imaginary parts; a sine of amplitude A comes out as a number of size A."""
_ADVANCE = np.exp(-2j * np.pi * _HZ * STEP / RATE_HZ).astype(np.complex64)
_LOW_BAND, _HIGH_BAND = _bins(LOW_BAND_HZ), _bins(HIGH_BAND_HZ)
