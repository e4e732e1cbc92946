"""Authenticated, seekable streaming encryption of object bytes (AES-256-GCM, one key per recording).

The format is Tink's (see `layout`), written here because Tink's Python library only decrypts forward and
a listener seeks. Tink itself is the oracle of the tests, in both directions.

No byte of plaintext leaves before the tag of its segment is verified.
"""

import io
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callwarden.adapters.crypto.layout import (
    DEFAULT_SEGMENT_SIZE,
    HEADER_BYTES,
    KEY_BYTES,
    PREFIX_BYTES,
    SALT_BYTES,
    Layout,
    Segment,
    SegmentLengthError,
    checked_key,
)
from callwarden.ports.cipher import DecryptionError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_WIDEST_FETCH = 8
"""Segments asked for at once when reading far ahead: 512 KiB at the default segment size, held by each listener."""


class ByteSource(Protocol):
    """Anything with ``read(n)``: at most ``n`` bytes, ``b""`` at the end and only there."""

    def read(self, size: int, /) -> bytes: ...


def ciphertext_length(plaintext_length: int, *, segment_size: int = DEFAULT_SEGMENT_SIZE) -> int:
    """Bytes of the object that ``plaintext_length`` bytes of recording become."""
    return Layout(segment_size=segment_size).ciphertext_length(plaintext_length)


def plaintext_length(ciphertext_length: int, *, segment_size: int = DEFAULT_SEGMENT_SIZE) -> int:
    """Bytes of recording in an object of ``ciphertext_length`` bytes.

    Raises:
        DecryptionError: no object of this format has this length.
    """
    try:
        return Layout(segment_size=segment_size).plaintext_length(ciphertext_length)
    except SegmentLengthError as error:
        raise DecryptionError(str(error)) from error


def encrypt_stream(
    source: ByteSource,
    *,
    data_key: bytes,
    associated_data: bytes,
    segment_size: int = DEFAULT_SEGMENT_SIZE,
) -> Iterator[bytes]:
    """Yield the encrypted object in order, about a segment at a time; memory stays at three segments.

    Encrypting the same bytes twice gives different objects: salt and nonce prefix are random.
    """
    layout = Layout(segment_size=segment_size)
    salt, prefix = os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES)
    cipher = _object_cipher(data_key, salt, associated_data)
    yield bytes((HEADER_BYTES,)) + salt + prefix
    current = _read_full(source, layout.first_plaintext)
    index = 0
    while True:
        # Only the byte after a segment tells whether it is the last one, so one segment is read ahead.
        following = _read_full(source, layout.next_plaintext)
        yield cipher.encrypt(_nonce(prefix, index, is_last=not following), current, None)
        if not following:
            return
        current, index = following, index + 1


class EncryptingReader(io.RawIOBase):
    """The encrypted object as a file to read from, for an upload. Forward only: a second pass would be a
    different object, so an adapter that retries keeps the part it has read. Closing it leaves the source
    open."""

    def __init__(
        self,
        source: ByteSource,
        *,
        data_key: bytes,
        associated_data: bytes,
        segment_size: int = DEFAULT_SEGMENT_SIZE,
    ) -> None:
        super().__init__()
        self._chunks = encrypt_stream(
            source, data_key=data_key, associated_data=associated_data, segment_size=segment_size
        )
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes, fewer only at the end; all that is left when ``size`` is negative."""
        gathered = io.BytesIO()  # frees each segment as it is copied: large reads stay in few warm pages
        wanted = size
        while wanted and self._refill():
            piece = self._rest if wanted < 0 else self._rest[:wanted]
            self._rest = self._rest[len(piece) :]
            gathered.write(piece)
            wanted -= len(piece) if wanted > 0 else 0
        return gathered.getvalue()

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """As `read`, into a buffer of the caller's."""
        target = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(target) and self._refill():
            piece = self._rest[: len(target) - filled]
            target[filled : filled + len(piece)] = piece
            self._rest = self._rest[len(piece) :]
            filled += len(piece)
        return filled

    def _refill(self) -> bool:
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        return len(self._rest) > 0


