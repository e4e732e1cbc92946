"""Files as ordinary tools write them. The decoder decides and the header is a hint: what decodes is taken, and a length
that is wrong counts only where sound is missing."""

import io
import re
import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callwarden.adapters.audio.decode import CODECS, Decoding
from callwarden.adapters.audio.probe import AudioInspector
from callwarden.adapters.speech.voice import holds_speech
from callwarden.model.audio import AudioCaps, AudioFacts, AudioFault
from callwarden.ports.audio import BadAudioError
from tests.support.audio_files import SAMPLES, decoded, encoded, voice, wav
from tests.support.containers import (
    FORMATS,
    LIST,
    SECONDS,
    g711,
    id3,
    linear,
    made,
    muxed,
    ogg_pages,
    random_bytes,
    rf64,
    with_length,
)

CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
PROBE = AudioInspector(holds_speech)


def facts_of(file: bytes, hint: str | None = None) -> AudioFacts:
    return PROBE.inspect(io.BytesIO(file), caps=CAPS, hint=hint)


def fault_of(file: bytes, hint: str | None = None) -> BadAudioError:
    with pytest.raises(BadAudioError) as caught:
        facts_of(file, hint)
    return caught.value


def hint_of(suffix: str, said: dict[str, object]) -> str:
    return f"audio/{said['codec']};rate={said['rate']}" if said else suffix


@pytest.mark.parametrize("name", ["q45.wav", "w_sox_real2.wav", "o_granule.ogg", "m_twoid3.mp3"])
def test_the_calls_that_used_to_be_set_aside_are_taken_whole(name: str) -> None:
    facts = facts_of((SAMPLES / "as_sent" / name).read_bytes(), Path(name).suffix)
    assert facts.duration_s == pytest.approx(14.0, abs=0.01)
    assert not facts.silent


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_to_its_end(name: str) -> None:
    make, suffix, said = FORMATS[name]
    facts = facts_of(make(), hint_of(suffix, dict(said)))
    assert facts.codec in CODECS
    assert facts.duration_s == pytest.approx(SECONDS if "G.729" not in name else 2.5, abs=0.2)
    assert not facts.silent
    assert facts.media_type.startswith("audio/") is not name.startswith("raw")


# WAV: lengths that were never filled in


LENGTHS = (0, 0x7FFF_0000, 0x7FFF_F000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF - 44, 0xFFFF_FFFF)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw", "pcm_s16le", "pcm_s24le", "adpcm_ima_wav", "mp3"])
def test_an_unknown_length_of_every_convention_means_until_the_end(codec: str, length: int) -> None:
    counted = made("wav", codec)
    assert facts_of(with_length(counted, length)).frames == pytest.approx(facts_of(counted).frames, abs=1)


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
@pytest.mark.parametrize("counted", [(0, 0, 0), (80_072, 80_000, 40_000), (2**64 - 1,) * 3, (0, 2**64 - 1, 0)])
def test_an_rf64_whose_sizes_were_filled_in_or_not_is_read(magic: bytes, counted: tuple[int, int, int]) -> None:
    assert facts_of(rf64(linear(), magic=magic, counted=counted)).frames == 40_000


def test_a_long_wave_that_was_cut_says_what_was_expected_and_found() -> None:
    fault = fault_of(rf64(linear(), counted=(0, 6_000_000_000, 0)))
    assert fault.fault is AudioFault.LENGTH_MISMATCH
    assert fault.detail == "expected 375000.00 s, found 5.00 s"


def test_a_zero_length_before_nothing_but_chunks_is_an_empty_recording() -> None:
    assert fault_of(wav(b"", tag=1, bits=16) + LIST).fault is AudioFault.UNREADABLE


@pytest.mark.parametrize("short", [1, 44, 700])
def test_a_header_that_counts_itself_or_a_pad_too_many_is_believed_no_further(short: int) -> None:
    assert facts_of(with_length(wav(g711("pcm_alaw")), 40_000 + short)).frames == 40_000


def test_more_than_a_tenth_of_a_second_less_is_missing_sound() -> None:
    fault = fault_of(with_length(wav(g711("pcm_alaw")), 40_000 + 1_600))
    assert (fault.fault, fault.detail) == (
        AudioFault.LENGTH_MISMATCH,
        "expected 5.20 s, found 5.00 s",
    )


