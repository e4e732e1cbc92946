"""The only destroyer of stored content: journal, key, every version, then a listing that proves zero.

In that order. Once the journal entry is durable nothing brings the recording back (K4); once the key is gone
every copy is noise; the listing is what a disposal certificate quotes.
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import RetryableError
from pipeline.model.ids import RecordingId
from pipeline.ports.catalogue import Catalogue
from pipeline.ports.clock import Clock
from pipeline.ports.journal import ErasureJournal
from pipeline.ports.vault import ObjectVersion, VaultKeeper
from pipeline.rules.vault_layout import recording_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was destroyed of one recording. `proven_empty_at` is when the listing showed nothing left."""

    recording_id: RecordingId
    versions: tuple[ObjectVersion, ...]
    uploads_given_up: int
    proven_empty_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Destroys recordings. Every call may be repeated; a crash in the middle is healed by repeating it."""

    vault: VaultKeeper
    catalogue: Catalogue
    journal: ErasureJournal
    clock: Clock

    def erase(self, recording_id: RecordingId, *, reason: str) -> Erasure:
        """Leave nothing of a recording: no key, no version, no marker, no unfinished upload.

        Raises ObjectHeldError when a legal hold forbids it in the vault, RetryableError when something cannot be
        reached or is still there afterwards.
        """
        self.journal.append(recording_id, destroyed_at=self.clock.now(), reason=reason)
        with self.catalogue.transaction() as tx:
            tx.destroy_keys([recording_id])
        return self.clear(recording_id)

    def clear(self, recording_id: RecordingId) -> Erasure:
        """Destroy the stored bytes only: what an earlier, unfinished attempt to store left behind."""
        prefix = recording_prefix(recording_id)
        versions = tuple(self.vault.versions(prefix))
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
            proven_empty_at=self.clock.now(),
        )

    def _prove_empty(self, prefix: str) -> None:
        left = sum(1 for _ in self.vault.versions(prefix)) + sum(1 for _ in self.vault.unfinished_uploads(prefix))
        if left:
            raise RetryableError(f"{left} versions or uploads are still listed under {prefix} after destroying all")
