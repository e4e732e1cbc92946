"""What a file says of itself, read by hand from its first bytes before FFmpeg sees any of it.

FFmpeg's own probing would try hundreds of formats, playlists among them; here the container is settled by its
magic, and the promised length, channels and rate are known before a decoder allocates for them.
"""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from callwarden.adapters.audio.riff import Wave, read_riff
from callwarden.model.audio import AudioFault
from callwarden.ports.audio import BadAudioError

OGG_PAGE_MAX = 65_307
"""Header, 255 lacing values and 255 times 255 bytes (RFC 3533, section 6)."""

MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Sample rates by MPEG version bits: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header promises. `frames` is None where it promises nothing; the decoded count may differ from it by
    less than `slack` frames (block codecs pad, MP3 encoders delay). `wave` is what else a WAV file says."""

    container: str
    channels: int
    sample_rate_hz: int
    frames: int | None
    slack: int = 1
    wave: Wave | None = None


def unreadable(detail: str) -> BadAudioError:
    return BadAudioError(AudioFault.UNREADABLE, detail)


def mismatch(detail: str) -> BadAudioError:
    return BadAudioError(AudioFault.LENGTH_MISMATCH, detail)


def read_header(file: BinaryIO, *, size: int, hint: str | None) -> Header:
    """The header of `file`, whose whole length is `size` bytes.

    Raises:
        BadAudioError: no known header, or one that contradicts itself or the file's length.
    """
    if size == 0:
        raise unreadable("the file is empty")
    file.seek(0)
    start = file.read(12)
    if start[:4] in (b"RIFF", b"RF64", b"BW64") and start[8:12] == b"WAVE":
        wave = read_riff(file, size=size)
        return Header(
            container="wav",
            channels=wave.channels,
            sample_rate_hz=wave.sample_rate_hz,
            frames=wave.frames,
            slack=wave.slack,
            wave=wave,
        )
    if start[:4] == b"fLaC":
        return _flac(file)
    if start[:4] == b"OggS":
        return _ogg_opus(file, size)
    if start[:3] == b"ID3" or (len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0):
        return _mp3(file, size)
    if hint is not None and hint.lower().lstrip(".") == "gsm":
        return _raw_gsm(file, size)
    raise unreadable("no header of a known audio format")


def _flac(file: BinaryIO) -> Header:
    """STREAMINFO is the first metadata block and fixed in form (RFC 9639, section 8.2)."""
    file.seek(4)
    block = file.read(38)
    if len(block) < 38 or block[0] & 0x7F != 0 or int.from_bytes(block[1:4]) != 34:
        raise unreadable("FLAC without a STREAMINFO block")
    packed = int.from_bytes(block[14:22])
    total = packed & ((1 << 36) - 1)
    return Header(
        container="flac",
        channels=(packed >> 41 & 7) + 1,
        sample_rate_hz=packed >> 44,
        frames=total or None,
    )


def _ogg_opus(file: BinaryIO, size: int) -> Header:
    """OpusHead is the first packet (RFC 7845, section 5.1); the last page carries the end position and a flag."""
    file.seek(0)
    page = file.read(28 + 255)
    body = 27 + page[26] if len(page) > 27 else len(page)
    head = page[body:]
    if head[:8] != b"OpusHead" or len(head) < 19:
        raise unreadable("Ogg without Opus as its first stream")
    channels, pre_skip = head[9], int.from_bytes(head[10:12], "little")
    serial = page[14:18]
    file.seek(max(0, size - OGG_PAGE_MAX))
    tail = file.read(OGG_PAGE_MAX)
    at = tail.rfind(b"OggS")
    while at >= 0 and tail[at + 14 : at + 18] != serial:
        at = tail.rfind(b"OggS", 0, at)
    last = tail[at:] if at >= 0 else b""
    segments = last[26] if len(last) > 26 else 0
    whole = len(last) >= 27 + segments and len(last) >= 27 + segments + sum(last[27 : 27 + segments])
    if not whole or not last[5] & 4:
        raise mismatch("the Ogg stream stops before its last page")
    granule = struct.unpack_from("<q", last, 6)[0]
    # An edit may leave up to one packet (120 ms) at either end outside the positions it states.
    return Header(
        container="ogg",
        channels=channels,
        sample_rate_hz=48_000,
        frames=granule - pre_skip if granule >= pre_skip else None,
        slack=5_761,
    )


def _mp3(file: BinaryIO, size: int) -> Header:
    """The first frame's header, and the frame and byte counts of a Xing or Info tag when it has one."""
    file.seek(0)
    start = file.read(10)
    offset = 0
    if start[:3] == b"ID3":
        a, b, c, d = start[6:10]
        offset = 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if start[5] & 0x10 else 0)
    file.seek(offset)
    frame = file.read(256)
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        raise unreadable("no MPEG layer III frame where the audio should begin")
    version, rate_index = frame[1] >> 3 & 3, frame[2] >> 2 & 3
    if version not in MP3_RATES or rate_index == 3 or frame[2] >> 4 in (0, 15):
        raise unreadable("an MPEG frame header with reserved values")
    mono = frame[3] >> 6 == 3
    side = {(True, True): 17, (True, False): 32, (False, True): 9, (False, False): 17}[(version == 3, mono)]
    tag = frame[4 + side : 4 + side + 16]
    frames = None
    per_frame = 1152 if version == 3 else 576
    if tag[:4] in (b"Xing", b"Info"):
        flags, first, second = struct.unpack(">3I", tag[4:16])
        if flags & 1:
            frames = first * per_frame
        if flags & 2 and offset + (second if flags & 1 else first) > size:
            raise mismatch("the MP3 header promises more bytes than the file has")
    return Header(
        container="mp3",
        channels=1 if mono else 2,
        sample_rate_hz=MP3_RATES[version][rate_index],
        frames=frames,
        slack=4 * 1152,
    )


def _raw_gsm(file: BinaryIO, size: int) -> Header:
    """Frames of 33 bytes, 160 samples, each starting with the nibble 0xD (GSM 06.10 as telephone systems store it)."""
    file.seek(0, os.SEEK_SET)
    while block := file.read(33 * 4096):
        if any(byte & 0xF0 != 0xD0 for byte in block[::33]):
            raise unreadable("not GSM 06.10 frames")
    if size % 33:
        raise mismatch("the last GSM frame is cut")
    return Header(container="gsm", channels=1, sample_rate_hz=8_000, frames=size // 33 * 160)
