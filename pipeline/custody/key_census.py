"""Is the key store this system's own? Asked before anything uses a key, and by whoever looks whether all is well (K4).

With another system's key file, or an older copy, every objection would seem unknown, everything stored destroyed, and
what is stored meanwhile would be lost when the right file comes back. So the catalogue remembers each key by a
fingerprint, and a store that lacks or contradicts one is not used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from callwarden.custody.scribe import Scribe
from callwarden.errors import ConfigurationError
from callwarden.model.access import service
from callwarden.model.key import KeyKind, KnownKey
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyDestroyedError, KeyStore, WrappedKeyError
from callwarden.rules.key_faults import FaultyKey, KeyFault, fault_of, key_subject


class ForeignKeysError(ConfigurationError):
    """The key store is not the one this system has used. `reasons` are codes of `KeyFault`."""

    def __init__(self, faulty: Sequence[FaultyKey], place: str) -> None:
        self.reasons = tuple(sorted({key.fault.value for key in faulty}))
        said = ", ".join(
            f"{'has another' if key.fault is KeyFault.DIFFERS else 'lacks'} {key.kind.value} key {key.key_id}"
            for key in faulty
        )
        super().__init__(
            f"{place} is not the key store of this system, or an older copy of it: it {said}."
            " Nothing was done. Put the right one back (docs/keys.md)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """A master key, what is under it, and where it stands."""

    key_id: str
    data_keys: int
    current: bool
    fault: KeyFault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCensus:
    """Compares the key store with what the catalogue remembers of it. `place` names it for people. Thread-safe."""

    catalogue: Catalogue
    keys: KeyStore
    clock: Clock
    scribe: Scribe
    place: str

    def admit(self) -> None:
        """Let the store be used, and remember the keys in it that are new: a first start, a backup of the catalogue
        older than the last rotation. Costs a look at each key when there is nothing new.

        Raises ForeignKeysError, RetryableError.
        """
        with self.catalogue.snapshot() as tx:
            known = tx.known_keys.all()
            faulty = self._faults_of_known(known) if known else self._faults_in_use(tx, destroyed_too=False)
        if faulty:
            raise ForeignKeysError(faulty, self.place)
        names = {(key.kind, key.key_id) for key in known}
        if self._in_force() - names or any(self._is_destroyed(key) for key in known):
            with self.catalogue.transaction() as tx:
                self._remember(tx)

    def faults(self) -> tuple[FaultyKey, ...]:
        """Every key that is not as it should be, those that wrap data and are gone included. Raises RetryableError."""
        with self.catalogue.snapshot() as tx:
            counts = tx.keys.count_by_master()
            found = {(faulty.kind, faulty.key_id): faulty for faulty in self._faults_in_use(tx, destroyed_too=True)}
            found |= {(faulty.kind, faulty.key_id): faulty for faulty in self._faults_of_known(tx.known_keys.all())}
        return tuple(replace(one, data_keys=counts.get(one.key_id, 0)) for _, one in sorted(found.items()))

    def listed(self) -> tuple[ListedKey, ...]:
        """The master keys that are in force or wrap something. Raises RetryableError."""
        current = self.keys.current_master_key()
        faults = {fault.key_id: fault.fault for fault in self.faults() if fault.kind is KeyKind.MASTER}
        with self.catalogue.snapshot() as tx:
            counts = tx.keys.count_by_master()
            unretired = {
                known_key.key_id
                for known_key in tx.known_keys.all()
                if known_key.kind is KeyKind.MASTER and not known_key.retired_at
            }
        return tuple(
            ListedKey(
                key_id=key_id, data_keys=counts.get(key_id, 0), current=key_id == current, fault=faults.get(key_id)
            )
            for key_id in sorted({current, *counts, *unretired, *faults})
        )

    def _faults_of_known(self, known: Sequence[KnownKey]) -> list[FaultyKey]:
        faulty = []
        for key in known:
            if key.retired_at is not None:
                continue
            try:
                fault = fault_of(key, self.keys.fingerprint(key.kind, key.key_id))
            except KeyDestroyedError:
                continue  # on purpose; the catalogue comes from a backup older than that
            if fault is not None:
                faulty.append(FaultyKey(kind=key.kind, key_id=key.key_id, fault=fault))
        return faulty

    def _faults_in_use(self, tx: Transaction, *, destroyed_too: bool) -> list[FaultyKey]:
        """The same of the master keys that wrap data, recognised by whether they open what they wrapped."""
        faulty = []
        for key_id in sorted(tx.keys.count_by_master()):
            try:
                there = self.keys.fingerprint(KeyKind.MASTER, key_id) is not None
                fault = None if there else KeyFault.MISSING
                sample = tx.keys.any_under(key_id) if there else None
                if sample is not None:
                    self.keys.unwrap(sample.wrapped, {"recording": sample.recording_id})
            except KeyDestroyedError:
                fault = KeyFault.MISSING if destroyed_too else None
            except WrappedKeyError:
                fault = KeyFault.DIFFERS
            if fault is not None:
                faulty.append(FaultyKey(kind=KeyKind.MASTER, key_id=key_id, fault=fault))
        return faulty

    def _in_force(self) -> set[tuple[KeyKind, str]]:
        return {
            (KeyKind.MASTER, self.keys.current_master_key()),
            (KeyKind.PSEUDONYM, self.keys.pseudonym_key()),
        }

    def _is_destroyed(self, known: KnownKey) -> bool:
        if known.kind is not KeyKind.MASTER or known.retired_at is not None:
            return False
        try:
            self.keys.fingerprint(known.kind, known.key_id)
        except KeyDestroyedError:
            return True
        return False

    def _remember(self, tx: Transaction) -> None:
        now = self.clock.now()
        known = {(known_key.kind, known_key.key_id): known_key for known_key in tx.known_keys.all(lock=True)}
        in_use = {(KeyKind.MASTER, name) for name in tx.keys.count_by_master()} if not known else set()
        current = (KeyKind.MASTER, self.keys.current_master_key())
        # A rotation of which nobody here knew, or one begun before keys were remembered, is still to be finished.
        rotating = bool(known) or bool(in_use - {current})
        saved: list[KnownKey] = []
        entries: list[LogEntry] = []
        for kind, key_id in sorted((self._in_force() | in_use) - known.keys()):
            try:
                fingerprint = self.keys.fingerprint(kind, key_id)
            except KeyDestroyedError:
                continue  # what is still under it cannot be read any more: `faults` says so
            if fingerprint is None:
                continue
            done = None if rotating and (kind, key_id) == current else now
            saved.append(
                KnownKey(kind=kind, key_id=key_id, fingerprint=fingerprint, first_used_at=now, rewrapped_at=done)
            )
            if known and kind is KeyKind.MASTER:
                entries.append(self._entry(Operation.KEY_ROTATED, key_id))
        for key in known.values():
            if self._is_destroyed(key):
                saved.append(replace(key, retired_at=now, destroyed_at=now))
                entries.append(self._entry(Operation.KEY_DESTROYED, key.key_id))
        tx.known_keys.save(saved)
        tx.log.append(entries)

    def _entry(self, operation: Operation, key_id: str) -> LogEntry:
        return self.scribe.entry(service("keys"), operation, subject=key_subject(key_id))
