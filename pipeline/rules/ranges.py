"""Which bytes are asked for? The Range header of RFC 9110, section 14, read strictly: one range, and a right one."""

import re

from callwarden.errors import UsageError

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")


def read_range(header: str) -> tuple[int, int | None]:
    """`start` and `length` as the gate takes them: ``bytes=500-999`` is (500, 500), ``bytes=500-`` (500, None) and
    ``bytes=-500``, the last 500, (-500, None). Raises UsageError for anything else."""
    match = _RANGE.fullmatch(header.strip())
    if match is None:
        raise UsageError("a Range is one range of bytes, such as bytes=0-499, bytes=500- or bytes=-500")
    first, last, suffix = match.groups()
    if suffix is not None:
        if int(suffix) == 0:
            raise UsageError("the last 0 bytes are none: ask for bytes=-1 or more")
        return -int(suffix), None
    if last is None:
        return int(first), None
    if int(last) < int(first):
        raise UsageError("this Range ends before it begins: its first byte is before its last, such as bytes=0-499")
    return int(first), int(last) - int(first) + 1


def extent(start: int, length: int | None, *, size: int) -> tuple[int, int] | None:
    """The bytes [first, end) of an artefact of `size` bytes; None when there are none such. A negative `start` counts
    from the end, and the whole is enough where there is less; `length` is cut at the end."""
    if length is not None and length <= 0:
        return None
    first = max(size + start, 0) if start < 0 else start
    if first >= size and not (size == 0 and start == 0 and length is None):
        return None
    return first, size if length is None else min(first + length, size)
