"""Keys pressed (DTMF) looked for in an hour of two channels: what one core takes, against how long the sound lasts."""

import statistics
import time

import numpy as np

from callwarden.adapters.audio.tones import tones_in
from callwarden.model.audio import AudioCaps
from tests.support.audio_files import decoded
from tests.support.keyed import RATE, int16, keys, wave_file

CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
SECONDS = 3600
RUNS = 3


def run() -> dict[str, dict[str, float | int]]:
    """Seconds for the whole file, decoding included; `ratio` says how many times faster than the sound."""
    pressed, _ = keys("4970101234567893#")
    once = np.concatenate([decoded("01.wav"), int16([np.zeros(len(pressed)), pressed])], axis=1)
    whole = np.tile(once, -(-SECONDS * RATE // once.shape[1]))[:, : SECONDS * RATE]
    file = wave_file(whole)
    ours = []
    for _ in range(RUNS):
        began = time.process_time()  # of all threads together: what one core takes
        found = tones_in(file, caps=CAPS, hint=".wav")
        ours.append(time.process_time() - began)
        assert len(found) >= 16 * (whole.shape[1] // once.shape[1])
    ratios = sorted(SECONDS / seconds for seconds in ours)
    return {
        "tones": {
            "ours": statistics.median(ours),
            "baseline": float(SECONDS),
            "ratio": statistics.median(ratios),
            "runs": RUNS,
            "spread": ratios[-1] - ratios[0],
        }
    }


if __name__ == "__main__":
    for name, figures in run().items():
        print(name, figures)
