"""Recordings as ordinary tools write them, made from the same five seconds."""

import struct
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.support.audio_files import encoded, voice, wav

SECONDS = 5.0
LIST = b"LIST\x0e\x00\x00\x00INFOISFT\x01\x00\x00\x00x\x00"


def made(container: str, codec: str, *, rate: int = 8000, channels: int = 1, seconds: float = SECONDS) -> bytes:
    """By FFmpeg's muxers and encoders."""
    return encoded(voice(seconds=seconds, rate=rate, channels=channels), container=container, codec=codec, rate=rate)


def muxed(container: str, codec: str, *, rate: int, options: Mapping[str, str]) -> bytes:
    """The same with a muxer's `options`, which may want to read what they wrote."""
    samples = voice(seconds=SECONDS, rate=rate)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made"
        with av.open(str(path), "w", format=container, options=dict(options)) as output:
            stream = output.add_stream(codec, rate=rate)
            assert isinstance(stream, av.AudioStream)
            stream.layout = "mono"
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = rate
            resampler = av.AudioResampler(
                format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 4096
            )
            for piece in (frame, None):
                for part in resampler.resample(piece):
                    part.pts = None
                    output.mux(stream.encode(part))
            output.mux(stream.encode(None))
        return path.read_bytes()


def linear(seconds: float = SECONDS, rate: int = 8000) -> bytes:
    """16-bit samples without a header."""
    return voice(seconds=seconds, rate=rate).astype("<i2").tobytes()


def g711(codec: str) -> bytes:
    """The data of a WAV file of this codec."""
    whole = made("wav", codec)
    return whole[whole.index(b"data") + 8 :][: int(SECONDS * 8000)]


def with_length(file: bytes, length: int) -> bytes:
    """A WAV file whose data chunk, and so the whole, claims another length."""
    at = file.index(b"data") + 4
    whole = min(0xFFFF_FFFF, length + at - 4)
    return file[:4] + struct.pack("<I", whole) + file[8:at] + struct.pack("<I", length) + file[at + 4 :]


def rf64(data: bytes, *, magic: bytes = b"RF64", counted: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    """16-bit samples in a file made for more than 4 GiB; `counted` are the sizes of its ds64 chunk."""
    plain = wav(data, tag=1, bits=16)
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, *counted, 0)
    return with_length(magic + plain[4:12] + ds64 + plain[12:], 0xFFFF_FFFF)


def ogg_pages(file: bytes) -> list[bytes]:
    """The pages of an Ogg file."""
    pages, at = [], 0
    while file[at : at + 4] == b"OggS":
        table = file[at + 27 : at + 27 + file[at + 26]]
        end = at + 27 + len(table) + sum(table)
        pages.append(file[at:end])
        at = end
    return pages


def id3(size: int = 35) -> bytes:
    """An ID3v2 tag of padding."""
    return b"ID3\x04\x00\x00\x00\x00" + bytes((size >> 7, size & 0x7F)) + bytes(size)


def random_bytes(count: int, seed: int = 1) -> bytes:
    return np.random.default_rng(seed).bytes(count)


def _frames(size: int, *, lead: bytes = b"") -> bytes:
    """Frames of a speech codec that nothing here encodes: any parameters make a sound."""
    return b"".join(lead + random_bytes(size, seed) for seed in range(250))