@pytest.mark.parametrize(
    "after",
    [
        b"\0" + LIST,
        LIST,
        LIST[:-5],
        bytes(4_001),
        LIST + bytes(512),
        b"TAG" + bytes(125),
        b"id3 \xff\xff\xff\x7f",
        b"\0",
    ],
    ids=["padded", "not padded", "cut", "zeros", "chunk and zeros", "tag", "wrong length", "pad alone"],
)
def test_what_follows_the_sound_is_not_sound(after: bytes) -> None:
    data = g711("pcm_alaw")[:-1]
    assert facts_of(wav(data) + after).frames == len(data)


@pytest.mark.parametrize("pad", [b"", b"\0"])
def test_an_odd_chunk_before_the_sound_may_lack_its_pad_byte(pad: bytes) -> None:
    plain = wav(linear(), tag=1, bits=16)
    odd = b"note\x05\x00\x00\x00abcde" + pad
    at = plain.index(b"data")
    assert facts_of(plain[:at] + odd + plain[at:]).frames == 40_000


def test_the_bits_of_g711_are_eight_whatever_the_header_says() -> None:
    for bits in (0, 12, 16):
        assert facts_of(wav(g711("pcm_alaw"), bits=bits)).frames == 40_000


# Ogg


@pytest.fixture(scope="module")
def opus() -> bytes:
    return made("ogg", "libopus", rate=48_000)


def test_an_opus_stream_joined_late_lasts_from_its_first_page_to_its_last(opus: bytes) -> None:
    pages = ogg_pages(opus)
    assert facts_of(b"".join(pages[:2] + pages[3:])).duration_s == pytest.approx(SECONDS - 1, abs=0.05)
    assert facts_of(b"".join(pages[:2] + pages[5:])).duration_s == pytest.approx(SECONDS - 3, abs=0.05)


def test_chained_streams_are_one_recording(opus: bytes) -> None:
    more = made("ogg", "libopus", rate=48_000, seconds=3)
    assert facts_of(opus + more).duration_s == pytest.approx(8, abs=0.05)
    assert facts_of(opus + more + opus).duration_s == pytest.approx(13, abs=0.05)


def test_chained_streams_of_other_channels_come_as_the_first(opus: bytes) -> None:
    stereo = made("ogg", "libopus", rate=48_000, channels=2, seconds=3)
    for file, channels in ((opus + stereo, 1), (stereo + opus, 2)):
        facts = facts_of(file)
        assert (facts.channels, facts.duration_s) == (channels, pytest.approx(8, abs=0.05))


def test_an_opus_stream_without_its_last_page_or_with_something_behind_it_is_whole(opus: bytes) -> None:
    pages = ogg_pages(opus)
    assert facts_of(b"".join(pages[:-1])).duration_s == pytest.approx(SECONDS, abs=0.05)
    for after in (bytes(5_000), bytes(2_000_000), b"TAG" + bytes(125)):
        assert facts_of(opus + after).duration_s == pytest.approx(SECONDS, abs=0.01)


def test_an_opus_stream_that_stops_in_a_page_or_lacks_one_in_between_is_missing_sound(opus: bytes) -> None:
    pages = ogg_pages(opus)
    for file in (opus[:-5_000], b"".join(pages[:4] + pages[5:])):
        fault = fault_of(file)
        assert fault.fault is AudioFault.LENGTH_MISMATCH
        assert "found" in fault.detail


# MP3


@pytest.fixture(scope="module")
def mp3() -> bytes:
    return made("mp3", "mp3", rate=44_100)


def test_tags_and_junk_around_mp3_are_no_sound(mp3: bytes) -> None:
    body = mp3[mp3.index(b"\xff\xfb") :]
    assert len(body) < len(mp3)
    for file in (
        id3() * 3 + body,
        id3(2_000) + mp3,
        id3() + b"junk" * 50 + body,
        bytes(1_000) + body,
        random_bytes(30_000) + body,
        mp3 + b"TAG" + bytes(125),
        mp3 + b"APETAGEX" + bytes(300),
        mp3 + bytes(9_999),
        mp3[:20_000] + b"zz" * 200 + mp3[20_000:],
    ):
        facts = facts_of(file)
        assert (facts.container, facts.duration_s) == ("mp3", pytest.approx(SECONDS, abs=0.05))


def test_mp3_files_one_behind_the_other_and_a_stream_joined_late_are_read(mp3: bytes) -> None:
    assert facts_of(mp3 + mp3).duration_s == pytest.approx(2 * SECONDS, abs=0.1)
    body = mp3[mp3.index(b"\xff\xfb") :]
    assert facts_of(body[10_000:]).duration_s == pytest.approx(SECONDS * (1 - 10_000 / len(body)), abs=0.1)


