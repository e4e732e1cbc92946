"""Where bytes lie in an encrypted object: the wire format of Tink's AES-GCM-HKDF streaming encryption.

    header (40 bytes)            segment 0            segment 1 ... segment n-1
    [ 40 | salt 32 | prefix 7 ]  [ ciphertext | tag ] [ ciphertext | tag ] ...

Every segment takes ``segment_size`` bytes of the object, the last one fewer; the header counts towards
segment 0. The object's key is HKDF-SHA256 of the recording's data key with the header's salt and the
associated data, so an object moved to another recording, kind or version does not decrypt. The nonce of
a segment is ``prefix | index (4 bytes, big-endian) | 1 if it is the last one, else 0``, so reordering,
dropping and cutting are all seen. Source: https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming
"""

from collections.abc import Iterator
from dataclasses import dataclass

KEY_BYTES = 32
"""Length of a data key and of the key derived from it (AES-256)."""

TAG_BYTES = 16
SALT_BYTES = KEY_BYTES
PREFIX_BYTES = 7
HEADER_BYTES = 1 + SALT_BYTES + PREFIX_BYTES

DEFAULT_SEGMENT_SIZE = 64 * 1024
"""Measured: four times as fast as 256 KiB, which the C library takes from the system anew each time, and a quarter of
the bytes to fetch for a seek."""


class SegmentLengthError(ValueError):
    """No stream of this format has this ciphertext length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment: where its ciphertext lies in the object, where its plaintext lies in the recording."""

    index: int
    is_last: bool
    ciphertext_start: int
    ciphertext_end: int
    plaintext_start: int

    @property
    def plaintext_end(self) -> int:
        return self.plaintext_start + self.ciphertext_end - self.ciphertext_start - TAG_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The arithmetic of one segment size."""

    segment_size: int = DEFAULT_SEGMENT_SIZE

    def __post_init__(self) -> None:
        if self.segment_size <= HEADER_BYTES + TAG_BYTES:
            raise ValueError(f"segment size {self.segment_size} leaves no room for a byte of plaintext")

    @property
    def first_plaintext(self) -> int:
        """Plaintext bytes of a full segment 0."""
        return self.segment_size - HEADER_BYTES - TAG_BYTES

    @property
    def next_plaintext(self) -> int:
        """Plaintext bytes of every later full segment."""
        return self.segment_size - TAG_BYTES

    def ciphertext_length(self, plaintext_length: int) -> int:
        """Bytes of the object that ``plaintext_length`` bytes become. An empty recording is 56 bytes."""
        if plaintext_length < 0:
            raise ValueError("a length is not negative")
        beyond = max(0, plaintext_length - self.first_plaintext)
        segments = 1 + -(-beyond // self.next_plaintext)
        return HEADER_BYTES + plaintext_length + segments * TAG_BYTES

    def plaintext_length(self, ciphertext_length: int) -> int:
        """Inverse of :meth:`ciphertext_length`.

        Raises:
            SegmentLengthError: no plaintext has this ciphertext length (the object is cut or padded).
        """
        segments = self.segment_count(ciphertext_length)
        return ciphertext_length - HEADER_BYTES - segments * TAG_BYTES

    def segment_count(self, ciphertext_length: int) -> int:
        """How many segments an object of this length has; at least one."""
        segments = -(-ciphertext_length // self.segment_size)
        in_last = ciphertext_length - (segments - 1) * self.segment_size
        smallest = HEADER_BYTES + TAG_BYTES if segments <= 1 else TAG_BYTES + 1
        if ciphertext_length <= 0 or in_last < smallest:
            raise SegmentLengthError(f"no encrypted object is {ciphertext_length} bytes long")
        return segments

    def segment_at(self, plaintext_offset: int) -> int:
        """Index of the segment that holds this plaintext byte."""
        if plaintext_offset < self.first_plaintext:
            return 0
        return 1 + (plaintext_offset - self.first_plaintext) // self.next_plaintext

    def segments(self, ciphertext_length: int, *, first: int, last: int) -> Iterator[Segment]:
        """Segments ``first`` to ``last`` (both included) of an object of this length."""
        count = self.segment_count(ciphertext_length)
        for index in range(first, last + 1):
            yield Segment(
                index=index,
                is_last=index == count - 1,
                ciphertext_start=HEADER_BYTES if index == 0 else index * self.segment_size,
                ciphertext_end=min((index + 1) * self.segment_size, ciphertext_length),
                plaintext_start=0 if index == 0 else self.first_plaintext + (index - 1) * self.next_plaintext,
            )


def checked_key(data_key: bytes) -> bytes:
    """The data key, if it has the length of one; ValueError otherwise."""
    if len(data_key) != KEY_BYTES:
        raise ValueError(f"a data key is {KEY_BYTES} bytes")
    return data_key
