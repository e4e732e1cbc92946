"""Puts the certificates of a time-stamp response into the order DER wants.

They are a SET OF, which DER sorts by its elements' bytes. Many authorities send them in the order of their chain, which
is BER; the library takes DER only. No signature covers that set, and sorting changes no length, so the elements change
places and nothing else does.
"""

from typing import Final

_SEQUENCE: Final = 0x30
_CONTEXT_0: Final = 0xA0


def in_der_order(response: bytes) -> bytes:
    """The response (TimeStampResp, RFC 3161 2.4.2; SignedData, RFC 5652 5.1) with its certificates sorted; one that has
    none, or is none, as it is."""
    try:
        _, content = _parts(response, *_inside(response, 0, _SEQUENCE))[:2]
        _, explicit = _parts(response, *_inside(response, content[0], _SEQUENCE))[:2]
        [signed] = _parts(response, *_inside(response, explicit[0], _CONTEXT_0))
        fields = _parts(response, *_inside(response, signed[0], _SEQUENCE))
        [certificates] = [field for field in fields if response[field[0]] == _CONTEXT_0]
        first, end = _inside(response, certificates[0], _CONTEXT_0)
        ordered = sorted(response[start:stop] for start, stop in _parts(response, first, end))
    except (ValueError, IndexError):
        return response
    return response[:first] + b"".join(ordered) + response[end:]


def _inside(data: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the contents of the element at ``at`` begin and end. Raises ValueError for another tag, IndexError."""
    if data[at] != tag:
        raise ValueError(f"the element at {at} has the tag {data[at]}")
    length, start = data[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise ValueError("a length that is indefinite or absurd")
        length, start = int.from_bytes(data[start : start + octets]), start + octets
    if start + length > len(data):
        raise ValueError("an element that reaches beyond the end")
    return start, start + length


def _parts(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Begin and end of every element in [start, end). Raises ValueError, IndexError."""
    found = []
    while start < end:
        _, stop = _inside(data, start, data[start])
        found.append((start, stop))
        start = stop
    return found