class RangeDecryptor:
    """Random access to an encrypted object.

    ``read_ciphertext(start, length)`` returns exactly those bytes of the object, or fewer where the object
    ends; it is called for the segments a range touches and once for the header, never for more. Pass the
    ``ciphertext_length`` the catalogue knows, not the one the store reports: then an object cut short is
    seen by every read; otherwise it is seen by any read that touches its end, and by `verify_end`.
    """

    def __init__(
        self,
        read_ciphertext: Callable[[int, int], bytes],
        ciphertext_length: int,
        *,
        data_key: bytes,
        associated_data: bytes,
        segment_size: int = DEFAULT_SEGMENT_SIZE,
    ) -> None:
        self._fetch = read_ciphertext
        self._layout = Layout(segment_size=segment_size)
        self._ciphertext_length = ciphertext_length
        self._plaintext_length = plaintext_length(ciphertext_length, segment_size=segment_size)
        self._data_key = checked_key(data_key)
        self._associated_data = associated_data
        self._opened: tuple[AESGCM, bytes] | None = None

    @property
    def plaintext_length(self) -> int:
        """Bytes of the recording, computed from the object's length (see the class about trusting it)."""
        return self._plaintext_length

    def read(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the plaintext bytes ``start`` to ``start + length``, cut at the end of the recording.

        The first fetch is one segment, so the first byte comes early; later fetches double up to 512 KiB.

        Raises:
            DecryptionError: a segment is altered, moved, missing, or belongs to another object. Segments
                yielded before it are genuine.
        """
        if start < 0 or (length is not None and length < 0):
            raise ValueError("a range starts at or after zero and has no negative length")
        end = self._plaintext_length if length is None else min(start + length, self._plaintext_length)
        if start >= end:
            if self._plaintext_length == 0:
                self.verify_end()
            return
        layout = self._layout
        last = layout.segment_at(end - 1)
        upcoming, width = layout.segment_at(start), 1
        while upcoming <= last:
            until = min(upcoming + width - 1, last)
            for segment, plaintext in self._decrypt(upcoming, until):
                cut_front = max(0, start - segment.plaintext_start)
                cut_back = max(0, segment.plaintext_end - end)
                yield plaintext[cut_front : len(plaintext) - cut_back] if cut_front or cut_back else plaintext
            upcoming, width = until + 1, min(width * 2, _WIDEST_FETCH)

    def verify_end(self) -> None:
        """Prove that the object ends where its length says: decrypt its last segment.

        Raises:
            DecryptionError: it is cut, padded or altered there.
        """
        last = self._layout.segment_count(self._ciphertext_length) - 1
        for _ in self._decrypt(last, last):
            pass

    def _decrypt(self, first: int, last: int) -> Iterator[tuple[Segment, bytes]]:
        segments = list(self._layout.segments(self._ciphertext_length, first=first, last=last))
        begin, end = segments[0].ciphertext_start, segments[-1].ciphertext_end
        if first == 0:
            begin = 0
        window = memoryview(self._exactly(begin, end - begin))
        cipher, prefix = self._open(bytes(window[:HEADER_BYTES]) if first == 0 else None)
        for segment in segments:
            sealed = window[segment.ciphertext_start - begin : segment.ciphertext_end - begin]
            nonce = _nonce(prefix, segment.index, is_last=segment.is_last)
            try:
                plaintext = cipher.decrypt(nonce, sealed, None)
            except InvalidTag as error:
                raise DecryptionError(f"segment {segment.index} does not authenticate") from error
            yield segment, plaintext

    def _open(self, header: bytes | None) -> tuple[AESGCM, bytes]:
        if self._opened is None:
            header = header or self._exactly(0, HEADER_BYTES)
            if header[0] != HEADER_BYTES:
                raise DecryptionError("not an encrypted object: the header is not ours")
            salt, prefix = header[1 : 1 + SALT_BYTES], header[1 + SALT_BYTES :]
            self._opened = (_object_cipher(self._data_key, salt, self._associated_data), prefix)
        return self._opened

    def _exactly(self, start: int, length: int) -> bytes:
        found = self._fetch(start, length)
        if len(found) != length:
            raise DecryptionError(f"{length} bytes expected at {start}, {len(found)} found: the object is cut")
        return found


def _object_cipher(data_key: bytes, salt: bytes, associated_data: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=associated_data)
    return AESGCM(derived.derive(checked_key(data_key)))


def _nonce(prefix: bytes, index: int, *, is_last: bool) -> bytes:
    # 4 bytes of index: 2**32 segments of 256 KiB are a petabyte; to_bytes raises OverflowError beyond.
    return prefix + index.to_bytes(4, "big") + (b"\x01" if is_last else b"\x00")


def _read_full(source: ByteSource, size: int) -> bytes:
    first = source.read(size)
    if len(first) == size or not first:
        return first
    pieces, missing = [first], size - len(first)
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return first if len(pieces) == 1 else b"".join(pieces)