@pytest.mark.parametrize("container", ["mp3", "flac", "ogg", "mp4", "fragmented", "webm", "aiff", "au"])
def test_a_file_that_says_its_length_and_is_cut_is_missing_sound(container: str) -> None:
    fast = {"movflags": "faststart"}
    parts = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "1000000"}
    whole = {
        "mp3": lambda: made("mp3", "mp3"),
        "flac": lambda: made("flac", "flac"),
        "ogg": lambda: made("ogg", "libopus", rate=48_000),
        "mp4": lambda: muxed("mp4", "aac", rate=16_000, options=fast),
        "fragmented": lambda: muxed("mp4", "aac", rate=16_000, options=parts),
        "webm": lambda: made("webm", "libopus", rate=48_000),
        "aiff": lambda: made("aiff", "pcm_s16be"),
        "au": lambda: made("au", "pcm_alaw"),
    }[container]()
    fault = fault_of(whole[: len(whole) * 2 // 3])
    assert fault.fault is AudioFault.LENGTH_MISMATCH
    assert "found" in fault.detail


def test_amr_lasts_through_the_frames_where_nobody_speaks() -> None:
    spoken = made("amr", "libopencore_amrnb")
    pauses = (b"\x44" + bytes(5)) * 25 + b"\x7c" * 25  # comfort noise, then nothing at all: a second in 20 ms each
    head, frame = 6, (len(spoken) - 6) // round(SECONDS * 50)
    middle = head + frame * 20
    paused = spoken[:middle] + pauses + spoken[middle:]
    assert facts_of(paused).duration_s == pytest.approx(facts_of(spoken).duration_s + 1.0, abs=0.03)


def test_aac_is_found_past_tags_and_junk_and_joined_late() -> None:
    whole = made("adts", "aac", rate=16_000)
    for file in (id3() + whole, b"junk!" * 40 + whole, whole + b"TAG" + bytes(125), whole + bytes(3_000)):
        assert (facts_of(file).container, facts_of(file).duration_s) == ("aac", pytest.approx(5.12, abs=0.05))
    assert facts_of(whole[777:]).duration_s == pytest.approx(SECONDS, abs=0.15)


def test_files_one_behind_the_other_are_one_recording() -> None:
    for container, codec in (("wav", "pcm_alaw"), ("flac", "flac")):
        one, other = made(container, codec), made(container, codec, seconds=3)
        assert facts_of(one + other).duration_s == pytest.approx(8, abs=0.1)


def test_a_picture_beside_the_sound_is_passed_over() -> None:
    picture = b"\0image/jpeg\0\3\0\xff\xd8\xff\xe0\0\x10JFIF" + bytes(3_000)
    frame = b"APIC" + len(picture).to_bytes(4) + b"\0\0" + picture
    tag = b"ID3\3\0\0" + bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0)) + frame
    assert facts_of(tag + made("mp3", "mp3")).duration_s == pytest.approx(SECONDS, abs=0.01)


# Raw


def test_raw_sound_is_believed_only_by_what_the_event_names() -> None:
    data = g711("pcm_mulaw")
    assert fault_of(data, ".ulaw").fault is AudioFault.UNREADABLE
    assert fault_of(data, "audio/whatever;rate=8000").fault is AudioFault.UNREADABLE
    assert facts_of(data, "audio/G.711 µ-law").sample_rate_hz == 8_000
    assert facts_of(data, "audio/ulaw;rate=16000").duration_s == pytest.approx(2.5)


def test_what_the_event_names_does_not_outrank_a_header() -> None:
    for make in (lambda: made("wav", "pcm_alaw"), lambda: made("mp3", "mp3")):
        assert facts_of(make(), "audio/sln;rate=16000") == facts_of(make())


def test_a_rate_over_the_cap_is_refused_for_raw_sound_too() -> None:
    assert fault_of(linear(), "audio/sln;rate=192000").fault is AudioFault.OVERSIZED


def test_g726_of_either_packing_sounds_the_same() -> None:
    spoken = voice(seconds=SECONDS)[0].astype(np.float64)
    for name in ("raw G.726", "raw G.726, AAL2"):
        make, suffix, said = FORMATS[name]
        with Decoding(io.BytesIO(make()), caps=CAPS, hint=hint_of(suffix, dict(said))) as decoding:
            [found] = np.concatenate(list(decoding.blocks()), axis=1).astype(np.float64)
        assert np.corrcoef(found[: len(spoken)], spoken[: len(found)])[0, 1] > 0.98


