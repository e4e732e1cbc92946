"""What the probe says of files nobody vouches for. Serves the bad-input promises: unreadable_audio, silent_audio,
length_mismatch, oversized_audio, each told apart, in flat memory."""

import contextlib
import io
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from callwarden.adapters.audio import telephone
from callwarden.adapters.audio.decode import Decoding, Samples
from callwarden.adapters.audio.probe import AudioInspector
from callwarden.adapters.audio.riff import read_riff
from callwarden.adapters.speech.voice import holds_speech
from callwarden.model.audio import AudioCaps, AudioFault
from callwarden.model.outcome import Reason
from callwarden.ports.audio import BadAudioError
from tests.support.audio_files import SAMPLES, encoded, sample, voice, wav

PROBE = AudioInspector(holds_speech)


@pytest.fixture
def caps() -> AudioCaps:
    return AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)


def fault_of(file: bytes | BinaryIO, caps: AudioCaps, hint: str | None = ".wav") -> AudioFault:
    with pytest.raises(BadAudioError) as caught:
        PROBE.inspect(io.BytesIO(file) if isinstance(file, bytes) else file, caps=caps, hint=hint)
    return caught.value.fault


@pytest.mark.parametrize(
    ("name", "codec", "channels", "rate", "frames"),
    [
        ("01.wav", "pcm_alaw", 2, 8000, 262_889),
        ("02_mono_alaw.wav", "pcm_alaw", 1, 8000, 199_252),
        ("05_mono_pcm16.wav", "pcm_s16le", 1, 8000, 221_250),
        ("08_mono_ulaw.wav", "pcm_mulaw", 1, 8000, 226_324),
        ("09_mono_gsm610.wav", "gsm_ms", 1, 8000, 209_600),
        ("10_mono.gsm", "gsm", 1, 8000, 201_120),
        ("03_stereo_opus_16k.ogg", "opus", 2, 48_000, 1_587_252),
        ("07_mono_8k.mp3", "mp3float", 1, 8000, 200_248),
    ],
)
def test_a_call_is_read_whatever_codec_it_comes_in(
    name: str, codec: str, channels: int, rate: int, frames: int, caps: AudioCaps
) -> None:
    facts = PROBE.inspect(sample(name), caps=caps, hint=Path(name).suffix)
    assert (facts.codec, facts.channels, facts.sample_rate_hz, facts.frames) == (
        codec,
        channels,
        rate,
        frames,
    )
    assert facts.duration_s == pytest.approx(frames / rate)
    assert not facts.silent


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_u8"),
        ("wav", "pcm_s24le"),
        ("wav", "pcm_s32le"),
        ("wav", "pcm_f32le"),
        ("wav", "adpcm_ima_wav"),
        ("wav", "adpcm_ms"),
        ("flac", "flac"),
        ("mp3", "mp3"),
        ("ogg", "libopus"),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_codec_gives_the_same_loudness(container: str, codec: str, channels: int, caps: AudioCaps) -> None:
    rate = 48_000 if codec == "libopus" else 8_000
    spoken = voice(seconds=2, rate=rate, channels=channels)
    file = io.BytesIO(encoded(spoken, container=container, codec=codec, rate=rate))
    with Decoding(file, caps=caps) as decoding:
        found = loudness(np.concatenate(list(decoding.blocks()), axis=1))
    assert found == pytest.approx(loudness(spoken), abs=0.5)
    facts = PROBE.inspect(file, caps=caps)
    assert facts.duration_s == pytest.approx(2, abs=0.1)
    assert not facts.silent


def loudness(samples: Samples) -> list[float]:
    """Decibels below full scale, channel by channel."""
    energy = np.mean(np.square(samples.astype(np.float64) / 2**15), axis=1)
    return [10 * math.log10(one) for one in energy]


@pytest.mark.parametrize(("codec", "tag"), [("pcm_alaw", 6), ("pcm_mulaw", 7), ("pcm_s16le", 1)])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_formats_read_by_hand_give_the_samples_that_ffmpeg_gives(
    codec: str, tag: int, channels: int, caps: AudioCaps
) -> None:
    every_code = bytes(range(256)) * 512
    file = io.BytesIO(wav(every_code, tag=tag, bits=16 if codec == "pcm_s16le" else 8, channels=channels))
    wave = read_riff(file, size=len(file.getvalue()))
    assert telephone.codec_of(wave) == codec
    by_hand = np.concatenate(list(telephone.blocks(file, wave)), axis=1)
    with Decoding(file, caps=caps) as decoding:
        by_ffmpeg = np.concatenate(list(decoding.blocks()), axis=1)
    assert np.array_equal(by_hand, by_ffmpeg)
    assert PROBE.inspect(file, caps=caps).frames == by_hand.shape[1] == telephone.frames_of(wave)


