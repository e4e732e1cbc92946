"""What one transaction of phase three writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import LogEntry
from callwarden.model.objection import Objection
from callwarden.model.outcome import EventOutcome, Position
from callwarden.model.recording import Artefact, Recording
from callwarden.model.set_aside import DeadLetter
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Transaction, WaitingEvent, WrappedKey
from callwarden.rules.objection import after_withdrawals, reference_of
from callwarden.steps.ingest.plan import Aftermath

_ALL = 1_000_000


@dataclass(slots=True)
class Ledger:
    """Everything one transaction of phase three writes, gathered so that each kind is one statement."""

    now: datetime
    outcomes: list[EventOutcome] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    replaced: list[RecordingId] = field(default_factory=list)
    """Recordings of which something may be on record from an earlier attempt."""
    artefacts: list[Artefact] = field(default_factory=list)
    keys: list[WrappedKey] = field(default_factory=list)
    waiting: list[WaitingEvent] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    aftermaths: list[Aftermath] = field(default_factory=list)
    fenced: list[Position] = field(default_factory=list)
    """Positions to be begun again: their attempt was overtaken, or more is known of their audio."""

    def write(self, tx: Transaction) -> None:
        """Write all of it but the messages."""
        tx.recordings.save(self.recordings)
        if self.replaced:
            tx.artefacts.remove(self.replaced)
            tx.keys.destroy(self.replaced)
        tx.keys.add(self.keys)
        tx.artefacts.add(self.artefacts)
        for objection in self.objections:
            if tx.objections.get(objection.objection_id) is not None:
                continue  # it came before, and may have been withdrawn or decided since
            taken_back = tx.objections.withdrawals([reference_of(objection)])
            for part in after_withdrawals(objection, taken_back):
                tx.objections.save(part)
        waiting = _as_long_as_before(self.waiting, tx)
        tx.waiting.remove([event.position for event in waiting])  # a wait begun again may have become longer
        tx.waiting.add(waiting)
        tx.waiting.remove([outcome.position for outcome in self.outcomes])
        tx.dead_letters.add(self.letters)
        tx.outcomes.record(self.outcomes)
        tx.log.append(self.log)


def _as_long_as_before(waiting: Sequence[WaitingEvent], tx: Transaction) -> list[WaitingEvent]:
    """Those that still wait for their place have done so since they began to."""
    away = [event.recording_id for event in waiting if event.place]
    known = tx.waiting.find(recordings=away, limit=_ALL) if away else []
    before = {(event.position, event.place): event.since for event in known}
    return [replace(event, since=before.get((event.position, event.place)) or event.since) for event in waiting]
