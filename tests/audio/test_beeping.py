"""The beeped file: as long as the call to the sample, untouched outside its windows, nothing left inside (I9)."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callwarden.adapters.audio.beep import Beeper, one_second_of_tone
from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.adapters.audio.decode import Decoding
from callwarden.model.audio import AudioCaps, AudioFault, BeepSound, PlayerFormat
from callwarden.model.transcript import TimeRange
from callwarden.ports.audio import BadAudioError
from tests.support.audio_files import SAMPLES, encoded, sample, voice, wav

CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
WINDOWS = (TimeRange(start_s=2.5, end_s=2.96), TimeRange(start_s=15.27, end_s=16.66))


def samples_of(file: io.BytesIO, hint: str | None = None) -> np.ndarray[Any, np.dtype[Any]]:
    with Decoding(file, caps=CAPS, hint=hint) as decoding:
        return np.concatenate(list(decoding.blocks()), axis=1)


def inside(frames: int, windows: tuple[TimeRange, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.zeros(frames, dtype=np.bool_)
    for window in windows:
        found[round(window.start_s * 8000) : round(window.end_s * 8000)] = True
    return found


@pytest.mark.parametrize("sound", BeepSound)
def test_a_beeped_flac_is_the_call_outside_its_windows_and_the_sound_inside(sound: BeepSound) -> None:
    target = io.BytesIO()
    made = PyAvBeeper(sound=sound, form=PlayerFormat.FLAC).beep(sample("01.wav"), target, windows=WINDOWS, caps=CAPS)
    before, after = samples_of(sample("01.wav")), samples_of(target)
    assert made.frames == before.shape[1] == after.shape[1] == 262_889
    beeped = inside(made.frames, WINDOWS)
    assert np.array_equal(after[:, ~beeped], before[:, ~beeped])
    expected = 0 if sound is BeepSound.SILENCE else np.resize(one_second_of_tone(8000), made.frames)[beeped]
    assert np.array_equal(after[0, beeped], np.broadcast_to(expected, beeped.sum()))
    assert np.array_equal(after[1, beeped], after[0, beeped])
    assert (made.sample_rate_hz, made.channels, made.media_type) == (8000, 2, "audio/flac")


@pytest.mark.parametrize(
    "name",
    ["02_mono_alaw.wav", "07_mono_8k.mp3", "09_mono_gsm610.wav", "10_mono.gsm", "03_stereo_opus_16k.ogg"],
)
@pytest.mark.parametrize("form", PlayerFormat)
def test_the_frame_count_is_exact_whatever_comes_in_and_goes_out(name: str, form: PlayerFormat) -> None:
    hint = Path(name).suffix
    target = io.BytesIO()
    made = PyAvBeeper(sound=BeepSound.TONE, form=form).beep(sample(name), target, windows=WINDOWS, caps=CAPS, hint=hint)
    with Decoding(sample(name), caps=CAPS, hint=hint) as decoding:
        seconds = sum(block.shape[1] for block in decoding.blocks()) / decoding.sample_rate_hz
    assert made.frames == pytest.approx(seconds * 8000, abs=1)
    after = samples_of(target)
    assert after.shape[1] == made.frames * (6 if form is PlayerFormat.OPUS else 1)  # Opus always decodes at 48 kHz


def test_a_resampled_call_keeps_its_clock() -> None:
    """Opus at 48 kHz comes out at 8 kHz, aligned with the A-law original of the same call within a sample or so."""
    target = io.BytesIO()
    PyAvBeeper(sound=BeepSound.SILENCE, form=PlayerFormat.FLAC).beep(
        io.BytesIO(encoded(voice(seconds=5, rate=48_000), container="flac", codec="flac", rate=48_000)),
        target,
        windows=(),
        caps=CAPS,
    )
    got, truth = samples_of(target)[0].astype(float), voice(seconds=5)[0].astype(float)
    assert len(got) == len(truth)
    assert np.abs(got - truth)[100:-100].max() < 200


def test_nothing_is_left_in_a_window_that_starts_or_ends_inside_a_sample() -> None:
    block = np.ones((2, 100), dtype=np.int16)
    window = TimeRange(start_s=10.5 / 8000, end_s=20.5 / 8000)
    Beeper([window], sample_rate_hz=8000, sound=BeepSound.SILENCE).apply(block)
    assert np.flatnonzero(block[0] == 0).tolist() == list(range(10, 21))


@pytest.mark.parametrize("size", [1, 7, 1000, 8000, 20_001])
@pytest.mark.parametrize("sound", BeepSound)
def test_how_the_call_is_cut_into_blocks_changes_nothing(size: int, sound: BeepSound) -> None:
    windows = [
        TimeRange(start_s=0.0, end_s=0.1),
        TimeRange(start_s=0.4, end_s=2.3),
        TimeRange(start_s=2.4, end_s=99),
    ]
    whole = voice(seconds=2.5, channels=2)
    cut = whole.copy()
    Beeper(windows, sample_rate_hz=8000, sound=sound).apply(whole)
    beeper = Beeper(windows, sample_rate_hz=8000, sound=sound)
    for start in range(0, cut.shape[1], size):
        beeper.apply(cut[:, start : start + size])
    assert np.array_equal(whole, cut)


def test_the_original_is_only_read() -> None:
    source = sample("01.wav")
    before = source.getvalue()
    PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC).beep(source, io.BytesIO(), windows=WINDOWS, caps=CAPS)
    assert source.getvalue() == before


def test_a_damaged_call_is_not_beeped_but_refused() -> None:
    with pytest.raises(BadAudioError) as caught:
        PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC).beep(
            sample("bad_truncated.wav"), io.BytesIO(), windows=WINDOWS, caps=CAPS
        )
    assert caught.value.fault is AudioFault.LENGTH_MISMATCH


def test_the_waveform_shows_what_is_heard_and_no_more() -> None:
    made = PyAvBeeper(sound=BeepSound.SILENCE, form=PlayerFormat.FLAC).beep(
        sample("01.wav"), io.BytesIO(), windows=(TimeRange(start_s=0, end_s=20),), caps=CAPS
    )
    outline = json.loads(made.waveform)
    assert outline["channels"] == len(outline["data"]) == 2
    assert outline["length"] * 2 == len(outline["data"][0]) <= 4000
    pixel = outline["samples_per_pixel"] / 8000
    assert outline["length"] == pytest.approx(made.frames / 8000 / pixel, abs=1)
    quiet = int(20 / pixel) * 2
    assert set(outline["data"][0][:quiet]) == {0}
    assert max(outline["data"][0][quiet:]) > 20


MEMORY = """
import resource, sys, tempfile
from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.model.audio import AudioCaps, BeepSound, PlayerFormat
from callwarden.model.transcript import TimeRange
caps = AudioCaps(max_bytes=10**9, max_duration_s=14400, max_channels=2, max_sample_rate_hz=48000)
beeper = PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC)
windows = [TimeRange(start_s=10 * n, end_s=10 * n + 3) for n in range(300)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file, tempfile.TemporaryFile() as target:
    made = beeper.beep(file, target, windows=windows, caps=caps)
print(made.frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_is_flat_over_an_hour_of_stereo(tmp_path: Path) -> None:
    frames = 3600 * 8000
    path = tmp_path / "long.wav"
    path.write_bytes(wav(b"", channels=2, promised=2 * frames))
    with path.open("r+b") as file:
        file.truncate(44 + 2 * frames)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=SAMPLES.parents[2],
    )
    made, kilobytes = map(int, done.stdout.split())
    assert made == frames
    assert kilobytes * (1 if sys.platform == "darwin" else 1024) < 30_000_000
