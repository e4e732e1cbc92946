"""Long calls are heard in stretches cut where nobody speaks, so that memory does not grow with their length."""

import io

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model  # type: ignore[import-untyped]  # carries no types

from callwarden.adapters.speech.channels import RATE_HZ, STRETCH_S, stretches
from callwarden.adapters.speech.voice import PART, STEP, voice_curve, voiced
from callwarden.model.audio import AudioCaps
from callwarden.model.transcript import TimeRange
from tests.support.audio_files import encoded, sample

CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)


def test_a_long_call_is_cut_in_its_quietest_place_and_nothing_is_lost() -> None:
    seconds = STRETCH_S + 40
    loud = np.random.default_rng(1).integers(-8000, 8000, size=(2, seconds * 8000)).astype(np.int16)
    quiet_from = STRETCH_S - 12
    loud[:, quiet_from * 8000 : (quiet_from + 2) * 8000] //= 400
    file = io.BytesIO(encoded(loud, container="wav", codec="pcm_s16le"))
    found = list(stretches(file, caps=CAPS, hint=None, pauses=()))
    assert len(found) == 2
    assert quiet_from < found[1].start_s < quiet_from + 2
    assert found[0].samples.shape[1] == found[1].start_s * RATE_HZ
    assert sum(part.samples.shape[1] for part in found) == seconds * RATE_HZ


def test_a_pause_is_silent_on_every_channel_and_nothing_else_is() -> None:
    pause = TimeRange(start_s=5.0, end_s=6.0)
    (whole,) = stretches(sample("02.wav"), caps=CAPS, hint=None, pauses=())
    (masked,) = stretches(sample("02.wav"), caps=CAPS, hint=None, pauses=[pause])
    inside = slice(5 * RATE_HZ, 6 * RATE_HZ)
    assert not masked.samples[:, inside].any()
    assert np.array_equal(masked.samples[:, : inside.start], whole.samples[:, : inside.start])
    assert np.array_equal(masked.samples[:, inside.stop + 1 :], whole.samples[:, inside.stop + 1 :])
    assert np.abs(whole.samples).max() <= 1.0


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([0, 0, 0], []),
        ([0, 0.9, 0.9, 0], [(512, 1536)]),
        ([0, 0.9, 0.4, 0.9, 0], [(512, 2048)]),
        ([0, 0.4, 0.4, 0], []),
        ([0.9, 0, 0.9, 0], [(0, 1536)]),
        ([0, 0, 0.9], [(1024, 1500)]),
    ],
)
def test_voice_begins_above_one_threshold_and_ends_below_another(
    curve: list[float], expected: list[tuple[int, int]]
) -> None:
    frames = 1500 if len(curve) == 3 else len(curve) * 512
    found = voiced(np.array(curve, dtype=np.float32), frames=frames, join_s=0.05, pad_s=0)
    assert found == expected


def test_padding_never_overlaps_a_neighbour() -> None:
    curve = np.array([0, 0.9, 0, 0, 0.9, 0], dtype=np.float32)
    assert voiced(curve, frames=3072, join_s=0.0, pad_s=1.0) == [(0, 1536), (1536, 3072)]


def test_a_long_channel_is_heard_in_parts_as_it_would_be_at_once() -> None:
    (call,) = stretches(sample("01.wav"), caps=CAPS, hint=None, pauses=())
    long = np.tile(call.samples.sum(axis=0), 5)[: PART + 30 * RATE_HZ]
    curve = voice_curve(long)
    at_once = get_vad_model()(np.pad(long, (0, STEP - len(long) % STEP))).reshape(-1)
    assert curve.shape == at_once.shape
    assert np.abs(curve - at_once).max() < 0.1
    assert voice_curve(long[:100]).shape == (1,)
