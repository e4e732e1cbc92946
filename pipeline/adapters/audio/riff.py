"""The chunks of a WAV file, walked by hand: format, promised length, and whether the bytes are really there."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from callwarden.model.audio import AudioFault
from callwarden.ports.audio import BadAudioError

PCM, MS_ADPCM, FLOAT, A_LAW, MU_LAW, IMA_ADPCM, GSM_610, EXTENSIBLE = 1, 2, 3, 6, 7, 0x11, 0x31, 0xFFFE

LINEAR_BITS = {PCM: (8, 16, 24, 32), FLOAT: (32, 64), A_LAW: (8,), MU_LAW: (8,)}
"""Formats in which a frame is always the same number of bytes, with the bits a sample may have."""

UNKNOWN_LENGTH = 0xFFFF_FFFF
"""What writers to a pipe put for "until the end"; in RF64 it means "see the ds64 chunk"."""

MAX_CHUNKS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """`frames` is what the header promises, None when it leaves the length open. The sound is the `data_bytes` bytes
    from `data_at` on, all of them there."""

    tag: int
    bits: int
    channels: int
    sample_rate_hz: int
    frames: int | None
    slack: int
    data_at: int
    data_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    tag: int
    channels: int
    sample_rate_hz: int
    block: int
    bits: int


def read_riff(file: BinaryIO, *, size: int) -> Wave:
    """Walk the chunks of `file`, `size` bytes long.

    Raises:
        BadAudioError: unreadable when the format is missing, unknown or contradicts itself; length_mismatch
            when the data chunk promises more, or less, than the file holds.
    """
    form: _Format | None = None
    fact: int | None = None
    long_data: int | None = None
    offset = 12
    for _ in range(MAX_CHUNKS):
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8:
            break
        name, length = head[:4], int.from_bytes(head[4:], "little")
        body = offset + 8
        match name:
            case b"ds64":
                long_data = int.from_bytes(file.read(16)[8:16], "little")
            case b"fmt ":
                form = _format(file.read(min(length, 40)))
            case b"fact":
                fact = int.from_bytes(file.read(4), "little")
            case b"data":
                if form is None:
                    raise BadAudioError(AudioFault.UNREADABLE, "WAV data before its format")
                if length == UNKNOWN_LENGTH:
                    length = size - body if long_data is None else long_data
                    open_end = long_data is None
                    return _wave(form, fact=fact, data_at=body, data=length, there=size - body, open_end=open_end)
                _nothing_after(file, end=body + length + length % 2, size=size)
                return _wave(form, fact=fact, data_at=body, data=length, there=size - body, open_end=False)
        offset = body + length + length % 2
    raise BadAudioError(AudioFault.UNREADABLE, "WAV without a data chunk")


def _format(chunk: bytes) -> _Format:
    if len(chunk) < 16:
        raise BadAudioError(AudioFault.UNREADABLE, "WAV format chunk too short")
    tag, channels, rate, _, block, bits = struct.unpack("<HHIIHH", chunk[:16])
    if tag == EXTENSIBLE and len(chunk) >= 26:
        tag = int.from_bytes(chunk[24:26], "little")
    if channels == 0 or rate == 0 or block == 0:
        raise BadAudioError(AudioFault.UNREADABLE, "WAV format with no channels, no rate or empty blocks")
    if tag in LINEAR_BITS:
        if bits not in LINEAR_BITS[tag] or block != channels * bits // 8:
            raise BadAudioError(AudioFault.UNREADABLE, "WAV format whose block size contradicts its samples")
    elif tag not in (MS_ADPCM, IMA_ADPCM, GSM_610):
        raise BadAudioError(AudioFault.UNREADABLE, f"WAV format tag {tag:#06x} is not read here")
    return _Format(tag=tag, channels=channels, sample_rate_hz=rate, block=block, bits=bits)


def _wave(form: _Format, *, fact: int | None, data_at: int, data: int, there: int, open_end: bool) -> Wave:
    if data > there:
        raise BadAudioError(AudioFault.LENGTH_MISMATCH, f"header promises {data} bytes of sound, {there} are there")
    per_block = _frames_per_block(form)
    most = data // form.block * per_block
    frames: int | None = most
    if form.tag not in LINEAR_BITS:
        frames = fact or None
        # Some writers count the samples of all channels together.
        if frames is not None and frames > most and frames // form.channels <= most:
            frames //= form.channels
        if frames is not None and frames > most + 2 * per_block:
            raise BadAudioError(AudioFault.LENGTH_MISMATCH, f"header promises {frames} frames, {most} can be there")
    return Wave(
        tag=form.tag,
        bits=form.bits,
        channels=form.channels,
        sample_rate_hz=form.sample_rate_hz,
        frames=None if open_end else frames,
        slack=1 if form.tag in LINEAR_BITS else 2 * per_block + 1,
        data_at=data_at,
        data_bytes=data,
    )


def _frames_per_block(form: _Format) -> int:
    match form.tag:
        case 0x11:
            return max(1, (form.block // form.channels - 4) * 2 + 1)
        case 0x02:
            return max(1, (form.block // form.channels - 7) * 2 + 2)
        case 0x31:
            return max(1, form.block // 65 * 320)
        case _:
            return 1


def _nothing_after(file: BinaryIO, *, end: int, size: int) -> None:
    """After the data only further chunks may follow; anything else is sound the header does not own up to."""
    for _ in range(MAX_CHUNKS):
        if size - end < 8:
            return
        file.seek(end)
        name, length = file.read(4), int.from_bytes(file.read(4), "little")
        if not all(32 <= byte < 127 for byte in name) or length > size - end - 8:
            raise BadAudioError(AudioFault.LENGTH_MISMATCH, f"{size - end} bytes follow the sound the header promises")
        end += 8 + length + length % 2
