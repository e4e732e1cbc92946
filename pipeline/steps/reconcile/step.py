"""All checks in their order, and what a repair destroys."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callwarden.accesslog.proof.values import JournalMark
from callwarden.custody.balance import Balance, balance
from callwarden.custody.disposal import Disposal, Listed
from callwarden.custody.holding import Holding
from callwarden.custody.key_census import KeyCensus
from callwarden.custody.standing_holds import StandingHolds
from callwarden.model.access import Actor
from callwarden.model.act import NotReplayed
from callwarden.model.ids import RecordingId
from callwarden.model.key import KeyKind
from callwarden.model.policy import Policy
from callwarden.ports.bus import EventBus
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.journal import Journal
from callwarden.ports.keys import KeyStore
from callwarden.ports.landing import LandingKeeper
from callwarden.ports.log import LogReader
from callwarden.ports.vault import ObjectVersion, UnfinishedUpload, VaultLister
from callwarden.rules.disposal import Dispose, disposal
from callwarden.rules.vault_layout import read_key
from callwarden.steps.reconcile.flow import landing_areas, left_behind, unread
from callwarden.steps.reconcile.keys import faulty
from callwarden.steps.reconcile.log import LogCheck
from callwarden.steps.reconcile.rows import altered, not_restored, rows
from callwarden.steps.reconcile.values import STALE_AFTER, Report, Seen
from callwarden.steps.reconcile.vault import stored_objects, strangers, unequal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Compares what the parts of the system say."""

    bus: EventBus
    catalogue: Catalogue
    vault: VaultLister
    disposal: Disposal
    holding: Holding
    standing_holds: StandingHolds
    journal: Journal
    clock: Clock
    landing: LandingKeeper
    policy: Policy
    key_census: KeyCensus
    keys: KeyStore
    log: LogReader
    marks: Callable[[], Sequence[JournalMark]] = field(default=lambda: ())
    """How far the journal reached, by what was signed elsewhere."""
    not_replayed: Callable[[], Sequence[NotReplayed]] = field(default=lambda: ())
    """What the journal could not bring the catalogue to know when this system came up."""

    def balance(self) -> Balance:
        """The sums of events in and outcomes out."""
        return balance(self.bus, self.catalogue)

    def reconcile(self) -> Report:
        """Look at everything. Costs a listing of the vault and a pass over the catalogue."""
        seen = self._look()
        faults = self.key_census.faults()
        breaches = list(map(faulty, faults))
        if not any(key.kind is KeyKind.PSEUDONYM for key in faults):  # without it no seal and no case can be recognised
            breaches += altered(self.catalogue)
            breaches += LogCheck(
                catalogue=self.catalogue, journal=self.journal, keys=self.keys, log=self.log, policy=self.policy
            ).breaches(seen)
        breaches += rows(seen, self.catalogue, self.journal, policy=self.policy, marks=self.marks())
        breaches += not_restored(self.not_replayed())
        versions = tuple(self.vault.versions(""))
        breaches += stored_objects(seen, versions, self.vault, released=self.standing_holds.let_go)
        breaches += strangers(self.vault)
        landing, left_lying = landing_areas(seen, self.landing, self.policy)
        sums = self.balance()
        breaches += [*left_lying, *left_behind(seen, sums), *unread(self.bus, sums)]
        found = seen.recordings.values()
        return Report(
            recordings=len(found),
            versions=sum(not version.is_marker for version in versions),
            held=sum(bool(row.holds) for row in found),
            due=sum(isinstance(disposal(row, now=seen.now), Dispose) for row in found),
            balance=sums,
            breaches=tuple(breaches),
            landing=tuple(landing),
        )

    def repair(self, actor: Actor) -> int:
        """Set again what legal holds the vault lacks, and take off those whose cases were all released; then destroy
        every version and marker no row knows and every stale upload; returns how many. What an attempt under way has
        stored is left alone. Raises ObjectHeldError, RetryableError."""
        seen, listed = self._look(), tuple(self.vault.versions(""))
        for held in sorted(set(unequal(seen, listed, self.vault, released=self.standing_holds.let_go))):
            self.holding.apply(held)
        known = {(stored.key, stored.version_id) for stored in self.catalogue.all_artefacts()}
        stale = self.clock.now() - STALE_AFTER
        versions: dict[RecordingId | None, list[ObjectVersion]] = defaultdict(list)
        uploads: dict[RecordingId | None, list[UnfinishedUpload]] = defaultdict(list)
        for version in self.vault.versions(""):
            whose = _owner(version.key)
            unknown = whose is not None and (version.key, version.version_id) not in known
            if unknown and (version.is_marker or version.modified_at < stale):
                versions[whose].append(version)
        for upload in self.vault.unfinished_uploads(""):
            if upload.started_at < stale:
                uploads[_owner(upload.key)].append(upload)
        for recording_id in {**versions, **uploads}:
            going = Listed(recording_id=recording_id, versions=versions[recording_id], uploads=uploads[recording_id])
            self.disposal.remove(going, reason="object_unknown", actor=actor)
        return sum(map(len, versions.values())) + sum(map(len, uploads.values()))

    def _look(self) -> Seen:
        with self.catalogue.snapshot() as tx:
            refused = {each.recording_id: each.faults[0].error for each in tx.unapplied.find(faulty=True)}
        return Seen(
            now=self.clock.now(),
            recordings={row.recording_id: row for row in self.catalogue.all_recordings()},
            artefacts={(stored.key, stored.version_id): stored for stored in self.catalogue.all_artefacts()},
            refused=refused,
        )


def _owner(key: str) -> RecordingId | None:
    known = read_key(key)
    return None if known is None else known[0]