# Claims that cost memory or time before anything is decoded


def test_a_fragment_that_claims_more_packets_than_a_call_has_is_refused_before_room_is_made() -> None:
    whole = bytearray(
        muxed("mp4", "aac", rate=16_000, options={"movflags": "frag_keyframe+empty_moov+default_base_moof"})
    )
    at = whole.index(b"trun")
    whole[at + 4 : at + 12] = struct.pack(">II", 1, 60_000_000)
    for front in (b"", id3(), struct.pack(">I", (1 << 20) - at + 3) + b"free" + bytes((1 << 20) - at - 5)):
        assert fault_of(front + bytes(whole)).fault is AudioFault.OVERSIZED  # wherever it lies


def test_pages_and_streams_without_end_are_refused() -> None:
    page = b"OggS\0\2" + bytes(20) + b"\0"
    other = b"OggS\0\0" + bytes(20) + b"\0"
    assert fault_of((page + other) * 2_000).fault is AudioFault.OVERSIZED
    short = replace(CAPS, max_duration_s=10)
    with pytest.raises(BadAudioError) as caught:
        PROBE.inspect(io.BytesIO(page + other * 2_000), caps=short)
    assert caught.value.fault is AudioFault.OVERSIZED


def test_boxes_without_end_are_refused() -> None:
    assert fault_of(b"\0\0\0\x08free" * 300_000).fault is AudioFault.OVERSIZED


# Quiet is not silent


@pytest.mark.parametrize("down_db", [30, 45, 55])
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le", "flac"])
def test_a_whole_call_far_down_is_no_silence(codec: str, down_db: int) -> None:
    quiet = np.round(decoded("05_mono_pcm16.wav") * 10 ** (-down_db / 20)).astype(np.int16)
    container = "flac" if codec == "flac" else "wav"
    assert not facts_of(encoded(quiet, container=container, codec=codec)).silent


@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw"])
def test_a_quiet_voice_on_one_channel_is_heard_in_the_coarsest_steps(codec: str) -> None:
    both = np.zeros((2, 200_000), dtype=np.int16)
    both[1] = np.round(decoded("05_mono_pcm16.wav")[0, :200_000] * 10 ** (-45 / 20))
    assert not facts_of(encoded(both, container="wav", codec=codec)).silent


def test_noise_hum_and_clicks_that_are_quiet_are_silence() -> None:
    at = np.arange(240_000) / 8000
    noise = np.random.default_rng(1).standard_normal(240_000) * 8
    clicks = np.where(np.arange(240_000) % 8000 == 0, 90, 0)
    for line in (noise, np.sin(2 * np.pi * 50 * at) * 20, clicks):
        for codec in ("pcm_s16le", "pcm_alaw"):
            assert facts_of(encoded(line[None].astype(np.int16), container="wav", codec=codec)).silent


# Whatever happens to a container


WHOLE = {
    name: (FORMATS[name][0](), hint_of(FORMATS[name][1], dict(FORMATS[name][2])))
    for name in ("WAV, A-law", "WAV, IMA ADPCM", "FLAC", "Ogg Opus", "MP3", "M4A", "WebM, Opus", "AMR", "raw G.722")
}


@st.composite
def mutated(draw: st.DrawFn) -> tuple[bytes, str]:
    """A file with its header overwritten here and there, cut, or with something in front, behind or in between."""
    file, hint = WHOLE[draw(st.sampled_from(sorted(WHOLE)))]
    changed = bytearray(file)
    for at in draw(st.lists(st.integers(0, min(200, len(file) - 5)), max_size=4)):
        changed[at : at + 4] = struct.pack("<I", draw(st.sampled_from([0, 1, 0x7FFF_F000, 0xFFFF_FFFF, 0x1234_5678])))
    end = draw(st.one_of(st.just(len(file)), st.integers(0, len(file))))
    front = draw(st.sampled_from([b"", b"", id3(), bytes(7), random_bytes(500)]))
    behind = draw(st.sampled_from([b"", bytes(3), bytes(5_000), LIST, random_bytes(300)]))
    return front + bytes(changed[:end]) + behind, hint


@given(mutated())
@settings(max_examples=100, deadline=5_000)
def test_however_a_container_is_mangled_its_sound_is_stored_or_the_reason_is_true(case: tuple[bytes, str]) -> None:
    file, hint = case
    try:
        facts = facts_of(file, hint)
    except BadAudioError:
        with pytest.raises(BadAudioError):  # for whoever decodes it, too
            decode(file, hint)
        return
    found = decode(file, hint)
    assert facts.frames == found.shape[1] > 0
    assert facts.channels == found.shape[0] <= CAPS.max_channels
    assert facts.duration_s <= CAPS.max_duration_s


