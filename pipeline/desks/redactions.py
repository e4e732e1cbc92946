"""What people do about redactions: see what is withheld, report what was missed, have old ones done again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from callwarden.custody.references import reference_message
from callwarden.custody.scribe import Scribe
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import ArtefactKind, Recording
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus, WithheldReason
from callwarden.model.transcript import TimeRange
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.reading import Deny, Question, ReadRefusal, decide

READY_TOPIC = "transcripts.ready"
MAX_PLACES = 100
"""Places that can be reported of one call; somebody who finds more should have the recognisers looked at."""

_PORTION = 500
_REVIEWED = (Readable.BEEPED_AUDIO, Readable.REDACTED_TRANSCRIPT)
_NOT_RELEASED = frozenset({RedactionStatus.WITHHELD, RedactionStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionDesk:
    """Each act is one transaction with its log entry and its message. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    scribe: Scribe

    def status(self, recording_id: RecordingId) -> RedactionRecord | None:
        """What became of a recording's redaction; None before the first. Says nothing of its content."""
        with self.catalogue.snapshot() as tx:
            return tx.redactions.get([recording_id]).get(recording_id)

    def not_released(self, *, limit: int) -> Sequence[RedactionRecord]:
        """Redactions that are withheld or withdrawn, by recording."""
        with self.catalogue.snapshot() as tx:
            return tx.redactions.to_redo(version_below=None, statuses=_NOT_RELEASED, limit=limit)

    def report_missed(
        self, recording_id: RecordingId, *, actor: Actor, places: Sequence[TimeRange] = ()
    ) -> RedactionRecord:
        """A reviewer says that something was missed: from this moment nobody reads or finds the redaction.

        With `places` it is done again at once and they are taken out; without, it is done again when the recognisers
        are of another version. A redaction that is not released stays as it is, and remembers the places. Raises
        RefusedError, logged, for somebody who may not review this recording; UsageError for too many places.
        """
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id], lock=True).get(recording_id)
            record = tx.redactions.get([recording_id]).get(recording_id)
            refused = self._why_not(actor, row)
            if record is None and not refused:
                refused = (ReadRefusal.REDACTION_INCOMPLETE,)
            if record is None or refused:
                tx.log.append([self._refusal(actor, row, refused)])
            else:
                record = self._withdraw(record, actor, places, tx)
        if record is None or refused:
            raise RefusedError(tuple(reason.value for reason in refused))
        return record

    def redo(self, *, version: str | None, actor: Actor, withheld: bool = False) -> Iterator[RecordingId]:
        """Have every redaction of another version than this, and those withheld if asked, done again; each as it is
        asked for. What is released meanwhile stays readable. Raises RetryableError."""
        statuses = _NOT_RELEASED if withheld else frozenset[RedactionStatus]()
        after: RecordingId | None = None
        while True:
            with self.catalogue.transaction() as tx:
                records = tx.redactions.to_redo(version_below=version, statuses=statuses, limit=_PORTION, after=after)
                ids = [one.recording_id for one in records]
                tx.outbox.append(self._asked_again(ids, tx))
                if ids:
                    tx.log.append([self.scribe.entry(actor, Operation.RECORDING_REDACTED, count=len(ids))])
            yield from ids
            if len(ids) < _PORTION:
                return
            after = ids[-1]

    def _why_not(self, actor: Actor, row: Recording | None) -> tuple[ReadRefusal, ...]:
        """Empty for somebody who may have a redacted form of this recording, released or not, for any purpose."""
        now, reasons = self.clock.now(), dict[ReadRefusal, None]()
        for what in _REVIEWED:
            for purpose in Purpose:
                verdict = decide(
                    Question(
                        actor=actor,
                        purpose=purpose,
                        what=what,
                        recording=row,
                        redaction_complete=True,
                        glass_broken=False,
                        now=now,
                    ),
                    policy=self.policy,
                )
                if not isinstance(verdict, Deny):
                    return ()
                reasons |= dict.fromkeys(verdict.reasons)
        # Purposes that are not granted say nothing where another one is.
        granted = tuple(reason for reason in reasons if reason is not ReadRefusal.NOT_PERMITTED)
        return granted or (ReadRefusal.NOT_PERMITTED,)

    def _withdraw(
        self, record: RedactionRecord, actor: Actor, places: Sequence[TimeRange], tx: Transaction
    ) -> RedactionRecord:
        recording_id = record.recording_id
        missed = tuple(dict.fromkeys((*record.missed, *places)))
        if len(missed) > MAX_PLACES:
            raise UsageError(
                f"more than {MAX_PLACES} places are reported of this call: let the recognisers be improved"
            )
        released = record.status is RedactionStatus.RELEASED
        reasons: tuple[str, ...] = record.reasons
        if released or places:
            found = (WithheldReason.REPORTED_MISSED, *((WithheldReason.PLACE_REPORTED,) if places else ()))
            reasons = tuple(dict.fromkeys((*(() if released else reasons), *(one.value for one in found))))
        withdrawn = replace(
            record,
            status=RedactionStatus.WITHDRAWN if released else record.status,
            reasons=reasons,
            missed=missed,
            decided_at=self.clock.now(),
        )
        tx.recordings.begin_attempts([recording_id])  # a redaction being made just now does not know of this
        tx.redactions.save([withdrawn])
        tx.search.remove([recording_id])
        tx.log.append(
            [
                self.scribe.entry(
                    actor,
                    Operation.RECORDING_REDACTED,
                    EntryOutcome.REFUSED,
                    subject=recording_id,
                    reasons=(WithheldReason.REPORTED_MISSED.value,),
                    count=len(places),
                )
            ]
        )
        tx.outbox.append(self._asked_again([recording_id], tx))
        return withdrawn

    def _asked_again(self, recording_ids: Sequence[RecordingId], tx: Transaction) -> list[Message]:
        """One message for each that still has a transcript to redact."""
        newest = {
            one.recording_id: one.generation
            for one in tx.artefacts.get(recording_ids)
            if one.kind is ArtefactKind.ORIGINAL_TRANSCRIPT
        }
        return [
            reference_message(READY_TOPIC, recording_id, generation=generation, policy_version=self.policy.version)
            for recording_id, generation in sorted(newest.items())
        ]

    def _refusal(self, actor: Actor, row: Recording | None, reasons: tuple[ReadRefusal, ...]) -> LogEntry:
        return self.scribe.entry(
            actor,
            Operation.ACCESS_REFUSED,
            EntryOutcome.REFUSED,
            subject=None if row is None else row.recording_id,
            artefact=Readable.REDACTED_TRANSCRIPT.value,
            reasons=tuple(reason.value for reason in reasons),
        )
