"""The only reader of stored content: decide, log durably, then read (U3, I6).

In that order, visible below. If the log cannot take the entry nothing is read. No more bytes leave than the entry
says, and none before it is durable. Search results, exports and the log itself are released by the same two steps.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final, NoReturn

from callwarden.custody.deciding import Asked, Decider
from callwarden.custody.scribe import Scribe
from callwarden.custody.unknown import take_as_long_as_any_unknown
from callwarden.errors import InvariantError, RefusedError
from callwarden.model.access import Actor, Readable
from callwarden.model.content import About, Content
from callwarden.model.event import CallRecorded
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import ByteRange, EntryOutcome, LogEntry, Operation
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import GOES_WITH_AUDIO, Artefact, Recording, RecordingState
from callwarden.model.search import Hit
from callwarden.ports.catalogue import Catalogue, WrappedKey
from callwarden.ports.cipher import Binding, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.keys import KeyDestroyedError, KeyMissingError, KeyStore
from callwarden.ports.log import LogUnavailableError, LogWriter
from callwarden.ports.vault import ObjectMissingError
from callwarden.ports.vault_reader import VaultReader
from callwarden.rules.audio_period import has_ended, readable_until
from callwarden.rules.hearing import objection_in_doubt
from callwarden.rules.ranges import extent
from callwarden.rules.readable_hits import readable_hits
from callwarden.rules.reading import Allow, Deny, ReadRefusal, is_granted, since_when
from callwarden.rules.seals import audio_key_seal, event_seal

_FIRST_PORTION: Final = 100
_LAST_PORTION: Final = 12_800
"""Hits looked at in one go, twice as many each time; after 25,500 that may not be read a search gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Nobody else holds a vault reader. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    vault: VaultReader = field(repr=False)
    keys: KeyStore
    cipher: StreamCipher
    log: LogWriter
    decider: Decider
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
        """Content for somebody who may have it: the bytes [start, start + length), cut at its end. A negative `start`
        counts from the end. The first piece is read before this returns, so what is wrong is known by then.

        Raises RefusedError with every reason (also for a range outside the artefact and when the log is unavailable),
        RetryableError when the vault, the catalogue or the keys are out of reach.
        """
        asked, recording = self._allow(actor, purpose, recording_id, what)
        return self._let_out(asked, recording, start=start, length=length)

    def hear_set_aside(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId,
        *,
        start: int = 0,
        length: int | None = None,
    ) -> Content:
        """The original audio of what was set aside, for somebody who decides about it and may have originals anyway.

        Refused while what the caller objected to is in doubt. Ranges and errors as `read`.
        """
        asked, recording = self._allow(actor, purpose, recording_id, Readable.ORIGINAL_AUDIO, set_aside=True)
        if asked.artefact is None or asked.key is None:
            self._refuse(asked, (ReadRefusal.UNKNOWN,))
        event = None if recording.sealed_event is None else self._event(recording, self._unwrap(asked, asked.key))
        doubt = objection_in_doubt(event, policy=self.policy, now=asked.question.now)
        if doubt is not None:
            self._refuse(asked, (doubt,))
        return self._let_out(asked, recording, start=start, length=length)

    def describe(self, actor: Actor, purpose: Purpose, recording_id: RecordingId) -> Recording:
        """The metadata of one recording: times, line, states; logged. Raises as `read`."""
        asked, recording = self._allow(actor, purpose, recording_id, Readable.METADATA)
        self._log_allowed(asked, None, whole=True)
        return recording

    def details(
        self, actor: Actor, purpose: Purpose, recording_id: RecordingId, *, set_aside: bool = False
    ) -> CallRecorded:
        """The event a recording came with: who called, on which channels, what was paused. Personal data, so it is
        decided and logged like any content; of what is `set_aside`, for who decides about it. Raises as `read`."""
        asked, recording = self._allow(actor, purpose, recording_id, Readable.METADATA, set_aside=set_aside)
        if recording.sealed_event is None or asked.key is None:
            self._refuse(asked, (ReadRefusal.UNKNOWN,))
        data_key = self._unwrap(asked, asked.key)
        self._log_allowed(asked, ByteRange(first=0, end=len(recording.sealed_event)), whole=True)
        return self._event(recording, data_key)

    def permitted(
        self, actor: Actor, purpose: Purpose, what: Readable, recording_ids: Sequence[RecordingId]
    ) -> tuple[RecordingId, ...]:
        """Those of these recordings the actor may have this of now, in the same order; nothing is released yet.

        Whoever shows something of several recordings narrows them by this and then calls `disclose`.
        """
        with self.catalogue.snapshot() as tx:
            allowed = [
                recording_id
                for recording_id in recording_ids
                if isinstance(self.decider.ask(actor, purpose, recording_id, what, tx).verdict, Allow)
            ]
        return tuple(kind for kind in allowed if not self.decider.is_destroyed(kind))

    def purposes(self, actor: Actor, what: Readable) -> tuple[Purpose, ...]:
        """Those for which the actor's role may have this of some recording or other: what they choose among."""
        return tuple(one for one in Purpose if is_granted(actor, one, what, policy=self.policy))

    def search(self, actor: Actor, purpose: Purpose, words: str, *, limit: int) -> tuple[Hit, ...]:
        """Redacted transcripts with these words (`callwarden.ports.search`) that the actor may read, best first.

        At most `limit`; what the actor may not read is silently absent. The search, and each recording found, is in
        the log before this returns; the words never are. Raises RefusedError where no redacted transcript is granted
        for this purpose and when the log is unavailable, RetryableError.
        """
        what = Readable.REDACTED_TRANSCRIPT
        shown: list[Hit] = []
        portion, skip = _FIRST_PORTION, 0
        with self.catalogue.snapshot() as tx:
            more = is_granted(actor, purpose, what, policy=self.policy)
            included = self.decider.included(actor, purpose, tx)
            while more and len(shown) < limit and portion <= _LAST_PORTION:
                hits = tx.search.find(words, limit=portion, skip=skip, lines=actor.lines)
                ids = [hit.recording_id for hit in hits]
                shown += readable_hits(
                    hits,
                    actor=actor,
                    purpose=purpose,
                    recordings=self.decider.as_objected(tx.recordings.get(ids), tx),
                    redactions=tx.redactions.get(ids),
                    artefacts=tx.artefacts.get(ids),
                    now=self.clock.now(),
                    policy=self.policy,
                    included=included,
                )
                more = len(hits) == portion
                portion, skip = portion * 2, skip + portion
        shown = shown[:limit]
        destroyed = self.decider.destroyed_among([hit.recording_id for hit in shown])
        found = tuple(hit for hit in shown if hit.recording_id not in destroyed)
        self.disclose(actor, purpose, Operation.SEARCH, what, subjects=[hit.recording_id for hit in found])
        return found

    def disclose(
        self,
        actor: Actor,
        purpose: Purpose,
        operation: Operation,
        what: Readable,
        *,
        subjects: Sequence[RecordingId] = (),
        case: CaseId | None = None,
        count: int | None = None,
        digest: str | None = None,
    ) -> None:
        """Write down, durably, that something is about to be shown that is not one artefact's bytes: the results of a
        search, an export, entries of the log. Only then may the caller show it.

        The act is one entry with its `count` (that of `subjects` where left out), and every recording in `subjects`
        is one more; all of them or none. Raises RefusedError with every reason if the actor may not have one of them,
        or is granted nothing of the kind; also when the log is unavailable.
        """
        reasons: dict[ReadRefusal, None] = {}
        with self.catalogue.snapshot() as tx:
            asked = self.decider.ask(actor, purpose, None, what, tx)
            verdicts = [self.decider.ask(actor, purpose, subject, what, tx).verdict for subject in subjects]
            nothing = not subjects and self.decider.included(actor, purpose, tx) == frozenset()
        if nothing or (not subjects and not is_granted(actor, purpose, what, policy=self.policy)):
            verdicts = [asked.verdict]  # an act on no recording, such as a search that finds nothing, is granted or not
        for verdict in verdicts:
            if isinstance(verdict, Deny):
                reasons.update(dict.fromkeys(verdict.reasons))
        if reasons:
            self._refuse(asked, tuple(reasons))
        self.write_down(actor, purpose, operation, what, subjects=subjects, case=case, count=count, digest=digest)

    def write_down(
        self,
        actor: Actor,
        purpose: Purpose,
        operation: Operation,
        what: Readable,
        *,
        subjects: Sequence[RecordingId] = (),
        case: CaseId | None = None,
        count: int | None = None,
        digest: str | None = None,
    ) -> str:
        """As `disclose`, for whoever has just asked the rule about each of `subjects`; the id of the act's entry."""
        link = f"act-1{os.urandom(12).hex()}"
        act = self.scribe.entry(
            actor,
            operation,
            EntryOutcome.ALLOWED,
            purpose=purpose.value,
            artefact=what.value,
            case=case,
            count=len(subjects) if count is None else count,
            digest=digest,
            correlation=link,
        )
        each = [
            self.scribe.entry(
                actor,
                operation,
                EntryOutcome.ALLOWED,
                subject=subject,
                purpose=purpose.value,
                artefact=what.value,
                correlation=link,
            )
            for subject in subjects
        ]
        self._write(act, *each)
        return act.entry_id

    def _allow(
        self, actor: Actor, purpose: Purpose, recording_id: RecordingId, what: Readable, *, set_aside: bool = False
    ) -> tuple[Asked, Recording]:
        """What was asked for, allowed. Raises RefusedError, logged, with every reason."""
        with self.catalogue.snapshot() as tx:
            asked = self.decider.ask(actor, purpose, recording_id, what, tx, set_aside=set_aside)
        if isinstance(asked.verdict, Deny):
            self._refuse(asked, asked.verdict.reasons)
        if asked.question.recording is None:
            self._refuse(asked, (ReadRefusal.UNKNOWN,))
        if self.decider.is_destroyed(recording_id):
            self._refuse(asked, (ReadRefusal.DISPOSED,))
        return asked, asked.question.recording

    def _refuse(self, asked: Asked, reasons: tuple[ReadRefusal, ...]) -> NoReturn:
        question = asked.question
        entry = self.scribe.entry(
            question.actor,
            Operation.ACCESS_REFUSED,
            EntryOutcome.REFUSED,
            subject=None if question.recording is None else question.recording.recording_id,
            purpose=question.purpose.value,
            artefact=question.what.value,
            reasons=tuple(reason.value for reason in reasons),
        )
        try:
            self.log.append(entry)
        except LogUnavailableError:
            reasons = (*reasons, ReadRefusal.LOG_UNAVAILABLE)
        if ReadRefusal.UNKNOWN in reasons:
            take_as_long_as_any_unknown(asked.began)
        raise RefusedError(tuple(reason.value for reason in reasons), since=since_when(question, reasons))

    def _log_allowed(self, asked: Asked, sent: ByteRange | None, *, whole: bool) -> str:
        """The id of the entry, which is durable."""
        question = asked.question
        set_aside_for = question.recording.quarantine_reason if question.recording and question.set_aside else None
        entry = self.scribe.entry(
            question.actor,
            Operation.CONTENT_READ if whole else Operation.CONTENT_RANGE,
            EntryOutcome.ALLOWED,
            subject=None if question.recording is None else question.recording.recording_id,
            purpose=question.purpose.value,
            artefact=question.what.value,
            byte_range=sent,
            correlation=asked.opened_by,
            reasons=() if set_aside_for is None else (set_aside_for,),
        )
        self._write(entry)
        return entry.entry_id

    def _write(self, *entries: LogEntry) -> None:
        """Durable when it returns. Raises RefusedError when the log cannot take them in time."""
        try:
            if len(entries) == 1:
                self.log.append(entries[0])
            else:
                self.log.append_all(entries)
        except LogUnavailableError as error:
            raise RefusedError((ReadRefusal.LOG_UNAVAILABLE.value,)) from error

    def _let_out(self, asked: Asked, recording: Recording, *, start: int, length: int | None) -> Content:
        if asked.artefact is None or asked.key is None:
            self._refuse(asked, (ReadRefusal.UNKNOWN,))
        artefact = asked.artefact
        wanted = extent(start, length, size=artefact.size)
        if wanted is None:
            self._refuse(asked, (ReadRefusal.RANGE_NOT_SATISFIABLE,))
        first, end = wanted
        data_key = self._unwrap(asked, asked.key)
        if artefact.kind in GOES_WITH_AUDIO and recording.sealed_audio_key is not None:
            sealed, purpose = recording.sealed_audio_key, audio_key_seal(recording.recording_id)
            data_key = self.cipher.unseal(sealed, data_key=data_key, purpose=purpose)
        entry_id = self._log_allowed(asked, ByteRange(first=first, end=end), whole=wanted == (0, artefact.size))
        kept_open = recording.holds or asked.question.requested
        closings = (
            (None if kept_open else readable_until(recording, asked.question.what), ReadRefusal.PAST_RETENTION),
            (asked.closes_at, ReadRefusal.TESTING_NOT_OPEN),
        )
        closes = [(at, why) for at, why in closings if at is not None]
        pieces = self._pieces(artefact, data_key, start=first, length=end - first, closes=closes)
        try:
            ahead = next(pieces, b"")
        except ObjectMissingError:
            self._explain_absence(asked, recording.recording_id)
            raise
        return Content(
            recording_id=recording.recording_id,
            about=About.of(recording, asked.question.purpose),
            entry_id=entry_id,
            artefact=artefact,
            start=first,
            length=end - first,
            size=artefact.size,
            media_type=artefact.media_type,
            pieces=chain((ahead,), pieces) if ahead else pieces,
        )

    def _event(self, recording: Recording, data_key: bytes) -> CallRecorded:
        assert recording.sealed_event is not None  # looked at by whoever asks
        purpose = event_seal(recording.recording_id)
        event = self.codec.decode(self.cipher.unseal(recording.sealed_event, data_key=data_key, purpose=purpose))
        if not isinstance(event, CallRecorded):
            raise InvariantError("a recording's sealed event is not one of a recorded call")
        return event

    def _unwrap(self, asked: Asked, key: WrappedKey) -> bytes:
        try:
            return self.keys.unwrap(key.wrapped, {"recording": key.recording_id})
        except (KeyDestroyedError, KeyMissingError):
            # Nobody disposed of it: what destroyed it would have taken the wrapped key first.
            self._refuse(asked, (ReadRefusal.KEY_MISSING,))

    def _pieces(
        self,
        artefact: Artefact,
        data_key: bytes,
        *,
        start: int,
        length: int,
        closes: Sequence[tuple[datetime, ReadRefusal]],
    ) -> Iterator[bytes]:
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
            if closed := [why.value for at, why in closes if self.clock.now() >= at]:
                raise RefusedError(tuple(closed))  # a slow reader outlived the period (I5)
            yield piece

    def _explain_absence(self, asked: Asked, recording_id: RecordingId) -> None:
        """An object that is gone although it was there a moment ago: destroyed meanwhile, or lost."""
        with self.catalogue.snapshot() as tx:
            row = tx.recordings.get([recording_id]).get(recording_id)
        if row is not None and (
            row.state not in (RecordingState.STORED, RecordingState.QUARANTINED) or has_ended(row, asked.question.what)
        ):
            self._refuse(asked, (ReadRefusal.DISPOSED,))
