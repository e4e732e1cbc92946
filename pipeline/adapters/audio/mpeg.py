"""Where the frames of an MPEG stream (MP3, MP2, AAC) begin, past tags and junk, and how many its first one promises."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Sample rates by version bits: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5 (ISO/IEC 11172-3, 13818-3)."""

KBITS = {
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By (MPEG-1, layer bits); layer bits 1 are layer III."""

AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)

MAX_TAGS = 100
JUNK = 1 << 16
"""Bytes searched for a first frame."""
IN_A_ROW = 5
"""Frames one behind the other that are no accident."""
DELAY_FRAMES = 4
"""Encoders count what they delay and pad; decoders take it away again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    size: int
    samples: int
    sample_rate_hz: int
    aac: bool = False


def past_tags(file: BinaryIO) -> int:
    """The place after every ID3v2 tag in front (several are usual after two tools), 0 without one."""
    at = 0
    for _ in range(MAX_TAGS):
        file.seek(at)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            break
        a, b, c, d = (byte & 0x7F for byte in head[6:])
        at += 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if head[5] & 0x10 else 0)
    return at


def first_frame(file: BinaryIO, *, start: int, junk: int = JUNK) -> tuple[int, Frame] | None:
    """Where frames begin at `start` or within `junk` bytes of it, and the first; None where none do."""
    file.seek(start)
    window = file.read(junk + IN_A_ROW * 8_192)
    at = window.find(b"\xff")
    while 0 <= at <= junk:
        if (frame := _frames_from(window, at)) is not None:
            return start + at, frame
        at = window.find(b"\xff", at + 1)
    return None


def promised_s(file: BinaryIO, at: int) -> float | None:
    """Seconds that the first frame, at `at`, says there are: what a Xing, Info or VBRI tag counts. None without."""
    file.seek(at)
    head = file.read(256)
    frame = _frame(head)
    if frame is None:
        return None
    for tag, count_at in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        found = head.find(tag, 4, 64)
        if found >= 0 and (tag == b"VBRI" or head[found + 7] & 1):
            (count,) = struct.unpack_from(">I", head, found + count_at)
            return float(max(0, count - DELAY_FRAMES) * frame.samples / frame.sample_rate_hz)
    return None


def _frames_from(window: bytes, at: int) -> Frame | None:
    """The frame here, where others of its kind follow one another."""
    first: Frame | None = None
    for _ in range(IN_A_ROW):
        frame = _frame(window[at : at + 6])
        if frame is None:
            return first if at == len(window) else None  # a file of less
        first = first or frame
        if (frame.aac, frame.sample_rate_hz) != (first.aac, first.sample_rate_hz):
            return None
        at += frame.size
    return first


def _frame(head: bytes) -> Frame | None:
    """What a frame's header says; None for what is none (a free format is not read)."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:  # ADTS (ISO/IEC 14496-3, 1.A.2.2)
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        index = head[2] >> 2 & 15
        known = length >= 7 and index < len(AAC_RATES)
        return Frame(size=length, samples=1_024, sample_rate_hz=AAC_RATES[index], aac=True) if known else None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bits, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version not in RATES or layer == 0 or bits in (0, 15) or rate == 3:
        return None
    first = version == 3
    hertz = RATES[version][rate]
    samples = 384 if layer == 3 else 576 if layer == 1 and not first else 1_152
    unit = 4 if layer == 3 else 1
    size = (samples // 8 // unit * KBITS[first, layer][bits - 1] * 1_000 // hertz + padding) * unit
    return Frame(size=size, samples=samples, sample_rate_hz=hertz)
