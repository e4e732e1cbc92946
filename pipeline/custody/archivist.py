"""Stores what is derived from a recording, under the recording's own key, so that it dies with it (K1)."""

import hashlib
import tempfile
from dataclasses import dataclass
from typing import BinaryIO, cast

from callwarden.errors import CallwardenError
from callwarden.model.ids import RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import Artefact, ArtefactKind, Recording
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.cipher import Binding, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyDestroyedError, KeyStore
from callwarden.ports.vault import VaultKeeper, VaultWriter
from callwarden.rules.retention import is_past
from callwarden.rules.vault_layout import object_key, tags_of

_CHUNK = 1 << 20
_IN_MEMORY = 16 << 20
"""Bytes of a scratch file held in memory."""


def scratch_file() -> BinaryIO:
    """A file for sound on its way: in memory, or on disk without a name once it is large, so that it dies with the
    process. Whoever asks for it closes it."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))


class RecordingGoneError(CallwardenError):
    """The recording's key is destroyed: there is nothing left to derive from, and nothing may be added."""

    def __init__(self, recording_id: RecordingId) -> None:
        self.recording_id = recording_id
        super().__init__(f"{recording_id} is gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Archivist:
    """Puts derived artefacts into the vault. The caller makes them known in the catalogue, or clears them again."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    writer: VaultWriter
    keeper: VaultKeeper
    keys: KeyStore
    cipher: StreamCipher

    def store(
        self, recording: Recording, kind: ArtefactKind, generation: int, body: BinaryIO, *, media_type: str
    ) -> Artefact:
        """Encrypt and put `body`, a seekable file. What an earlier attempt left under the same key goes first.

        Raises RecordingGoneError, RetryableError.
        """
        data_key = self._data_key(recording.recording_id)
        key = object_key(recording.recording_id, kind, generation)
        self.keeper.destroy(tuple(self.keeper.versions(key)))
        size, sha256 = _measure(body)
        body.seek(0)
        binding = Binding(recording_id=recording.recording_id, kind=kind, generation=generation)
        stored = self.writer.put(
            key,
            self.cipher.encrypting(body, data_key=data_key, binding=binding),
            size=self.cipher.stored_size(size),
            tags=tags_of(retention=self._retention(recording), held=self._excluded(recording)),
        )
        return Artefact(
            recording_id=recording.recording_id,
            kind=kind,
            generation=generation,
            key=key,
            version_id=stored.version_id,
            size=size,
            stored_size=stored.size,
            sha256=sha256,
            media_type=media_type,
            stored_at=self.clock.now(),
        )

    def clear(self, artefact: Artefact) -> None:
        """Destroy an artefact no row names. Raises ObjectHeldError, RetryableError."""
        versions = [one for one in self.keeper.versions(artefact.key) if one.version_id == artefact.version_id]
        self.keeper.destroy(versions)

    def _data_key(self, recording_id: RecordingId) -> bytes:
        with self.catalogue.transaction() as tx:
            wrapped = tx.keys.get([recording_id]).get(recording_id)
        if wrapped is None:
            raise RecordingGoneError(recording_id)
        try:
            return self.keys.unwrap(wrapped.wrapped, {"recording": recording_id})
        except KeyDestroyedError as error:
            raise RecordingGoneError(recording_id) from error

    def _retention(self, recording: Recording) -> str:
        line = self.policy.lines.get(recording.line)
        return str(self.policy.quarantine if line is None else line.retention)

    def _excluded(self, recording: Recording) -> bool:
        past = recording.keep_until is not None and is_past(recording.keep_until, now=self.clock.now())
        return bool(recording.holds) or past


def _measure(body: BinaryIO) -> tuple[int, str]:
    """Size in bytes and SHA-256 in hexadecimal."""
    digest, size = hashlib.sha256(), 0
    body.seek(0)
    while chunk := body.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()
