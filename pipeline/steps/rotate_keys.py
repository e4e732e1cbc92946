"""A new master key for the whole catalogue, without re-encrypting one object (K4).

Rotate, re-wrap, retire: after the old master key is destroyed, wrapped keys in old backups open nothing any more,
and what was erased since cannot be read even by somebody who has both the backup and the objects.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.errors import UsageError
from pipeline.model.ids import RecordingId
from pipeline.model.recording import RecordingState
from pipeline.ports.catalogue import Catalogue, WrappedKey
from pipeline.ports.keys import KeyDestroyedError, KeyStore

_BATCH = 50
_LIVING = frozenset({RecordingState.PENDING, RecordingState.STORED, RecordingState.QUARANTINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """What one pass did. `lost` counts keys whose master key is gone already: nothing can be re-wrapped there."""

    master_key_id: str
    rewrapped: int
    already: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotation:
    """Works beside everything else; every call may be repeated, a crash in the middle is healed by repeating it."""

    catalogue: Catalogue
    keys: KeyStore

    def rotate(self) -> Rewrapped:
        """Make a new master key the current one, then re-wrap. Raises RetryableError, ConfigurationError."""
        self.keys.rotate_master()
        return self.rewrap()

    def rewrap(self) -> Rewrapped:
        """Bring every living recording's data key under the current master key. Raises RetryableError."""
        current = self.keys.current_master_key()
        rewrapped = already = lost = 0
        for batch in self._batches():
            with self.catalogue.transaction() as tx:
                # Under the row lock nobody can claim the recording for destruction: a key that is being destroyed
                # is never written back.
                rows = tx.recordings(batch, lock=True)
                living = [one for one, row in rows.items() if row.state in _LIVING]
                fresh: list[WrappedKey] = []
                for recording_id, key in tx.keys(living).items():
                    if key.master_key_id == current:
                        already += 1
                        continue
                    try:
                        wrapped = self.keys.rewrap(key.wrapped, {"recording": recording_id})
                    except KeyDestroyedError:
                        lost += 1
                        continue
                    fresh.append(
                        WrappedKey(
                            recording_id=recording_id, wrapped=wrapped.wrapped, master_key_id=wrapped.master_key_id
                        )
                    )
                tx.add_keys(fresh)
            rewrapped += len(fresh)
        return Rewrapped(master_key_id=current, rewrapped=rewrapped, already=already, lost=lost)

    def retire(self, master_key_id: str, *, waiting_events: int) -> None:
        """Destroy a master key that nothing living needs. Dead letters sealed under it become unreadable with it, so
        leave it until their topic has forgotten them.

        Raises UsageError, naming what still needs it, while a data key is wrapped by it or an event waits
        (`waiting_events`, from the catalogue): waiting events are sealed under keys of their own.
        """
        if master_key_id == self.keys.current_master_key():
            raise UsageError(f"{master_key_id} wraps new keys: rotate first")
        needed = sum(
            key.master_key_id == master_key_id for batch in self._batches() for key in self._keys_of(batch).values()
        )
        if needed:
            raise UsageError(f"{needed} recordings still need {master_key_id}: re-wrap first")
        if waiting_events:
            raise UsageError(f"{waiting_events} events wait for word of an objection: retire the key after them")
        self.keys.destroy_master(master_key_id)

    def _keys_of(self, batch: list[RecordingId]) -> dict[RecordingId, WrappedKey]:
        with self.catalogue.transaction() as tx:
            return dict(tx.keys(batch))

    def _batches(self) -> Iterator[list[RecordingId]]:
        ids = (recording.recording_id for recording in self.catalogue.all_recordings())
        while batch := list(islice(ids, _BATCH)):
            yield batch
