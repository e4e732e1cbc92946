"""How many packets an MP4 file claims: its demuxer makes room for each before it has seen one."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from callwarden.adapters.audio.faults import oversized

MAX_BOXES = 200_000
LONGEST_INDEX = 1 << 26


def claimed_packets(file: BinaryIO, *, size: int) -> int:
    """The sum over all its indexes, of the file and of its fragments (ISO/IEC 14496-12: `stsz`, `trun`). Raises
    BadAudioError when an index, or the number of fragments, is beyond all bounds."""
    claimed = 0
    for index in _indexes(file, size=size):
        for name, count_at in ((b"trun", 8), (b"stsz", 12), (b"stz2", 12)):
            at = index.find(name)
            while at >= 0:
                if at + count_at + 4 <= len(index):
                    (count,) = struct.unpack_from(">I", index, at + count_at)
                    one_size = name == b"stsz" and index[at + 8 : at + 12] != bytes(4)  # then nothing is kept of each
                    claimed += 0 if one_size else count
                at = index.find(name, at + 4)
    return claimed


def _indexes(file: BinaryIO, *, size: int) -> Iterator[bytes]:
    at = 0
    for _ in range(MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        length, name = int.from_bytes(head[:4]), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:])
        elif length == 0:
            length = size - at
        if length < 8:
            return
        if name in (b"moov", b"moof"):
            if min(length, size - at) > LONGEST_INDEX:
                raise oversized("an index longer than is read here")
            file.seek(at)
            yield file.read(min(length, size - at))
        at += length
    raise oversized("more parts than are read here")
