"""What was destroyed after the backup is destroyed again (K4), save what a hold keeps that has not ended (I4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from callwarden.custody.disposal import Disposal
from callwarden.model.access import service
from callwarden.model.act import NotReplayed
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.journal import ErasureRecord
from callwarden.rules.remains import restored_ending

RESTORE = service("restore")
_BATCH = 500
_DESTROYED = GONE | {RecordingState.REFUSED}
_ON_ITS_WAY = frozenset({RecordingState.DISPOSING, RecordingState.DROPPING})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReplay:
    """Brings a catalogue and a vault in line with the erasures of a journal. Repeatable; several may run at once."""

    catalogue: Catalogue
    disposal: Callable[[], Disposal]
    """Made when something is to be destroyed, and not before: nearly always nothing is."""

    def run(self, records: Sequence[ErasureRecord]) -> tuple[Sequence[RecordingId], Sequence[NotReplayed]]:
        """Destroy what these say was destroyed and the catalogue still has: which ones, and which are kept because a
        hold is in force that neither the catalogue nor the journal has seen end.

        Something the catalogue has never heard of gets the row that keeps it from being taken in again. Raises
        RetryableError.
        """
        newest = {record.recording_id: record for record in records}
        again: list[RecordingId] = []
        held: list[NotReplayed] = []
        left = iter(newest.values())
        while batch := list(islice(left, _BATCH)):
            back, unheard_of = self._still_there(batch)
            if unheard_of:
                self._remember(unheard_of)
            for record in back:
                done = self._destroy(record)
                if isinstance(done, NotReplayed):
                    held.append(done)
                elif done:
                    again.append(record.recording_id)
        return again, held

    def not_destroyed(self, records: Sequence[ErasureRecord]) -> Sequence[RecordingId]:
        """Which of these the catalogue does not know as destroyed, or as being destroyed."""
        found: list[RecordingId] = []
        left = iter({record.recording_id: record for record in records}.values())
        while batch := list(islice(left, _BATCH)):
            back, unheard_of = self._still_there(batch)
            found += [record.recording_id for record in (*back, *unheard_of)]
        with self.catalogue.snapshot() as tx:
            rows = tx.recordings.get(found)
        return [
            recording_id
            for recording_id in found
            if recording_id not in rows or rows[recording_id].state not in _ON_ITS_WAY
        ]

    def _still_there(self, records: Sequence[ErasureRecord]) -> tuple[list[ErasureRecord], list[ErasureRecord]]:
        ids = [record.recording_id for record in records]
        with self.catalogue.snapshot() as tx:
            rows, keys = tx.recordings.get(ids), tx.keys.get(ids)
        unheard_of = [record for record in records if record.recording_id not in rows]
        back = [
            record
            for record in records
            if record.recording_id in rows
            and (rows[record.recording_id].state not in _DESTROYED or record.recording_id in keys)
        ]
        return back, unheard_of

    def _destroy(self, record: ErasureRecord) -> bool | NotReplayed:
        recording_id = record.recording_id
        with self.catalogue.snapshot() as tx:
            before = tx.recordings.get([recording_id])[recording_id]
        if before.state in _ON_ITS_WAY:
            return False  # being destroyed now, or by an interrupted sweep, which the next one finishes
        if before.holds:
            # Everything the journal knows of holds has been replayed: none of them is known to have ended (I4).
            return NotReplayed(act="recording.disposed", subject=recording_id, why="held")
        self.disposal().end_again(recording_id, restored_ending(record.reason), actor=RESTORE)
        return True

    def _remember(self, records: Sequence[ErasureRecord]) -> None:
        """The rows of recordings that came and went after the backup was taken: tombstones, with nothing in them."""
        version = self.disposal().scribe.policy_version
        rows = [
            Recording(
                recording_id=record.recording_id,
                call_id=CallId(""),
                leg="",
                segment=0,
                line=LineId(""),
                state=restored_ending(record.reason).state,
                started_at=None,
                ended_at=None,
                keep_until=None,
                caller=None,
                customer=None,
                agent_id=None,
                objected=frozenset(),
                restricted=False,
                quarantine_reason=None,
                policy_version=version,
                source_sha256=None,
                disposed_at=record.destroyed_at,
            )
            for record in records
        ]
        for record in records:
            self.disposal().end_again(record.recording_id, restored_ending(record.reason), actor=RESTORE)
        with self.catalogue.transaction() as tx:
            tx.recordings.insert(rows)
