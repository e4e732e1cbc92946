"""The only one that puts legal holds on stored versions and takes them off (K3, I4).

A hold counts from the moment its row is committed. The flag in the vault is the second lock on the same door, for
whoever goes around us; it follows the row at once, and again until it is on every version.
"""

from dataclasses import dataclass, replace

from callwarden.model.ids import RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import GONE, RecordingState
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.vault import ObjectMissingError
from callwarden.ports.vault_holder import VaultHolder
from callwarden.rules.retention import is_past
from callwarden.rules.vault_layout import HELD_TAG, recording_prefix, tags_for

TOO_LATE = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING, RecordingState.REFUSED}
"""Of these no hold keeps anything any more."""
_NOT_THERE = TOO_LATE | {RecordingState.PENDING}
"""Of these no flag is set: what an unfinished attempt left in the vault goes with the next attempt, and ingest says
when there is something to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Thread-safe. Every method may be repeated."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    vault: VaultHolder

    def apply(self, recording_id: RecordingId, *, only_if_held: bool = False) -> int:
        """Bring the flags and tags of every version of a recording in line with the catalogue; returns how many
        versions were looked at. Raises RetryableError."""
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id]).get(recording_id)
        if row is None or row.state in _NOT_THERE or (only_if_held and not row.holds):
            return 0
        held = bool(row.holds)
        past = row.keep_until is not None and is_past(row.keep_until, now=self.clock.now())
        quarantined = row.state is RecordingState.QUARANTINED
        tags = tags_for(row.line, quarantined=quarantined, excluded=held or past, policy=self.policy)
        versions = self._flag(recording_id, held=held, tags=tags)
        if held:
            self._note_applied(recording_id)
        return versions

    def lift(self, recording_id: RecordingId) -> None:
        """Take the flag off every version of what is to be destroyed again, after a restored vault has brought it back.
        Raises RetryableError."""
        self._flag(recording_id, held=False, tags={HELD_TAG: "yes"})

    def _flag(self, recording_id: RecordingId, *, held: bool, tags: dict[str, str]) -> int:
        versions = 0
        for version in self.vault.versions(recording_prefix(recording_id)):
            if version.is_marker:
                continue
            try:
                self.vault.set_hold(version.key, version.version_id, held=held, tags=tags)
            except ObjectMissingError:
                continue  # destroyed between the listing and now
            versions += 1
        return versions

    def _note_applied(self, recording_id: RecordingId) -> None:
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            waiting = [hold for hold in tx.holds.find(recording_id=recording_id) if hold.applied_at is None]
            tx.holds.save([replace(hold, applied_at=now) for hold in waiting])
