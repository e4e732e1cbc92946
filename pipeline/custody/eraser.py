"""The only destroyer of stored content: journal, key, every version, then a listing that proves zero.

In that order. Once the journal entry is durable nothing brings the recording back (K4); once the key is gone
every copy is noise; the listing is what a disposal certificate quotes. Holds are looked for before any of it: a
version the vault holds stays readable, whatever the catalogue knows of it, and what the journal or the log knows as
held is not destroyed, whatever the rows say (I4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callwarden.custody.standing_holds import StandingHolds
from callwarden.errors import RetryableError
from callwarden.model.ids import RecordingId
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.journal import Journal
from callwarden.ports.vault import ObjectHeldError, ObjectMissingError, ObjectVersion, VaultKeeper
from callwarden.rules.vault_layout import HELD_TAG, recording_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was destroyed of one recording. `versions` were listed at `listed_at`, before; at `proven_empty_at` a
    second listing showed nothing left."""

    recording_id: RecordingId
    versions: tuple[ObjectVersion, ...]
    uploads_given_up: int
    listed_at: datetime
    proven_empty_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Destroys recordings. Every call may be repeated; a crash in the middle is healed by repeating it."""

    vault: VaultKeeper
    catalogue: Catalogue
    journal: Journal
    clock: Clock
    standing_holds: StandingHolds

    def erase(self, recording_id: RecordingId, *, reason: str) -> Erasure:
        """Leave nothing of a recording: no key, no version, no marker, no unfinished upload.

        Raises ObjectHeldError, having destroyed nothing, when the vault holds one of its versions or, by the journal or
        the log, a case does; JournalDamagedError, LogDamagedError where they cannot tell; RetryableError when something
        cannot be reached or is still there afterwards.
        """
        listed_at, versions = self._list(recording_id)
        self._refuse_held(versions)
        if self.standing_holds.among([recording_id]):
            raise ObjectHeldError(f"the journal or the log knows of a case that holds {recording_id}, and no row does")
        self.journal.append(recording_id, destroyed_at=self.clock.now(), reason=reason)
        with self.catalogue.transaction() as tx:
            tx.keys.destroy([recording_id])
            tx.redactions.remove([recording_id])
        return self._destroy(recording_id, versions, listed_at)

    def erase_again(self, recording_id: RecordingId) -> Erasure:
        """Destroy what a restored backup has brought back. The journal has it already, and whoever asks has made sure
        that no case holds it: a flag a restored vault still shows comes off. Raises RetryableError."""
        listed_at, versions = self._list(recording_id)
        for version in versions:
            if not version.is_marker and self._is_held(version):
                self.vault.set_hold(version.key, version.version_id, held=False, tags={HELD_TAG: "yes"})
        with self.catalogue.transaction() as tx:
            tx.keys.destroy([recording_id])
            tx.redactions.remove([recording_id])
        return self._destroy(recording_id, versions, listed_at)

    def clear(self, recording_id: RecordingId) -> Erasure:
        """Destroy the stored bytes only: what an earlier, unfinished attempt to store left behind."""
        listed_at, versions = self._list(recording_id)
        return self._destroy(recording_id, versions, listed_at)

    def _list(self, recording_id: RecordingId) -> tuple[datetime, Sequence[ObjectVersion]]:
        return self.clock.now(), tuple(self.vault.versions(recording_prefix(recording_id)))

    def _refuse_held(self, versions: Sequence[ObjectVersion]) -> None:
        for version in versions:
            if not version.is_marker and self._is_held(version):
                raise ObjectHeldError(f"a legal hold in the vault keeps {version.key}")

    def _is_held(self, version: ObjectVersion) -> bool:
        try:
            return self.vault.is_held(version.key, version.version_id)
        except ObjectMissingError:
            return False  # destroyed by somebody else since it was listed

    def _destroy(self, recording_id: RecordingId, versions: Sequence[ObjectVersion], listed_at: datetime) -> Erasure:
        prefix = recording_prefix(recording_id)
        if versions:
            self.vault.destroy(versions)
        uploads = tuple(self.vault.unfinished_uploads(prefix))
        for upload in uploads:
            self.vault.give_up(upload)
        if versions or uploads:
            self._prove_empty(prefix)
        return Erasure(
            recording_id=recording_id,
            versions=tuple(version for version in versions if not version.is_marker),
            uploads_given_up=len(uploads),
            listed_at=listed_at,
            proven_empty_at=self.clock.now(),
        )

    def _prove_empty(self, prefix: str) -> None:
        left = sum(1 for _ in self.vault.versions(prefix)) + sum(1 for _ in self.vault.unfinished_uploads(prefix))
        if left:
            raise RetryableError(f"{left} versions or uploads are still listed under {prefix} after destroying all")
