"""What is quiet is brought up before anybody listens; what is not stays as it is."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.speech.channels import stretches
from callwarden.adapters.speech.level import QUIET_RMS, RATE_HZ, USUAL_RMS, levelled
from callwarden.adapters.speech.voice import VOICE, holds_speech, voice_curve
from callwarden.model.audio import AudioCaps
from tests.support.audio_files import decoded, encoded

CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


def noise(level: float, seconds: float = 5) -> np.ndarray:
    drawn = np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ)) * level
    return drawn.astype(np.float32)


@given(down_db=st.floats(41, 90), offset=st.floats(-0.1, 0.1))
def test_a_quiet_channel_comes_to_the_usual_level_without_its_offset(down_db: float, offset: float) -> None:
    raised = levelled(noise(10 ** (-down_db / 20)) + np.float32(offset))
    assert rms(raised) == pytest.approx(USUAL_RMS, rel=0.1)
    assert abs(float(raised.mean())) < 0.01


@given(level=st.floats(QUIET_RMS * 1.1, 0.3))
def test_a_channel_of_ordinary_level_is_untouched(level: float) -> None:
    channel = noise(level)
    assert levelled(channel) is channel


def test_a_click_does_not_tell_the_level() -> None:
    channel = noise(0.001)
    channel[40_000:40_200] = 1
    raised = levelled(channel)
    assert rms(raised[:30_000]) == pytest.approx(USUAL_RMS, rel=0.1)
    assert np.abs(raised).max() <= 1


def test_nothing_stays_nothing() -> None:
    assert not levelled(np.zeros(RATE_HZ, dtype=np.float32)).any()
    assert not len(levelled(np.zeros(0, dtype=np.float32)))


@pytest.mark.parametrize("down_db", [45, 55])
def test_a_quiet_call_is_heard_where_it_is_spoken_in(down_db: int) -> None:
    """Beside a channel of ordinary level, as a caller far from the microphone is."""
    spoken = decoded("05_mono_pcm16.wav")[:, :160_000]
    quiet = np.round(spoken * 10 ** (-down_db / 20)).astype(np.int16)
    both = np.concatenate([spoken, quiet])
    (call,) = stretches(io.BytesIO(encoded(both, container="wav", codec="pcm_s16le")), caps=CAPS, hint=None, pauses=())
    usual, raised = (voice_curve(channel) >= VOICE for channel in call.samples)
    assert (usual & raised).sum() > 0.75 * usual.sum()


def test_noise_holds_no_speech_however_far_it_is_raised() -> None:
    assert not any(holds_speech(noise(10 ** (-down_db / 20))) for down_db in (20, 45, 60, 80))
