"""The links of an Ogg file: chained streams follow one another in one file (RFC 3533, section 4), and each is decoded
by itself. Pages are only counted; what is in them is the decoder's."""

from collections.abc import Iterator
from typing import BinaryIO

from callwarden.adapters.audio.faults import oversized, unreadable

FIRST = 2
"""The flag of the first page of a stream."""
MAX_LINKS = 1_000
NEXT_WITHIN = 1 << 20
"""Bytes searched for the next page where there is none."""


def links(file: BinaryIO, *, size: int, max_pages: int) -> tuple[list[tuple[int, int]], bool]:
    """Start and end of each link, without what is no page; and whether the file stops within a page. Raises
    BadAudioError for no page, or too many."""
    found: list[tuple[int, int]] = []
    in_headers = False
    cut = False
    for number, (start, end, flags) in enumerate(_pages(file)):
        if number >= max_pages or len(found) > MAX_LINKS:
            raise oversized("more pages or streams than the longest allowed call has")
        if end > size:
            cut = True
            break
        if flags & FIRST and not in_headers:
            found.append((start, end))
        elif found:
            found[-1] = (found[-1][0], end)
        in_headers = bool(flags & FIRST)
    if not found:
        raise unreadable("ogg without a first page")
    return found, cut


def _pages(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Start, end and flags of each page."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(27 + 255)
        if head[:4] != b"OggS":
            file.seek(at)
            skipped = file.read(NEXT_WITHIN).find(b"OggS")
            if skipped <= 0:
                return
            at += skipped
            continue
        if len(head) < 27 or len(head) < 27 + head[26]:
            yield at, at + 27 + 65_536, head[5] if len(head) > 5 else 0
            return
        end = at + 27 + head[26] + sum(head[27 : 27 + head[26]])
        yield at, end, head[5]
        at = end
