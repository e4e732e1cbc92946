"""The flags in the vault follow the rows: the second lock on the same door, for whoever goes around us (K3, I4)."""

from dataclasses import dataclass, replace

from callwarden.model.ids import RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.vault import ObjectMissingError, VaultKeeper
from callwarden.rules.retention import is_past
from callwarden.rules.vault_layout import recording_prefix, tags_of

TOO_LATE = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING, RecordingState.REFUSED}
"""Of these no hold keeps anything any more."""
_NOT_THERE = TOO_LATE | {RecordingState.PENDING}
"""Of these no flag is set: what an unfinished attempt left in the vault goes with the next attempt, and ingest says
when there is something to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Sets and removes the flags. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    vault: VaultKeeper

    def apply(self, recording_id: RecordingId, *, only_if_held: bool = False) -> int:
        """Bring the flags and tags of every version of a recording in line with the catalogue; returns how many
        versions were looked at. Raises RetryableError."""
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id]).get(recording_id)
        if row is None or row.state in _NOT_THERE or (only_if_held and not row.holds):
            return 0
        held = bool(row.holds)
        # After a release, what is past its period stays excluded from the bucket's lifecycle, which knows nothing of
        # the policy's delay; the sweep destroys it when the delay is over.
        past = row.keep_until is not None and is_past(row.keep_until, now=self.clock.now())
        tags = tags_of(retention=self._retention(row), held=held or past)
        versions = 0
        for version in self.vault.versions(recording_prefix(recording_id)):
            if version.is_marker:
                continue
            try:
                self.vault.set_hold(version.key, version.version_id, held=held, tags=tags)
            except ObjectMissingError:
                continue  # superseded between the listing and now
            versions += 1
        if held:
            self._note_applied(recording_id)
        return versions

    def _note_applied(self, recording_id: RecordingId) -> None:
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            waiting = [hold for hold in tx.holds.find(recording_id=recording_id) if hold.applied_at is None]
            tx.holds.save([replace(hold, applied_at=now) for hold in waiting])

    def _retention(self, row: Recording) -> str:
        line = self.policy.lines.get(row.line)
        quarantined = row.state is RecordingState.QUARANTINED or line is None
        return str(self.policy.quarantine if quarantined or line is None else line.retention)
