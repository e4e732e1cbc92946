"""The only writer of stored content, each object encrypted under its recording's own key, so that it dies with it (K1).

The caller makes what is stored known in the catalogue, or has the disposal clear it again.
"""

import hashlib
import io
import tempfile
from dataclasses import dataclass
from typing import BinaryIO, cast

from callwarden.custody.disposal import Disposal
from callwarden.errors import CallwardenError
from callwarden.model.access import Actor
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import GOES_WITH_AUDIO, Artefact, ArtefactKind, AudioState, Recording
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.cipher import Binding, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyDestroyedError, KeyStore
from callwarden.ports.vault_writer import VaultWriter
from callwarden.rules.retention import is_past
from callwarden.rules.seals import audio_key_seal, key_context
from callwarden.rules.vault_layout import object_key, tags_for, tags_of

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
class Measure:
    """Size in bytes, and SHA-256 in hexadecimal."""

    size: int
    sha256: str


def measured(body: BinaryIO) -> Measure:
    """The measure of a seekable file, left at its end."""
    body.seek(0)
    sha256 = hashlib.file_digest(body, "sha256").hexdigest()  # type: ignore[arg-type]  # a file opened to read has readinto
    return Measure(size=body.seek(0, io.SEEK_END), sha256=sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Puts objects into the vault; every body is a seekable file. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    vault: VaultWriter
    disposal: Disposal
    keys: KeyStore
    cipher: StreamCipher

    def original(
        self,
        recording_id: RecordingId,
        body: BinaryIO,
        measure: Measure,
        *,
        data_key: bytes,
        line: LineId,
        quarantined: bool,
        media_type: str,
        attempt: int,
        actor: Actor,
    ) -> Artefact:
        """Store the audio a recording begins with, under a new `data_key`. What attempts before this one have left in
        vain goes first; audio that a row names stays until this is named (`Disposal.clear_replaced`). Raises
        ObjectHeldError, RetryableError."""
        if attempt > 1:
            key = object_key(recording_id, ArtefactKind.ORIGINAL_AUDIO, 1)
            self.disposal.make_room(recording_id, key, attempt=attempt, actor=actor)
        tags = tags_for(line, quarantined=quarantined, excluded=False, policy=self.policy)
        binding = Binding(recording_id=recording_id, kind=ArtefactKind.ORIGINAL_AUDIO, generation=1)
        return self._put(binding, body, measure, data_key=data_key, tags=tags, media_type=media_type)

    def derived(
        self,
        recording: Recording,
        kind: ArtefactKind,
        generation: int,
        body: BinaryIO,
        *,
        attempt: int,
        media_type: str,
        actor: Actor,
    ) -> Artefact:
        """Store what was made of a recording. What attempts before this one have left under the same key goes first.

        Raises RecordingGoneError, ObjectHeldError, RetryableError.
        """
        recording_id = recording.recording_id
        data_key = self._data_key(recording_id, kind)
        self.disposal.make_room(recording_id, object_key(recording_id, kind, generation), attempt=attempt, actor=actor)
        past = recording.keep_until is not None and is_past(recording.keep_until, now=self.clock.now())
        tags = tags_of(recording, excluded=bool(recording.holds) or past, policy=self.policy)
        binding = Binding(recording_id=recording_id, kind=kind, generation=generation)
        return self._put(binding, body, measured(body), data_key=data_key, tags=tags, media_type=media_type)

    def _put(
        self,
        binding: Binding,
        body: BinaryIO,
        measure: Measure,
        *,
        data_key: bytes,
        tags: dict[str, str],
        media_type: str,
    ) -> Artefact:
        body.seek(0)
        stored = self.vault.put(
            object_key(binding.recording_id, binding.kind, binding.generation),
            self.cipher.encrypting(body, data_key=data_key, binding=binding),
            size=self.cipher.stored_size(measure.size),
            tags=tags,
        )
        return Artefact(
            recording_id=binding.recording_id,
            kind=binding.kind,
            generation=binding.generation,
            key=stored.key,
            version_id=stored.version_id,
            size=measure.size,
            stored_size=stored.size,
            sha256=measure.sha256,
            media_type=media_type,
            stored_at=self.clock.now(),
        )

    def _data_key(self, recording_id: RecordingId, kind: ArtefactKind) -> bytes:
        with self.catalogue.transaction() as tx:
            wrapped = tx.keys.get([recording_id]).get(recording_id)
            row = tx.recordings.get([recording_id]).get(recording_id)
        goes = kind in GOES_WITH_AUDIO
        if wrapped is None or row is None or (goes and row.audio is not AudioState.KEPT):
            raise RecordingGoneError(recording_id)
        try:
            data_key = self.keys.unwrap(wrapped.wrapped, key_context(recording_id))
        except KeyDestroyedError as error:
            raise RecordingGoneError(recording_id) from error
        if not goes or row.sealed_audio_key is None:
            return data_key
        return self.cipher.unseal(row.sealed_audio_key, data_key=data_key, purpose=audio_key_seal(recording_id))
