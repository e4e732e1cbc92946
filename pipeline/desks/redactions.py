"""What people do about redactions: see what is withheld, report what was missed, have old ones done again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from callwarden.desks.acts import Acts
from callwarden.errors import RefusedError, UsageError
from callwarden.messages import TranscriptReady
from callwarden.model.access import Actor, Readable
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus, WithheldReason
from callwarden.model.transcript import TimeRange
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.reading import Deny, Question, ReadRefusal, decide
from callwarden.rules.released import awaits_person
from callwarden.rules.rights import Act

MAX_PLACES = 100
"""Places that can be reported of one call; somebody who finds more should have the recognisers looked at."""

_PORTION = 500
_REVIEWED = (Readable.BEEPED_AUDIO, Readable.REDACTED_TRANSCRIPT)
_NOT_RELEASED = frozenset({RedactionStatus.WITHHELD, RedactionStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionDesk:
    """Raises RefusedError, RetryableError. Thread-safe."""

    acts: Acts
    policy: Policy
    clock: Clock

    def status(self, actor: Actor, recording_id: RecordingId) -> RedactionRecord:
        """What became of the redaction of a recording; refused (``redaction_incomplete``) before there is one. Says
        nothing of its content."""
        with self.acts.perform(Act.REDACTION_SHOW, actor, recording_id=recording_id) as doing:
            record = doing.tx.redactions.get([recording_id]).get(recording_id)
            if record is None:
                raise RefusedError((ReadRefusal.REDACTION_INCOMPLETE.value,), f"{recording_id} has no redaction yet")
        return record

    def not_released(self, actor: Actor, *, limit: int) -> Sequence[RedactionRecord]:
        """Redactions of the actor's lines that are withheld or withdrawn, by recording."""
        return self._listed(actor, _NOT_RELEASED, lambda _: True, limit=limit)

    def reported(self, actor: Actor, *, limit: int) -> Sequence[RedactionRecord]:
        """Redactions of the actor's lines in which reviewers have found something, released again or not, by recording:
        what this organisation's recognisers have missed, by recording and time, without a word of it."""
        return self._listed(actor, frozenset(RedactionStatus), _is_reported, limit=limit)

    def report_missed(
        self, actor: Actor, recording_id: RecordingId, *, places: Sequence[TimeRange] = ()
    ) -> RedactionRecord:
        """A reviewer says that something was missed: from this moment nobody reads or finds the redaction.

        With `places` it is done again at once and they are taken out; without, it stays withdrawn until a person has
        looked: reports a place, or has it done again by name (`redo_one`). A redaction that is withheld remembers the
        places. Refused to somebody who may not review this recording. Raises UsageError for too many places, and for
        one after the end of the call.
        """
        with self.acts.perform(
            Act.REDACTION_REPORT, actor, recording_id=recording_id, artefact=Readable.REDACTED_TRANSCRIPT.value
        ) as doing:
            record = doing.tx.redactions.get([recording_id]).get(recording_id)
            refused = self._why_not(actor, doing.recording)
            if record is None or refused:
                raise RefusedError(tuple(reason.value for reason in refused or (ReadRefusal.REDACTION_INCOMPLETE,)))
            self._within(places, doing.row)
            record = self._withdrawn(record, places)
            doing.tx.recordings.begin_attempts([recording_id])  # a redaction being made just now does not know of this
            doing.tx.redactions.save([record])
            doing.tx.search.remove([recording_id])
            doing.tx.outbox.append(self._asked_again([recording_id], doing.tx))
            reasons = (WithheldReason.REPORTED_MISSED.value,)
            if record.status is RedactionStatus.WITHDRAWN:
                operation, outcome = Operation.RECORDING_REDACTED, EntryOutcome.REFUSED
                withdrawal = self.acts.scribe.entry(actor, operation, outcome, subject=recording_id, reasons=reasons)
                doing.tx.log.append([withdrawal])
            doing.reasons, doing.count = reasons, len(places)
        return record

    def redo_one(self, actor: Actor, recording_id: RecordingId) -> RedactionRecord:
        """Somebody has looked at this recording: have its redaction done again, also one that waits for that."""
        with self.acts.perform(Act.REDACTION_RERUN, actor, subject=recording_id) as doing:
            record = doing.tx.redactions.get([recording_id]).get(recording_id)
            if record is None:
                raise RefusedError((ReadRefusal.REDACTION_INCOMPLETE.value,), f"{recording_id} has no redaction yet")
            if awaits_person(record):
                record = replace(record, status=RedactionStatus.WITHHELD, decided_at=self.clock.now())
                doing.tx.redactions.save([record])
            doing.tx.outbox.append(self._asked_again([recording_id], doing.tx))
            doing.count = 1
        return record

    def redo(self, actor: Actor, *, version: str | None, withheld: bool = False) -> Iterator[RecordingId]:
        """Have every redaction of another version than this, and those withheld if asked, done again; each as it is
        asked for, none that waits for a person. What is released meanwhile stays readable. At least one entry, and one
        for each portion."""
        statuses = _NOT_RELEASED if withheld else frozenset[RedactionStatus]()
        after: RecordingId | None = None
        while True:
            with self.acts.perform(Act.REDACTION_RERUN, actor) as doing:
                records = doing.tx.redactions.to_redo(
                    version_below=version, statuses=statuses, limit=_PORTION, after=after
                )
                ids = [record.recording_id for record in records if not awaits_person(record)]
                doing.tx.outbox.append(self._asked_again(ids, doing.tx))
                doing.count, doing.silent = len(ids), not ids and after is not None
            yield from ids
            if len(records) < _PORTION:
                return
            after = records[-1].recording_id

    def _listed(
        self,
        actor: Actor,
        statuses: frozenset[RedactionStatus],
        wanted: Callable[[RedactionRecord], bool],
        *,
        limit: int,
    ) -> Sequence[RedactionRecord]:
        with self.acts.perform(Act.REDACTION_LIST, actor) as doing:
            found: list[RedactionRecord] = []
            for records in _of(statuses, doing.tx):
                chosen = [record for record in records if wanted(record)]
                recordings = doing.tx.recordings.get([record.recording_id for record in chosen])
                theirs = {recording.recording_id for recording in doing.theirs(list(recordings.values()))}
                found += [record for record in chosen if record.recording_id in theirs]
                if len(found) >= limit:
                    break
            found = found[:limit]
            doing.count = len(found)
        return found

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
                        included=True,
                    ),
                    policy=self.policy,
                )
                if not isinstance(verdict, Deny):
                    return ()
                reasons |= dict.fromkeys(verdict.reasons)
        # Purposes that are not granted say nothing where another one is.
        granted = tuple(reason for reason in reasons if reason is not ReadRefusal.NOT_PERMITTED)
        return granted or (ReadRefusal.NOT_PERMITTED,)

    def _within(self, places: Sequence[TimeRange], row: Recording) -> None:
        """Raises UsageError for a place after the end of the call, by the times of its event."""
        if row.started_at is None or row.ended_at is None:
            return
        lasted, last = row.ended_at - row.started_at, max((place.start_s for place in places), default=0.0)
        if last > lasted.total_seconds() + 1:
            raise UsageError(
                f"{last:g} s is after the end: this call lasted {lasted.total_seconds():g} s by its event; if it was "
                "longer, report it without a place, so that it is withdrawn and a person looks"
            )

    def _withdrawn(self, record: RedactionRecord, places: Sequence[TimeRange]) -> RedactionRecord:
        missed = tuple(dict.fromkeys((*record.missed, *places)))
        if len(missed) > MAX_PLACES:
            raise UsageError(
                f"more than {MAX_PLACES} places are reported of this call: let the recognisers be improved"
            )
        released = record.status is RedactionStatus.RELEASED
        withdrawn = released or (not places and record.generation > 0)  # an earlier generation may have been seen
        reasons: tuple[str, ...] = record.reasons
        if withdrawn or places:
            before = [] if released else [one for one in reasons if places or one != WithheldReason.PLACE_REPORTED]
            found = (WithheldReason.REPORTED_MISSED, *((WithheldReason.PLACE_REPORTED,) if places else ()))
            reasons = tuple(dict.fromkeys((*before, *(reason.value for reason in found))))
        return replace(
            record,
            status=RedactionStatus.WITHDRAWN if withdrawn else record.status,
            reasons=reasons,
            missed=missed,
            decided_at=self.clock.now(),
        )

    def _asked_again(self, recording_ids: Sequence[RecordingId], tx: Transaction) -> list[Message]:
        """One message for each that still has a transcript to redact."""
        return [
            Message.of(each) for each in TranscriptReady.again(tx.artefacts.get(recording_ids), self.policy.version)
        ]


def _of(statuses: frozenset[RedactionStatus], tx: Transaction) -> Iterator[Sequence[RedactionRecord]]:
    after: RecordingId | None = None
    while records := tx.redactions.to_redo(version_below=None, statuses=statuses, limit=_PORTION, after=after):
        yield records
        after = records[-1].recording_id


def _is_reported(record: RedactionRecord) -> bool:
    return bool(record.missed) or WithheldReason.REPORTED_MISSED.value in record.reasons
