"""Before a system serves: destroy again what was destroyed after the backup it was restored from (K4, I10).

The catalogue remembers how far the journal had been replayed over it. A restored catalogue remembers less than the
journal holds; so does one whose system has destroyed something since it was last opened, which costs one look.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from pipeline.certifier import Certifier
from pipeline.eraser import Eraser
from pipeline.model.access import service
from pipeline.model.ids import CallId, LineId, RecordingId
from pipeline.model.recording import GONE, Recording, RecordingState
from pipeline.ports.catalogue import Catalogue
from pipeline.ports.journal import ErasureJournal, ErasureRecord, JournalDamagedError
from pipeline.rules.remains import emptied

RESTORE = service("restore")
RULE = "restored_backup"
_BATCH = 500
_DESTROYED = GONE | {RecordingState.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReplay:
    """Brings a catalogue and a vault in line with the erasure journal. Repeatable; several may run at once."""

    journal: ErasureJournal
    catalogue: Catalogue
    certifier: Callable[[], Certifier]
    eraser: Callable[[], Eraser]
    """Both made when something is to be destroyed, and not before: nearly always nothing is."""

    def run(self) -> Sequence[RecordingId]:
        """Destroy again what the journal says was destroyed and the catalogue still has; which ones.

        Something the catalogue has never heard of gets the row that keeps it from being taken in again. Raises
        JournalDamagedError after having destroyed all that could be read, InvariantError when the journal is not the
        one it was, RetryableError.
        """
        with self.catalogue.snapshot() as tx:
            since = tx.journal_position()
        position = self.journal.position()
        if position == since:
            return ()
        records: dict[RecordingId, ErasureRecord] = {}
        damage: JournalDamagedError | None = None
        try:
            for record in self.journal.iterate(since=since):
                records[record.recording_id] = record
        except JournalDamagedError as error:
            damage = error
        again: list[RecordingId] = []
        left = iter(records.values())
        while batch := list(islice(left, _BATCH)):
            again += self._replay(batch)
        if damage is not None:
            raise damage
        with self.catalogue.transaction() as tx:
            tx.save_journal_position(position)
        return again

    def _replay(self, records: Sequence[ErasureRecord]) -> list[RecordingId]:
        ids = [one.recording_id for one in records]
        with self.catalogue.snapshot() as tx:
            rows, keys = tx.recordings(ids), tx.keys(ids)
        unheard_of = [one for one in records if one.recording_id not in rows]
        if unheard_of:
            self._remember(unheard_of)
        back = [
            one.recording_id
            for one in records
            if one.recording_id in rows and (rows[one.recording_id].state not in _DESTROYED or one.recording_id in keys)
        ]
        reasons = {one.recording_id: one.reason for one in records}
        return [one for one in back if self._destroy(one, reasons[one])]

    def _destroy(self, recording_id: RecordingId, reason: str) -> bool:
        with self.catalogue.snapshot() as tx:
            before, known = tx.recordings([recording_id])[recording_id], tx.artefacts([recording_id])
        if before.state in (RecordingState.DISPOSING, RecordingState.DROPPING):
            return False  # being destroyed now, or by an interrupted sweep, which the next one finishes
        erasure = self.eraser().erase_again(recording_id)
        issued = self.certifier().certify(before, erasure, known=known, rule=RULE, actor=RESTORE)
        ended = RecordingState.DROPPED if reason == "objection" else RecordingState.DISPOSED
        with self.catalogue.transaction() as tx:
            row = tx.recordings([recording_id], lock=True)[recording_id]
            tx.remove_holds(tx.holds(recording_id=recording_id))
            tx.remove_artefacts([recording_id])
            tx.destroy_keys([recording_id])
            tx.save_recordings([replace(emptied(row, state=ended, at=erasure.proven_empty_at), holds=())])
            tx.add_certificates([issued.certificate])
            tx.append_log([issued.entry])
        return True

    def _remember(self, records: Sequence[ErasureRecord]) -> None:
        """The rows of recordings that came and went after the backup was taken: tombstones, with nothing in them."""
        version = self.certifier().scribe.policy_version
        rows = [
            Recording(
                recording_id=one.recording_id,
                call_id=CallId(""),
                leg="",
                segment=0,
                line=LineId(""),
                state=RecordingState.DROPPED if one.reason == "objection" else RecordingState.DISPOSED,
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
                disposed_at=one.destroyed_at,
            )
            for one in records
        ]
        for one in records:
            self.eraser().clear(one.recording_id)
        with self.catalogue.transaction() as tx:
            tx.insert_recordings(rows)
