"""The outline of a recording: true to a known sound on each channel, and of the same size however long it is."""

import json
import time
import tracemalloc

import numpy as np
import pytest

from callwarden.adapters.audio.peaks import MOST_POINTS, PeakMeter

RATE = 8_000


def blocks(seconds: int) -> list[np.ndarray[tuple[int, int], np.dtype[np.int16]]]:
    """A second each: on the first channel a tone as loud as its second, counted in hundreds; on the other one click."""
    tone = np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)
    made = []
    for second in range(seconds):
        block = np.zeros((2, RATE), np.int16)
        block[0] = (tone * 256 * (second % 100)).astype(np.int16)
        made.append(block)
    made[seconds // 2][1, 4_000] = -32_768
    return made


def outline_of(seconds: int) -> dict[str, object]:
    meter = PeakMeter(channels=2, sample_rate_hz=RATE)
    for block in blocks(seconds):
        meter.add(block)
    found: dict[str, object] = json.loads(meter.json())
    return found


@pytest.mark.parametrize("seconds", [1, 20, 100])
def test_a_known_sound_has_its_own_peaks_on_its_own_channel(seconds: int) -> None:
    outline = outline_of(seconds)
    data, length = outline["data"], outline["length"]
    assert isinstance(data, list)
    assert isinstance(length, int)
    assert outline["duration_s"] == seconds
    pixel = outline["samples_per_pixel"] / RATE  # type: ignore[operator]  # JSON
    for at in range(length):
        loudest = max(int(at * pixel), min(int((at + 1) * pixel - 1e-9), seconds - 1)) % 100
        low, high = data[0][2 * at : 2 * at + 2]
        assert high in {max(loudest - 1, 0), loudest}
        assert low in {-loudest, -loudest - 1}
    clicks = [at for at in range(length) if data[1][2 * at] == -128]
    assert clicks == [int((seconds // 2 + 0.5) / pixel)]
    assert sum(map(abs, data[1])) == 128


def test_two_hours_are_outlined_in_little_memory_and_few_points() -> None:
    second = blocks(60)
    meter = PeakMeter(channels=2, sample_rate_hz=RATE)
    began = time.thread_time()
    tracemalloc.start()
    for at in range(2 * 3600):
        meter.add(second[at % 60])
    made = meter.json()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000
    assert len(made) < 60_000
    assert json.loads(made)["length"] <= MOST_POINTS
    assert time.thread_time() - began < 30
