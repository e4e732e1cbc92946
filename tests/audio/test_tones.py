"""Keys pressed during a call are found whatever stands around them, and nothing else is taken for them (D6)."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callwarden.adapters.audio.tones import tones, tones_in
from callwarden.model.audio import AudioCaps
from callwarden.model.transcript import KeyedTones
from callwarden.rules.keyed_tones import keyed_tones
from tests.speech.hold_music import hold_music
from tests.support.audio_files import decoded, encoded
from tests.support.keyed import PAD, RATE, Sound, int16, keys, music, noise, wave_file

CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=96_000)
SUFFIXES = {"adts": "aac"}
ROLES = ("agent", "caller")
AT_S = 1.0
EDGE_S = 0.015
"""Of a tone, so much at most is outside of what is found; the padding of a beep is ten times that."""


def found_in(samples: "np.ndarray") -> tuple[KeyedTones, ...]:
    blocks = (samples[:, first : first + 16_384] for first in range(0, samples.shape[1], 16_384))
    return keyed_tones(tones(blocks), speakers=ROLES)


def found_in_file(file: io.BytesIO, hint: str) -> tuple[KeyedTones, ...]:
    return keyed_tones(tones_in(file, caps=CAPS, hint=hint), speakers=ROLES)


def after_a_second(sound: Sound, *, rate: int = RATE) -> Sound:
    return np.concatenate([np.zeros(int(AT_S * rate)), sound, np.zeros(rate)])


def assert_covers(
    found: tuple[KeyedTones, ...],
    when: list[tuple[float, float]],
    *,
    channels: tuple[int, ...],
    more_s: float = 0.1,
) -> None:
    """One sequence, on these channels, over every tone and hardly more."""
    assert [keyed.channels for keyed in found] == [channels]
    assert found[0].when.start_s <= AT_S + when[0][0] + EDGE_S
    assert found[0].when.end_s >= AT_S + when[-1][1] - EDGE_S
    assert found[0].when.length_s <= when[-1][1] - when[0][0] + more_s


def speech() -> Sound:
    """The agents and callers of three calls."""
    return np.concatenate([channel for name in ("01.wav", "02.wav", "11.wav") for channel in decoded_pcm(name)])


def decoded_pcm(name: str) -> "np.ndarray":
    return decoded(name).astype(np.float64)


@pytest.mark.parametrize("name", PAD)
def test_each_key_is_found_by_itself(name: str) -> None:
    sound, when = keys(name, ms=40)
    assert_covers(found_in(int16([after_a_second(sound)])), when, channels=(0,))


@given(
    names=st.text(PAD, min_size=3, max_size=20),
    ms=st.integers(40, 200),
    gap_ms=st.integers(40, 800),
    level_db=st.integers(-40, -6),
    twist_db=st.integers(-9, 9),
    off=st.sampled_from([-0.015, -0.005, 0, 0.005, 0.015]),
    below_db=st.integers(10, 40),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_keys_of_any_length_level_and_twist_are_found_in_noise(
    names: str, ms: int, gap_ms: int, level_db: int, twist_db: int, off: float, below_db: int, seed: int
) -> None:
    # Three times the same key, off its frequency, is a note of music as well as a key: two keys make it certain.
    names = "12" + names
    sound, when = keys(names, ms=ms, gap_ms=gap_ms, level_db=level_db, twist_db=twist_db, off=off)
    line = after_a_second(sound)
    line = line + noise(len(line), level_db=level_db - below_db, seed=seed)
    # Where noise made one unclear, one more might stand at either end.
    assert_covers(found_in(int16([line])), when, channels=(0,), more_s=2.1)


@pytest.mark.parametrize("over_db", [10, 0])
def test_keys_are_found_under_somebody_speaking(over_db: int) -> None:
    """The voice is as loud as the tones, or ten decibels less."""
    voice = decoded_pcm("01.wav")
    spoken = voice[1] if np.abs(voice[1]).mean() > np.abs(voice[0]).mean() else voice[0]
    loud = np.sqrt((spoken[np.abs(spoken) > 200] ** 2).mean())
    spoken = spoken * (32768 * 10 ** ((-20 - over_db) / 20) / loud)
    for first in range(0, len(spoken) - 5 * RATE, 3 * RATE):
        sound, when = keys("4970#", ms=80, gap_ms=150, level_db=-20)
        line = after_a_second(sound)
        line = line + spoken[first : first + len(line)]
        found = found_in(int16([line]))
        assert len(found) == 1
        assert found[0].when.start_s <= AT_S + EDGE_S
        assert found[0].when.end_s >= AT_S + when[-1][1] - EDGE_S


@pytest.mark.parametrize("rate", [6000, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000])
def test_keys_are_found_at_every_rate(rate: int) -> None:
    sound, when = keys("159D", ms=40, gap_ms=40, rate=rate)
    file = wave_file(int16([after_a_second(sound, rate=rate)]), rate=rate)
    assert_covers(found_in_file(file, ".wav"), when, channels=(0,))


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("wav", "pcm_alaw", 8000),
        ("wav", "pcm_mulaw", 8000),
        ("wav", "pcm_u8", 8000),
        ("wav", "adpcm_ima_wav", 8000),
        ("flac", "flac", 8000),
        ("ogg", "libopus", 48000),
        ("mp3", "libmp3lame", 8000),
        ("adts", "aac", 16000),
    ],
)
def test_keys_are_found_in_what_codecs_leave_of_them(container: str, codec: str, rate: int) -> None:
    sound, when = keys("4970101234567890", ms=60, gap_ms=60, rate=rate)
    samples = int16([after_a_second(sound, rate=rate), noise(rate, level_db=-50)])
    found = found_in_file(
        io.BytesIO(encoded(samples, container=container, codec=codec, rate=rate)),
        f".{SUFFIXES.get(container, container)}",
    )
    assert [keyed.channels for keyed in found] == [(0,)]
    assert found[0].when.start_s <= AT_S + 0.08
    assert found[0].when.end_s >= AT_S + when[-1][1] - EDGE_S


def test_one_quiet_channel_of_two_is_enough() -> None:
    sound, when = keys("0000", ms=40, gap_ms=40, level_db=-30)
    line = after_a_second(sound)
    line = line + noise(len(line), level_db=-50)
    found = found_in(int16([noise(len(line), level_db=-30, seed=2), line]))
    assert_covers(found, when, channels=(1,))
    assert found[0].speaker == "caller"


def test_keys_that_reach_the_other_channel_too_are_one_sequence_of_whoever_pressed_them() -> None:
    sound, when = keys("2580#")
    line = after_a_second(sound)
    assert_covers(found_in(int16([line * 0.05, line])), when, channels=(1, 0))


def test_a_long_call_is_read_piece_by_piece_and_keys_across_the_pieces_stay_whole() -> None:
    """Blocks of any size give the same; the pieces that are looked at together end every thirty seconds."""
    sound, when = keys("4970101234567890", ms=100, gap_ms=100)
    line = np.zeros(95 * RATE)
    for start_s in (28.5, 58.95, 88.0):
        line[int(start_s * RATE) : int(start_s * RATE) + len(sound)] += sound
    samples = int16([line])
    found = found_in(samples)
    assert [round(keyed.when.start_s, 1) for keyed in found] == [28.5, 58.9, 88.0]
    assert {round(keyed.when.length_s, 1) for keyed in found} == {round(when[-1][1], 1)}
    uneven = np.split(samples, np.cumsum([7, 999, 12_345, 300_001, 1]), axis=1)
    assert keyed_tones(tones(uneven), speakers=ROLES) == found


def test_a_key_held_for_a_minute_is_covered_whole() -> None:
    sound, when = keys("5", ms=60_000)
    assert_covers(found_in(int16([after_a_second(sound)])), when, channels=(0,))


def test_half_an_hour_of_speech_holds_no_key() -> None:
    """Talk-off: voices as they are and in other pitches, which puts their harmonics elsewhere."""
    spoken, seconds = speech(), 0.0
    for pitch in (0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.17, 1.25):
        other = np.interp(np.arange(0, len(spoken) - 1, pitch), np.arange(len(spoken)), spoken)
        seconds += len(other) / RATE
        assert found_in(int16([other])) == (), pitch
    assert seconds > 30 * 60


def test_twenty_minutes_of_music_hold_no_key() -> None:
    assert found_in(hold_music(60)[None]) == ()
    for seed in range(40):
        assert found_in(music(30, seed=seed)) == (), seed


def test_noise_and_the_beep_itself_hold_no_key() -> None:
    from callwarden.adapters.audio.beep import one_second_of_tone

    assert found_in(int16([noise(60 * RATE, level_db=-20)])) == ()
    assert found_in(np.tile(one_second_of_tone(RATE), 5)[None]) == ()
    assert found_in(np.zeros((2, 10), dtype=np.int16)) == ()


def test_which_keys_they_were_is_printed_nowhere() -> None:
    sound, _ = keys("4970")
    heard = list(tones([int16([after_a_second(sound)])]))
    assert len(heard) >= 4
    printed = repr(heard) + repr(keyed_tones(heard, speakers=ROLES))
    assert "key=" not in printed
