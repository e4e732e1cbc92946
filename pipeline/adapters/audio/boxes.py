"""How many packets an MP4 file claims: its demuxer makes room for each before it has seen one."""

import re
from collections.abc import Iterator
from typing import Final

from callwarden.adapters.audio.faults import oversized
from callwarden.adapters.audio.view import View

MAX_BOXES: Final = 200_000
BLOCK: Final = 1 << 20
COUNTS: Final = re.compile(rb"trun....(....)|stsz.{4}\0{4}(....)|stz2.{8}(....)", re.DOTALL)
"""The number of packets in the index of a fragment, or of the whole (ISO/IEC 14496-12) where not all have one size,
for then nothing is kept of each. The demuxer finds an index in whatever box, so all but the sound is searched."""


def claimed_packets(file: View) -> int:
    """The sum over all indexes. Raises BadAudioError when there are more boxes than a call has."""
    claimed = 0
    for start, end in _all_but_sound(file):
        for at in range(start, end, BLOCK):
            file.seek(at)
            block = file.read(min(BLOCK + 16, end - at))
            for found in COUNTS.finditer(block):
                if found.start() >= BLOCK:
                    break  # the next block has it, too
                claimed += int.from_bytes(found[1] or found[2] or found[3])
    return claimed


def _all_but_sound(file: View) -> Iterator[tuple[int, int]]:
    at, size = 0, file.seek(0, 2)
    for _ in range(MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        length, name = int.from_bytes(head[:4]), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:])
        elif length == 0:
            length = size - at
        if len(head) < 8 or length < 8:
            return
        if name != b"mdat":
            yield at, min(at + length, size)
        at += length
    raise oversized("more parts than a call has")