def test_the_faults_are_reasons_of_the_outcome_vocabulary() -> None:
    assert {fault.value for fault in AudioFault} <= {reason.value for reason in Reason}


def test_a_file_shorter_than_its_header_promises_is_a_length_mismatch(caps: AudioCaps) -> None:
    assert fault_of(sample("bad_truncated.wav"), caps) is AudioFault.LENGTH_MISMATCH


def test_sound_behind_the_promised_length_counts(caps: AudioCaps) -> None:
    """A recorder that was stopped had written its header before: nothing is missing, and nothing goes unheard."""
    assert PROBE.inspect(io.BytesIO(wav(b"\x11\x91" * 40_000, promised=8_000)), caps=caps).frames == 80_000


def test_chunks_behind_the_data_are_no_sound(caps: AudioCaps) -> None:
    """A Latin-1 title, as French telephone systems write it, is neither an error nor sound."""
    title = "Société".encode("latin-1") + b"\0"
    tags = b"LIST" + (12 + len(title)).to_bytes(4, "little") + b"INFOINAM" + len(title).to_bytes(4, "little") + title
    facts = PROBE.inspect(io.BytesIO(wav(b"\x11\x91" * 4_000) + tags), caps=caps)
    assert facts.frames == 8_000


def test_a_length_left_open_is_no_promise(caps: AudioCaps) -> None:
    facts = PROBE.inspect(io.BytesIO(wav(b"\x11\x91" * 4_000, promised=0xFFFFFFFF)), caps=caps)
    assert facts.frames == 8_000