FORMATS: Mapping[str, tuple[Callable[[], bytes], str, Mapping[str, Any]]] = {
    # name → how it is made, the suffix it comes under, and what the event says of raw sound
    "WAV, A-law": (lambda: made("wav", "pcm_alaw"), ".wav", {}),
    "WAV, mu-law": (lambda: made("wav", "pcm_mulaw"), ".wav", {}),
    "WAV, PCM 8 bit": (lambda: made("wav", "pcm_u8"), ".wav", {}),
    "WAV, PCM 16 bit": (lambda: made("wav", "pcm_s16le"), ".wav", {}),
    "WAV, PCM 24 bit": (lambda: made("wav", "pcm_s24le"), ".wav", {}),
    "WAV, PCM 32 bit": (lambda: made("wav", "pcm_s32le"), ".wav", {}),
    "WAV, float": (lambda: made("wav", "pcm_f32le"), ".wav", {}),
    "WAV, IMA ADPCM": (lambda: made("wav", "adpcm_ima_wav"), ".wav", {}),
    "WAV, Microsoft ADPCM": (lambda: made("wav", "adpcm_ms"), ".wav", {}),
    "WAV, G.722": (lambda: made("wav", "g722", rate=16_000), ".wav", {}),
    "WAV, G.726": (lambda: made("wav", "g726"), ".wav", {}),
    "WAV, G.729": (lambda: wav(_frames(10), tag=0x83, bits=80), ".wav", {}),
    "WAV, MP3": (lambda: made("wav", "mp3"), ".wav", {}),
    "RF64": (lambda: rf64(linear()), ".wav", {}),
    "FLAC": (lambda: made("flac", "flac"), ".flac", {}),
    "Ogg Opus": (lambda: made("ogg", "libopus", rate=48_000), ".ogg", {}),
    "MP3": (lambda: made("mp3", "mp3"), ".mp3", {}),
    "MP2": (lambda: made("mp2", "mp2", rate=16_000), ".mp2", {}),
    "AAC, ADTS": (lambda: made("adts", "aac", rate=16_000), ".aac", {}),
    "M4A": (lambda: made("ipod", "aac", rate=16_000), ".m4a", {}),
    "M4A, index first": (lambda: muxed("mp4", "aac", rate=16_000, options={"movflags": "faststart"}), ".m4a", {}),
    "MP4, fragmented": (
        lambda: muxed("mp4", "aac", rate=16_000, options={"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
        ".mp4",
        {},
    ),
    "WebM, Opus": (lambda: made("webm", "libopus", rate=48_000), ".webm", {}),
    "WebM, live": (lambda: muxed("webm", "libopus", rate=48_000, options={"live": "1"}), ".webm", {}),
    "Matroska, AAC": (lambda: made("matroska", "aac", rate=16_000), ".mka", {}),
    "AMR": (lambda: made("amr", "libopencore_amrnb"), ".amr", {}),
    "AMR wideband": (lambda: b"#!AMR-WB\n" + _frames(60, lead=b"\x44"), ".awb", {}),
    "3GP, AMR": (lambda: made("3gp", "libopencore_amrnb"), ".3gp", {}),
    "AU": (lambda: made("au", "pcm_mulaw"), ".au", {}),
    "AIFF": (lambda: made("aiff", "pcm_s16be"), ".aiff", {}),
    "raw 16 bit": (linear, ".sln", {"codec": "sln", "rate": 8000}),
    "raw 16 bit wideband": (lambda: linear(rate=16_000), ".sln16", {"codec": "slin16", "rate": 16_000}),
    "raw mu-law": (lambda: g711("pcm_mulaw"), ".ulaw", {"codec": "ulaw", "rate": 8000}),
    "raw A-law": (lambda: g711("pcm_alaw"), ".alaw", {"codec": "PCMA", "rate": 8000}),
    "raw G.722": (lambda: made("g722", "g722", rate=16_000), ".g722", {"codec": "G722", "rate": 16_000}),
    "raw G.726": (lambda: made("g726le", "g726le"), ".g726", {"codec": "G726-32", "rate": 8000}),
    "raw G.726, AAL2": (lambda: made("g726", "g726"), ".g726", {"codec": "AAL2-G726-32", "rate": 8000}),
    "raw G.729": (lambda: _frames(10), ".g729", {"codec": "G.729", "rate": 8000}),
}
"""Every format that is read but raw GSM and GSM in WAV, which nothing here encodes: samples of them lie beside."""
