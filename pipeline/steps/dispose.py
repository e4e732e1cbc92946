"""The sweep: what is past its period goes, every version of it, proven by a listing (K1, K2, I5).

A recording is claimed first (state ``disposing``, under a row lock, so that a hold placed at the same moment either
wins or finds it gone), then erased, then closed with a signed certificate. A crash in between is healed by the next
sweep.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipeline.certifier import Certifier, Issued
from pipeline.eraser import Eraser, Erasure
from pipeline.model.access import service
from pipeline.model.ids import RecordingId
from pipeline.model.recording import Artefact, Recording, RecordingState
from pipeline.ports.bus import Message
from pipeline.ports.catalogue import Catalogue, OutboxEntry
from pipeline.ports.clock import Clock
from pipeline.ports.vault import ObjectHeldError
from pipeline.rules.disposal import Dispose, disposal
from pipeline.rules.remains import emptied

DISPOSE = service("dispose")
DISPOSED_TOPIC = "recordings.disposed"
BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """One recording the sweep has dealt with. `held_in_vault`: a legal hold nobody here knows of forbade it."""

    recording: Recording
    erasure: Erasure | None
    issued: Issued | None = None
    held_in_vault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepBatch:
    """What one round did, and the messages it left in the outbox."""

    disposed: Sequence[Disposed]
    outbox: Sequence[OutboxEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Destroys what is due. Several may run at once: each row is claimed by one."""

    catalogue: Catalogue
    eraser: Eraser
    clock: Clock
    certifier: Certifier

    def due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        """What a sweep at `now` would destroy, longest due first; nothing is changed."""
        with self.catalogue.transaction() as tx:
            return tx.due(now=now, limit=limit)

    def rounds(self, *, now: datetime | None = None) -> Iterator[SweepBatch]:
        """Sweep until nothing is due, a batch at a time. `now` stands in for the clock (embedded and tests)."""
        stuck: set[RecordingId] = set()
        while claimed := self._claim(now or self.clock.now(), stuck):
            batch = self._finish([self._erase(*one) for one in claimed])
            stuck |= {one.recording.recording_id for one in batch.disposed if one.held_in_vault}
            yield batch

    def _claim(self, now: datetime, stuck: set[RecordingId]) -> Sequence[tuple[Recording, Sequence[Artefact]]]:
        """Take the next batch, each with what is on record of it: first what an earlier sweep left unfinished, then
        what is due."""
        with self.catalogue.transaction() as tx:
            left = [one for one in tx.unfinished(limit=BATCH + len(stuck)) if one.recording_id not in stuck]
            room = BATCH - len(left)
            due = tx.due(now=now, limit=room) if room > 0 else ()
            claimed = [
                replace(one, state=RecordingState.DISPOSING)
                for one in due
                if isinstance(disposal(one, now=now), Dispose)
            ]
            tx.save_recordings(claimed)
            taken = [*left[:BATCH], *claimed]
            known: dict[RecordingId, list[Artefact]] = {one.recording_id: [] for one in taken}
            for artefact in tx.artefacts(list(known)):
                known[artefact.recording_id].append(artefact)
        return [(one, known[one.recording_id]) for one in taken]

    def _erase(self, recording: Recording, known: Sequence[Artefact]) -> Disposed:
        rule = _REASONS[recording.state]
        try:
            erasure = self.eraser.erase(recording.recording_id, reason=rule)
        except ObjectHeldError:
            return Disposed(recording=recording, erasure=None, held_in_vault=True)
        issued = self.certifier.certify(recording, erasure, known=known, rule=rule, actor=DISPOSE)
        return Disposed(recording=recording, erasure=erasure, issued=issued)

    def _finish(self, done: Sequence[Disposed]) -> SweepBatch:
        gone = {one.recording.recording_id: one for one in done}
        with self.catalogue.transaction() as tx:
            rows = tx.recordings(list(gone), lock=True)
            closing = [
                (row, erasure, issued)
                for row in rows.values()
                if row.state in _ENDS
                and (erasure := gone[row.recording_id].erasure) is not None
                and (issued := gone[row.recording_id].issued) is not None
            ]
            tx.remove_artefacts([row.recording_id for row, _, _ in closing])
            tx.save_recordings(
                [emptied(row, state=_ENDS[row.state], at=erasure.proven_empty_at) for row, erasure, _ in closing]
            )
            tx.add_certificates([issued.certificate for _, _, issued in closing])
            tx.append_log([issued.entry for _, _, issued in closing])
            outbox = tx.append_outbox([_message(row, erasure) for row, erasure, _ in closing])
        return SweepBatch(disposed=done, outbox=outbox)


_ENDS = {
    RecordingState.DISPOSING: RecordingState.DISPOSED,
    RecordingState.DROPPING: RecordingState.DROPPED,
}
_REASONS = {RecordingState.DISPOSING: "retention", RecordingState.DROPPING: "objection"}


def _message(recording: Recording, erasure: Erasure) -> Message:
    value = {
        "recording_id": recording.recording_id,
        "reason": _REASONS[recording.state],
        "versions": len(erasure.versions),
        "disposed_at": erasure.proven_empty_at.astimezone(UTC).isoformat(),
        "policy_version": recording.policy_version,
    }
    return Message(topic=DISPOSED_TOPIC, key=recording.recording_id, value=json.dumps(value).encode())