@pytest.mark.parametrize(("container", "codec"), [("flac", "flac"), ("ogg", "libopus"), ("mp3", "mp3")])
def test_a_compressed_file_cut_in_the_middle_is_a_length_mismatch(container: str, codec: str, caps: AudioCaps) -> None:
    whole = encoded(voice(seconds=5, rate=48_000), container=container, codec=codec, rate=48_000)
    assert fault_of(whole[: len(whole) * 2 // 3], caps) is AudioFault.LENGTH_MISMATCH


def test_a_raw_gsm_file_needs_its_suffix(caps: AudioCaps) -> None:
    whole = sample("10_mono.gsm").getvalue()
    assert fault_of(whole, caps, hint=None) is AudioFault.UNREADABLE
    assert PROBE.inspect(io.BytesIO(whole[:-7]), caps=caps, hint=".gsm").frames == 200_960
    assert fault_of(sample("bad_text_not_audio.wav"), caps, hint=".gsm") is AudioFault.UNREADABLE


@pytest.mark.parametrize("name", ["bad_zero_bytes.wav", "bad_text_not_audio.wav"])
def test_what_is_no_audio_is_unreadable(name: str, caps: AudioCaps) -> None:
    assert fault_of(sample(name), caps) is AudioFault.UNREADABLE


@pytest.mark.parametrize(
    "text",
    [
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
    ],
)
@pytest.mark.parametrize("hint", [".wav", ".m3u8", ".gsm", ".mp3"])
def test_a_file_that_points_elsewhere_leads_nowhere(text: bytes, hint: str, caps: AudioCaps) -> None:
    assert fault_of(text, caps, hint=hint) is AudioFault.UNREADABLE


def test_a_damaged_flac_is_unreadable_or_short_but_never_a_crash(caps: AudioCaps) -> None:
    whole = bytearray(encoded(voice(seconds=5), container="flac", codec="flac"))
    random = np.random.default_rng(7)
    for _ in range(40):
        broken = bytearray(whole)
        for at in random.integers(4, len(whole), size=20):
            broken[at] = int(random.integers(256))
        with contextlib.suppress(BadAudioError):
            assert PROBE.inspect(io.BytesIO(bytes(broken)), caps=caps).frames == 40_000


def test_digital_silence_is_silent_in_a_law_where_it_is_not_zero(caps: AudioCaps) -> None:
    assert PROBE.inspect(sample("bad_silent.wav"), caps=caps).silent


@pytest.mark.parametrize("fill", [b"\x00", b"\x55", b"\xd5", b"\x80", b"\xd5\x55"])
def test_a_constant_is_silent_whatever_its_level(fill: bytes, caps: AudioCaps) -> None:
    """Files filled with one byte decode to a constant far from zero; nobody speaks in them."""
    assert PROBE.inspect(io.BytesIO(wav(fill * 20_000)), caps=caps).silent


@pytest.mark.parametrize("channel", [0, 1])
def test_a_voice_on_one_channel_only_is_not_silence(channel: int, caps: AudioCaps) -> None:
    both = np.zeros((2, 80_000), dtype=np.int16)
    both[channel, 70_000:72_000] = voice(seconds=0.25)[0] // 40  # a quarter second, 44 dB under full scale
    for codec in ("pcm_s16le", "pcm_s24le"):
        assert not PROBE.inspect(io.BytesIO(encoded(both, container="wav", codec=codec)), caps=caps).silent


def test_a_click_is_not_a_voice(caps: AudioCaps) -> None:
    line = np.zeros((1, 80_000), dtype=np.int16)
    line[0, 40_000:40_040] = 20_000
    for codec in ("pcm_s16le", "pcm_s24le"):
        assert PROBE.inspect(io.BytesIO(encoded(line, container="wav", codec=codec)), caps=caps).silent


def test_a_voice_at_the_very_end_of_a_long_silence_is_heard(caps: AudioCaps) -> None:
    """However early the measuring may stop: it stops only at sound."""
    line = np.zeros((2, 800_000), dtype=np.int16)
    line[1, -2_000:] = voice(seconds=0.25)[0]
    for codec in ("pcm_alaw", "pcm_s16le", "pcm_s24le"):
        assert not PROBE.inspect(io.BytesIO(encoded(line, container="wav", codec=codec)), caps=caps).silent


def test_twelve_channels_are_refused_from_the_header(caps: AudioCaps) -> None:
    assert fault_of(wav(b"\x11\x91" * 60_000, channels=12), caps) is AudioFault.OVERSIZED
    assert fault_of(encoded(voice(seconds=1, channels=6), container="flac", codec="flac"), caps) is AudioFault.OVERSIZED


def test_a_day_of_sound_is_refused_from_the_header_or_from_the_length(tmp_path: Path, caps: AudioCaps) -> None:
    day = 24 * 3600 * 8000
    path = tmp_path / "day.wav"
    path.write_bytes(wav(b"", promised=day))
    with path.open("r+b") as file:
        file.truncate(44 + day)
        assert fault_of(file, caps) is AudioFault.OVERSIZED
        assert fault_of(file, replace(caps, max_bytes=10_000_000_000)) is AudioFault.OVERSIZED


def test_a_header_that_promises_a_day_in_a_small_file_is_a_length_mismatch(caps: AudioCaps) -> None:
    assert fault_of(wav(b"\x11\x91" * 4_000, promised=24 * 3600 * 8000), caps) is AudioFault.LENGTH_MISMATCH


def test_a_flac_is_as_long_as_its_sound_and_short_of_more_than_that(caps: AudioCaps) -> None:
    file = bytearray(encoded(voice(seconds=5), container="flac", codec="flac"))
    assert int.from_bytes(file[22:26]) == 40_000
    file[22:26] = (2_000_000).to_bytes(4)
    assert fault_of(bytes(file), caps) is AudioFault.LENGTH_MISMATCH
    for claim in (0, 100, 39_999, 40_001):
        file[22:26] = claim.to_bytes(4)
        assert PROBE.inspect(io.BytesIO(bytes(file)), caps=caps).frames == 40_000


def test_a_sample_rate_over_the_cap_is_refused(caps: AudioCaps) -> None:
    assert fault_of(wav(b"\x11\x91" * 4_000, rate=4_000_000_000), caps) is AudioFault.OVERSIZED


@pytest.mark.parametrize("field", [{"channels": 0}, {"rate": 0}, {"tag": 0x55}])
def test_a_format_that_contradicts_itself_is_unreadable(field: dict[str, int], caps: AudioCaps) -> None:
    assert fault_of(wav(b"\x11\x91" * 4_000, **field), caps) is AudioFault.UNREADABLE


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_not_numbers_are_missing_sound(value: float, caps: AudioCaps) -> None:
    samples = (voice(seconds=5)[0] / np.float32(2**15)).astype("<f4")
    samples[4_000:4_400] = value
    facts = PROBE.inspect(io.BytesIO(wav(samples.tobytes(), tag=3, bits=32)), caps=caps)
    assert (facts.frames, facts.silent) == (40_000, False)
    samples[4_000:6_000] = value
    with pytest.raises(BadAudioError, match=r"expected 5\.00 s, found 4\.75 s"):
        PROBE.inspect(io.BytesIO(wav(samples.tobytes(), tag=3, bits=32)), caps=caps)


@pytest.mark.parametrize("between", [b"", b"LIST\x04\0\0\0abcd", b"LIST\x40\0\0\0abcd" + 60 * b"\0"])
def test_sound_in_a_second_data_chunk_is_not_lost_without_a_word(between: bytes, caps: AudioCaps) -> None:
    sound = voice(seconds=1).tobytes()
    more = b"data" + len(sound).to_bytes(4, "little")
    assert fault_of(wav(sound, tag=1, bits=16) + between + more + sound, caps) is AudioFault.LENGTH_MISMATCH
    whole = wav(sound, tag=1, bits=16) + between
    assert PROBE.inspect(io.BytesIO(whole + b"data\0\0\0\0"), caps=caps).duration_s == 1.0


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("SILK", "silk is not read"),
        ("evrc-b", "the codec that is named is not read"),
        ("+33612345678", "the codec that"),
    ],
)
def test_a_codec_that_is_not_read_is_named_and_nothing_else(codec: str, said: str, caps: AudioCaps) -> None:
    with pytest.raises(BadAudioError, match=said) as refused:
        PROBE.inspect(io.BytesIO(bytes(range(256)) * 99), caps=caps, hint=f"audio/{codec};rate=8000")
    assert "612345678" not in str(refused.value)


