"""Where the sound of a WAV file is. Its header is a hint: what counts is the bytes that are there.

Lengths that writers to a pipe leave behind mean "until the end": 0, and whatever is as much as could be (0x7FFFF000 of
SoX, 0x80000000 of ALSA, 0xFFFFFFFF of FFmpeg, their neighbours, an RF64 whose sizes were never filled in).
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from callwarden.adapters.audio.faults import missing, unreadable
from callwarden.model.audio import AudioFault
from callwarden.ports.audio import BadAudioError

PCM, A_LAW, MU_LAW, EXTENSIBLE = 1, 6, 7, 0xFFFE

AS_MUCH_AS_COULD_BE = 0x7FFF_0000
"""A length from here on that the file does not have was never counted."""

MAX_CHUNKS = 1_000
TRAILERS = (b"LIST", b"id3 ", b"ID3 ", b"bext", b"cart", b"cue ", b"fact", b"iXML", b"JUNK", b"junk", b"PAD ")
"""Chunks that are known to follow sound, even where their own length is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """`fmt` is the body of the format chunk. The sound is the `data_bytes` bytes from `data_at` on, all of them there;
    the header counts `promised_share` times as many, which only their decoder can tell in seconds."""

    tag: int
    bits: int
    channels: int
    sample_rate_hz: int
    fmt: bytes
    data_at: int
    data_bytes: int
    promised_share: float

    @property
    def header(self) -> bytes:
        """One that says just that, to stand before the sound."""
        padded = self.fmt + b"\0" * (len(self.fmt) % 2)
        riff, data = (min(size, 0xFFFF_FFFF) for size in (20 + len(padded) + self.data_bytes, self.data_bytes))
        form = b"fmt " + len(self.fmt).to_bytes(4, "little") + padded
        return b"RIFF" + riff.to_bytes(4, "little") + b"WAVE" + form + b"data" + data.to_bytes(4, "little")


def read_riff(file: BinaryIO, *, size: int, start: int = 0) -> Wave:
    """Walk the chunks that begin at `start` of `file`, `size` bytes long.

    Raises:
        BadAudioError: unreadable when format or data are missing or contradict themselves; length_mismatch when the
            header promises more sound than is there.
    """
    fmt: bytes | None = None
    long_data = 0
    offset = start + 12
    for _ in range(MAX_CHUNKS):
        name, length = _chunk(file, offset)
        body = offset + 8
        match name:
            case b"ds64":
                long_data = int.from_bytes(file.read(16)[8:16], "little")
            case b"fmt ":
                fmt = file.read(min(length, 1_024))
            case b"data":
                if fmt is None:
                    raise unreadable("wav data before its format")
                if length == 0xFFFF_FFFF and long_data:
                    length = long_data
                return _wave(fmt, data_at=body, promised=_promised(file, length, body=body, size=size), size=size)
            case b"":
                break
        offset = _next(file, body + length)
    raise unreadable("wav without sound")


def raw_wave(tag: int, *, bits: int, sample_rate_hz: int, size: int) -> Wave:
    """Sound of one channel without any header, in a format of a fixed number of bytes a sample."""
    width = bits // 8
    fmt = struct.pack("<HHIIHH", tag, 1, sample_rate_hz, sample_rate_hz * width, width, bits)
    return _wave(fmt, data_at=0, promised=None, size=size)


def _chunk(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    file.seek(offset)
    head = file.read(8)
    return (head[:4], int.from_bytes(head[4:], "little")) if len(head) == 8 else (b"", 0)


def _next(file: BinaryIO, end: int) -> int:
    """Where the chunk after one that ends here begins; not every writer pads odd ones."""
    if end % 2 and not _is_chunk(_chunk(file, end)[0]):
        return end + 1
    return end


def _is_chunk(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)


def _promised(file: BinaryIO, length: int, *, body: int, size: int) -> int | None:
    """The bytes of sound there should be, None for all that follow."""
    there = size - body
    if length > there:
        counted = length < AS_MUCH_AS_COULD_BE or 0xFFFF_FFFF < length < 1 << 48
        return length if counted else None
    return length if _nothing_after(file, end=body + length, size=size) else None


def _nothing_after(file: BinaryIO, *, end: int, size: int) -> bool:
    """Whether only chunks, tags and zeros follow. Anything else, another WAV file too, is sound that came after the
    header was written. Raises BadAudioError where more sound follows in a chunk of its own."""
    follows = False  # something that is known to follow sound
    for _ in range(MAX_CHUNKS):
        file.seek(end)
        head = file.read(8)
        if end % 2 and head[:1] == b"\0":
            end += 1
            continue
        if len(head) < 8 or head.startswith(b"TAG"):
            return True
        name, length, left = head[:4], int.from_bytes(head[4:], "little"), size - end - 8
        if name == b"data" and 0 < length <= left:
            raise BadAudioError(AudioFault.LENGTH_MISMATCH, "expected the sound of several data chunks, found one's")
        follows = follows or name in TRAILERS
        if not _is_chunk(name) or name == b"RIFF" or length > left:
            return follows or _zeros(file, end)
        end += 8 + length
    return True


def _zeros(file: BinaryIO, start: int) -> bool:
    file.seek(start)
    while block := file.read(1 << 16):
        if block.count(0) != len(block):
            return False
    return True


def _wave(fmt: bytes, *, data_at: int, promised: int | None, size: int) -> Wave:
    if len(fmt) < 16:
        raise unreadable("wav format chunk too short")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", fmt[:16])
    if tag == EXTENSIBLE and len(fmt) >= 26:
        tag = int.from_bytes(fmt[24:26], "little")
    if channels == 0 or rate == 0:
        raise unreadable("wav format with no channels or no rate")
    if tag in (A_LAW, MU_LAW):
        bits = 8  # whatever stands there
    there = size - data_at
    if promised is not None and bits and tag in (PCM, A_LAW, MU_LAW):
        bytes_per_s = rate * channels * bits / 8
        missing(promised / bytes_per_s, there / bytes_per_s)
    return Wave(
        tag=tag,
        bits=bits,
        channels=channels,
        sample_rate_hz=rate,
        fmt=fmt,
        data_at=data_at,
        data_bytes=there if promised is None else min(promised, there),
        promised_share=1.0 if promised is None else max(1.0, promised / max(1, there)),
    )