TAIL = st.sampled_from([b"", bytes(3), bytes(5_000), b"TAG" + bytes(125)])
FRONT = st.lists(st.integers(0, 9_000).map(id3), max_size=3).map(b"".join)


@given(
    name=st.sampled_from(["WAV, A-law", "WAV, mu-law", "WAV, PCM 16 bit", "WAV, IMA ADPCM", "FLAC", "Ogg Opus", "MP3"]),
    front=FRONT,
    tail=TAIL,
    length=st.none() | st.sampled_from(LENGTHS),
)
@settings(max_examples=30, deadline=5_000)
def test_what_is_no_sound_changes_nothing_of_it(name: str, front: bytes, tail: bytes, length: int | None) -> None:
    whole = FORMATS[name][0]()
    wave = name.startswith("WAV")
    if wave and length is not None:
        whole, tail = with_length(whole, length), b""  # until the end is until the end
    file = (front if name in ("FLAC", "MP3") else b"") + whole + tail
    assert facts_of(file).duration_s == pytest.approx(SECONDS, abs=0.15)


STATED = (
    "WAV, A-law",
    "WAV, IMA ADPCM",
    "WAV, G.726",
    "RF64, counted",
    "MP3",
    "M4A, index first",
    "WebM, Opus",
    "AU",
)
OPEN = ("raw A-law", "raw G.722", "AMR", "AAC, ADTS", "WebM, live")
MADE = {name: FORMATS[name][0]() for name in (*STATED, *OPEN) if name in FORMATS}
MADE["RF64, counted"] = rf64(linear(), counted=(80_072, 80_000, 40_000))


@given(name=st.sampled_from(STATED), share=st.floats(0.3, 0.9))
@settings(max_examples=40, deadline=5_000)
def test_a_cut_file_that_says_its_length_is_set_aside_with_what_was_expected_and_found(name: str, share: float) -> None:
    whole = MADE[name]
    fault = fault_of(whole[: int(len(whole) * share)])
    assert fault.fault is AudioFault.LENGTH_MISMATCH
    said = re.fullmatch(r"expected ([0-9.]+) s, found ([0-9.]+) s", fault.detail)
    assert said is not None
    assert float(said[1]) == pytest.approx(SECONDS, abs=0.3)
    assert float(said[2]) == pytest.approx(SECONDS * share, abs=0.6)


@given(name=st.sampled_from(OPEN), share=st.floats(0.3, 0.9))
@settings(max_examples=25, deadline=5_000)
def test_a_cut_file_that_says_no_length_is_as_long_as_its_sound(name: str, share: float) -> None:
    whole, (_, suffix, said) = MADE[name], FORMATS[name]
    facts = facts_of(whole[: int(len(whole) * share)], hint_of(suffix, dict(said)))
    assert facts.duration_s == pytest.approx(SECONDS * share, abs=0.6)


def decode(file: bytes, hint: str) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    with Decoding(io.BytesIO(file), caps=CAPS, hint=hint) as decoding:
        return np.concatenate(list(decoding.blocks()), axis=1)


# WebM: what its time stamps say was left out


def webm(left_out_s: tuple[float, float], *, every: int = 0) -> bytes:
    """Ten seconds of Opus in packets of 20 ms, those of a stretch left out but for one in `every`, as it came in."""
    out, sound = io.BytesIO(), voice(seconds=10, rate=48_000)
    with av.open(out, "w", format="webm", options={"live": "1"}) as output:
        stream = output.add_stream("libopus", rate=48_000)
        stream.layout = "mono"
        for number in range(500):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(sound[:, number * 960 : (number + 1) * 960]), format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
            for packet in stream.encode(frame):
                kept = not left_out_s[0] <= number / 50 < left_out_s[1] or (every and number % every == 0)
                if kept:
                    output.mux(packet)
        output.mux(stream.encode(None))
    return out.getvalue()


def test_a_hole_in_a_live_stream_is_missing_sound() -> None:
    assert re.fullmatch(r"expected (9.99|10.0\d) s, found (7.99|8.0\d) s", fault_of(webm((4, 6))).detail)


def test_opus_that_sends_nothing_while_nobody_speaks_is_as_long_as_it_was() -> None:
    assert facts_of(webm((3, 8), every=20)).duration_s == pytest.approx(10.0, abs=0.05)