def test_hum_is_no_voice_and_no_silence(caps: AudioCaps) -> None:
    hum = np.sin(2 * np.pi * 50 * np.arange(80_000) / 8000) * 2**15
    for down_db, silent, voiceless in ((65, True, True), (50, False, True), (30, False, False)):
        file = encoded((hum * 10 ** (-down_db / 20))[None].astype(np.int16), container="wav", codec="pcm_alaw")
        facts = PROBE.inspect(io.BytesIO(file), caps=caps)
        assert (facts.silent, facts.voiceless) == (silent, voiceless), down_db


@pytest.mark.parametrize(("name", "start"), [("01.wav", 44), ("09_mono_gsm610.wav", 20_000)])
def test_an_outage_while_reading_is_not_bad_audio(name: str, start: int, caps: AudioCaps) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= start:
                raise ConnectionResetError("the store went away")
            return super().read(size)

    with pytest.raises(OSError, match="the store went away"):
        PROBE.inspect(Failing(sample(name).getvalue()), caps=caps)


def test_nothing_is_written_to_standard_error(caps: AudioCaps, capfd: pytest.CaptureFixture[str]) -> None:
    whole = encoded(voice(seconds=5), container="flac", codec="flac")
    fault_of(whole[: len(whole) // 2], caps)
    assert capfd.readouterr().err == ""


MEMORY = """
import resource, sys
from callwarden.adapters.audio.probe import AudioInspector
from callwarden.model.audio import AudioCaps
caps = AudioCaps(max_bytes=10**9, max_duration_s=14400, max_channels=2, max_sample_rate_hz=48000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    facts = AudioInspector(lambda channel: False).inspect(file, caps=caps)
print(facts.frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def grown(path: Path) -> tuple[int, int]:
    """Frames decoded, and bytes by which a fresh process grew while decoding them."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=SAMPLES.parents[2],
    )
    frames, kilobytes = map(int, done.stdout.split())
    return frames, kilobytes * (1 if sys.platform == "darwin" else 1024)


def test_memory_is_flat_over_four_hours_of_stereo(tmp_path: Path) -> None:
    """230 MB of A-law."""
    frames = 4 * 3600 * 8000
    path = tmp_path / "long.wav"
    path.write_bytes(wav(b"", channels=2, promised=2 * frames))
    with path.open("r+b") as file:
        file.truncate(44 + 2 * frames)
    decoded, growth = grown(path)
    assert decoded == frames
    assert growth < 30_000_000


def test_memory_is_flat_over_a_flac_that_expands(tmp_path: Path) -> None:
    """Ten minutes of 48 kHz stereo silence: 115 MB once decoded, from less than one."""
    path = tmp_path / "long.flac"
    second = np.zeros((2, 48_000), dtype=np.int16)
    path.write_bytes(encoded(second, container="flac", codec="flac", rate=48_000, times=600))
    assert path.stat().st_size < 1_000_000
    decoded, growth = grown(path)
    assert decoded == 600 * 48_000
    assert growth < 30_000_000
