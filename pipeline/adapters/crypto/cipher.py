"""The cipher port over Tink's streaming format and AES-256-GCM."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from callwarden.adapters.crypto import seal, stream
from callwarden.adapters.crypto.layout import DEFAULT_SEGMENT_SIZE
from callwarden.ports.cipher import Binding


class AesGcmStreamCipher:
    """`callwarden.ports.cipher.StreamCipher`. ``segment_size`` is part of the format: objects written with one
    size are read with the same one, so it is fixed for the life of a vault."""

    def __init__(self, *, segment_size: int = DEFAULT_SEGMENT_SIZE) -> None:
        self._segment_size = segment_size

    def stored_size(self, size: int) -> int:
        return stream.ciphertext_length(size, segment_size=self._segment_size)

    def size(self, stored_size: int) -> int:
        return stream.plaintext_length(stored_size, segment_size=self._segment_size)

    def encrypting(self, source: BinaryIO, *, data_key: bytes, binding: Binding) -> BinaryIO:
        reader = stream.EncryptingReader(
            source,
            data_key=data_key,
            associated_data=binding.canonical_bytes(),
            segment_size=self._segment_size,
        )
        # RawIOBase is what BinaryIO describes for a reader; typeshed keeps the two hierarchies apart.
        return cast(BinaryIO, reader)

    def decrypt(
        self,
        read: Callable[[int, int], bytes],
        *,
        stored_size: int,
        data_key: bytes,
        binding: Binding,
        start: int = 0,
        length: int | None = None,
    ) -> Iterator[bytes]:
        decryptor = stream.RangeDecryptor(
            read,
            stored_size,
            data_key=data_key,
            associated_data=binding.canonical_bytes(),
            segment_size=self._segment_size,
        )
        return decryptor.read(start, length)

    def seal(self, plaintext: bytes, *, data_key: bytes, purpose: str) -> bytes:
        return seal.seal(data_key, plaintext, purpose.encode())

    def unseal(self, sealed: bytes, *, data_key: bytes, purpose: str) -> bytes:
        return seal.open_sealed(data_key, sealed, purpose.encode())
