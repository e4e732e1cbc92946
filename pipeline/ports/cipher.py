"""The cipher: what turns a recording's bytes into an object that is worth nothing without its data key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from callwarden.errors import InvariantError
from callwarden.model.ids import RecordingId
from callwarden.model.recording import ArtefactKind


class DecryptionError(InvariantError):
    """The bytes are not what was encrypted for this recording, kind and generation, or the key is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What an encrypted object belongs to. It is authenticated with every byte: an object put in the place of
    another recording's, another kind's or another generation's does not decrypt."""

    recording_id: RecordingId
    kind: ArtefactKind
    generation: int

    def canonical_bytes(self) -> bytes:
        """One byte string for one binding, different for every other (each part carries its length)."""
        parts = (b"callwarden/object/1", self.recording_id.encode(), self.kind.value.encode())
        framed = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
        return framed + self.generation.to_bytes(4, "big")


class StreamCipher(Protocol):
    """Encrypts whole objects and decrypts any part of them. Thread-safe."""

    def stored_size(self, size: int) -> int:
        """Bytes of the object that `size` bytes of plaintext become, known before encrypting."""
        ...

    def size(self, stored_size: int) -> int:
        """Inverse of `stored_size`. Raises DecryptionError when no object has this size."""
        ...

    def encrypting(self, source: BinaryIO, *, data_key: bytes, binding: Binding) -> BinaryIO:
        """The encrypted object as a file to read once, forward, while `source` is read. Memory stays at a few
        segments. Two calls give different objects of the same plaintext. Closing it leaves `source` open."""
        ...

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
        """The plaintext bytes [start, start + length), cut at the recording's end, in pieces of at most a segment.

        `read(start, length)` returns those bytes of the object; it is asked only for what the range needs, so a
        read in the middle of a long recording costs the same as one at its start. Every piece is authenticated
        before it is yielded. `stored_size` is the catalogue's, so that an object cut short is seen by any read.

        Raises DecryptionError at the first byte that is altered, moved, missing or another object's, and
        whatever `read` raises.
        """
        ...

    def seal(self, plaintext: bytes, *, data_key: bytes, purpose: str) -> bytes:
        """Encrypt a small value (an event, a dead letter) in one piece, bound to `purpose`."""
        ...

    def unseal(self, sealed: bytes, *, data_key: bytes, purpose: str) -> bytes:
        """The plaintext of `seal`. Raises DecryptionError."""
        ...
