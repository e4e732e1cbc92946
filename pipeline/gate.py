"""The only reader of stored content: decide, log durably, then read (U3, I6).

In that order, visible below. If the log cannot take the entry nothing is read. No more bytes leave than the entry
says, and none before it is durable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NoReturn

from pipeline.errors import InvariantError, RefusedError
from pipeline.model.access import REDACTED, Actor, Readable
from pipeline.model.event import CallRecorded
from pipeline.model.ids import RecordingId
from pipeline.model.log_entry import ByteRange, EntryOutcome, Operation
from pipeline.model.policy import Policy
from pipeline.model.purpose import Purpose
from pipeline.model.recording import Artefact, ArtefactKind, Recording
from pipeline.ports.catalogue import Catalogue, WrappedKey
from pipeline.ports.cipher import Binding, StreamCipher
from pipeline.ports.clock import Clock
from pipeline.ports.codec import EventCodec
from pipeline.ports.keys import KeyDestroyedError, KeyStore
from pipeline.ports.log import LogUnavailableError, LogWriter
from pipeline.ports.vault_reader import VaultReader
from pipeline.rules.reading import Deny, Question, ReadRefusal, decide
from pipeline.scribe import Scribe


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the gate lets out: `length` bytes of an artefact from `start`, in pieces. `size` is the whole artefact's."""

    recording_id: RecordingId
    artefact: Artefact
    start: int
    length: int
    size: int
    media_type: str
    pieces: Iterator[bytes]

    def read_all(self) -> bytes:
        """Every byte let out, in memory."""
        return b"".join(self.pieces)

    def copy_to(self, target: IO[bytes]) -> None:
        """Write every byte let out to `target`, and go back to its start."""
        for piece in self.pieces:
            target.write(piece)
        target.seek(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Nobody else holds a vault reader. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    vault: VaultReader
    keys: KeyStore
    cipher: StreamCipher
    log: LogWriter
    scribe: Scribe
    codec: EventCodec

    def read(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId,
        what: Readable,
        *,
        start: int = 0,
        length: int | None = None,
    ) -> Content:
        """Content for somebody who may have it: the bytes [start, start + length), cut at its end.

        Raises RefusedError with every reason (also when the log is unavailable), RetryableError when the vault, the
        catalogue or the keys are out of reach.
        """
        recording, artefact, key = self._look_up(recording_id, what)
        question = Question(
            actor=actor,
            purpose=purpose,
            what=what,
            recording=recording,
            redaction_complete=what not in REDACTED or artefact is not None,
            glass_broken=False,
            now=self.clock.now(),
        )
        verdict = decide(question, policy=self.policy)
        if isinstance(verdict, Deny):
            self._refuse(question, recording_id, verdict.reasons)
        if artefact is None or key is None:
            self._refuse(question, recording_id, (ReadRefusal.UNKNOWN,))
        first = min(max(start, 0), artefact.size)
        end = artefact.size if length is None else min(first + max(length, 0), artefact.size)
        whole = first == 0 and end == artefact.size
        self._log_allowed(question, recording_id, ByteRange(first=first, end=end), whole=whole)
        return Content(
            recording_id=recording_id,
            artefact=artefact,
            start=first,
            length=end - first,
            size=artefact.size,
            media_type=artefact.media_type,
            pieces=self._pieces(artefact, key, start=first, length=end - first),
        )

    def details(self, actor: Actor, purpose: Purpose, recording_id: RecordingId) -> CallRecorded:
        """The event a recording came with: who called, on which channels, what was paused. Personal data, so it is
        decided and logged like any content. Raises as `read`."""
        recording, _, key = self._look_up(recording_id, Readable.METADATA)
        question = Question(
            actor=actor,
            purpose=purpose,
            what=Readable.METADATA,
            recording=recording,
            redaction_complete=True,
            glass_broken=False,
            now=self.clock.now(),
        )
        verdict = decide(question, policy=self.policy)
        if isinstance(verdict, Deny):
            self._refuse(question, recording_id, verdict.reasons)
        if recording is None or recording.sealed_event is None or key is None:
            self._refuse(question, recording_id, (ReadRefusal.UNKNOWN,))
        self._log_allowed(question, recording_id, ByteRange(first=0, end=len(recording.sealed_event)), whole=True)
        data_key = self._unwrap(recording_id, key)
        sealed = self.cipher.unseal(recording.sealed_event, data_key=data_key, purpose=f"event:{recording_id}")
        event = self.codec.decode(sealed)
        if not isinstance(event, CallRecorded):
            raise InvariantError("a recording's sealed event is not one of a recorded call")
        return event

    def _look_up(
        self, recording_id: RecordingId, what: Readable
    ) -> tuple[Recording | None, Artefact | None, WrappedKey | None]:
        """The same reads whether or not the recording exists, so that an answer takes the same time."""
        kind = ArtefactKind(what.value) if what.value in set(ArtefactKind) else None
        with self.catalogue.transaction() as tx:
            recording = tx.recordings([recording_id]).get(recording_id)
            artefact = None if kind is None else tx.artefact(recording_id, kind)
            key = tx.keys([recording_id]).get(recording_id)
        return recording, artefact, key

    def _refuse(self, question: Question, recording_id: RecordingId, reasons: tuple[ReadRefusal, ...]) -> NoReturn:
        entry = self.scribe.entry(
            question.actor,
            Operation.ACCESS_REFUSED,
            EntryOutcome.REFUSED,
            subject=recording_id if question.recording is not None else None,
            purpose=question.purpose.value,
            artefact=question.what.value,
            reasons=tuple(reason.value for reason in reasons),
        )
        try:
            self.log.append(entry)
        except LogUnavailableError:
            reasons = (*reasons, ReadRefusal.LOG_UNAVAILABLE)
        raise RefusedError(tuple(reason.value for reason in reasons))

    def _log_allowed(self, question: Question, recording_id: RecordingId, extent: ByteRange, *, whole: bool) -> None:
        entry = self.scribe.entry(
            question.actor,
            Operation.CONTENT_READ if whole else Operation.CONTENT_RANGE,
            EntryOutcome.ALLOWED,
            subject=recording_id,
            purpose=question.purpose.value,
            artefact=question.what.value,
            byte_range=extent,
        )
        try:
            self.log.append(entry)
        except LogUnavailableError as error:
            raise RefusedError((ReadRefusal.LOG_UNAVAILABLE.value,)) from error

    def _pieces(self, artefact: Artefact, key: WrappedKey, *, start: int, length: int) -> Iterator[bytes]:
        data_key = self._unwrap(artefact.recording_id, key)
        binding = Binding(recording_id=artefact.recording_id, kind=artefact.kind, generation=artefact.generation)

        def fetch(first: int, count: int) -> bytes:
            return self.vault.read(artefact.key, artefact.version_id, start=first, length=count)

        left = length
        for piece in self.cipher.decrypt(
            fetch, stored_size=artefact.stored_size, data_key=data_key, binding=binding, start=start, length=length
        ):
            left -= len(piece)
            if left < 0:
                raise InvariantError("the vault gave more bytes than the log entry says")
            yield piece

    def _unwrap(self, recording_id: RecordingId, key: WrappedKey) -> bytes:
        try:
            return self.keys.unwrap(key.wrapped, {"recording": recording_id})
        except KeyDestroyedError as error:
            raise RefusedError((ReadRefusal.DISPOSED.value,)) from error
