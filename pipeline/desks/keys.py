"""A new master key for the whole catalogue, without re-encrypting one object (K4).

Rotate, re-wrap, retire: after the old master key is destroyed, wrapped keys in old backups open nothing any more,
and what was erased since cannot be read even by somebody who has both the backup and the objects.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from callwarden.desks.acts import Acts
from callwarden.errors import InvariantError, UsageError
from callwarden.model.access import Actor
from callwarden.model.key import KeyKind, KnownKey
from callwarden.model.recording import RecordingState
from callwarden.ports.catalogue import DESTROYED_MASTER, Catalogue, KeyOf, OtherKey, Transaction, WrappedKey
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyDestroyedError, KeyStore
from callwarden.rules.key_faults import key_subject, unfinished
from callwarden.rules.rights import Act
from callwarden.rules.seals import act_context, experiment_context, key_context, letter_context

T = TypeVar("T")

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
class KeyDesk:
    """Works beside everything else. What is ordered is in the catalogue and the log before it is done, so that a crash
    at any instant is healed by repeating the order, or by `finish`."""

    acts: Acts
    catalogue: Catalogue
    keys: KeyStore
    clock: Clock

    def rotate(self, actor: Actor) -> Rewrapped:
        """Make a new master key the current one, then re-wrap; or finish the rotation that was interrupted. Raises
        RefusedError, RetryableError, ConfigurationError."""
        with self.acts.perform(Act.KEYS_ROTATE, actor) as doing:
            begun = unfinished(doing.tx.known_keys.all(lock=True))
            doing.silent = begun is not None
            begun = begun or self._new_master(doing.tx)
            doing.subject = key_subject(begun.key_id)
        self.keys.use_master(begun.key_id)
        return self.rewrap(actor)

    def _new_master(self, tx: Transaction) -> KnownKey:
        name = self.keys.make_master()
        fingerprint = self.keys.fingerprint(KeyKind.MASTER, name)
        if fingerprint is None:
            raise InvariantError("the key store does not have the master key it has just made")
        known = KnownKey(kind=KeyKind.MASTER, key_id=name, fingerprint=fingerprint, first_used_at=self.clock.now())
        tx.known_keys.save([known])
        return known

    def finish(self, actor: Actor) -> Rewrapped | None:
        """Finish what was ordered and interrupted: a rotation, the destruction of a retired key. None when nothing
        was. Raises RefusedError, RetryableError."""
        self.acts.admit(Act.KEYS_REWRAP, actor)
        with self.catalogue.snapshot() as tx:
            known = tx.known_keys.all()
        for key in known:
            if key.retired_at is not None and key.destroyed_at is None:
                self._destroy(key)
        begun = unfinished(known)
        if begun is None:
            return None
        self.keys.use_master(begun.key_id)
        return self.rewrap(actor)

    def _destroy(self, retired: KnownKey) -> None:
        self.keys.destroy_master(retired.key_id)
        with self.catalogue.transaction() as tx:
            tx.known_keys.save([replace(retired, destroyed_at=self.clock.now())])

    def rewrap(self, actor: Actor) -> Rewrapped:
        """Bring the data keys of living recordings, dead letters, reasons of acts, waiting events and experiments under
        the current master key. Raises RefusedError, RetryableError."""
        self.acts.admit(Act.KEYS_REWRAP, actor)
        done = self._rewrap()
        with self.acts.perform(Act.KEYS_REWRAP, actor, subject=key_subject(done.master_key_id)) as doing:
            settled = [
                replace(known_key, rewrapped_at=self.clock.now())
                for known_key in doing.tx.known_keys.all(lock=True)
                if known_key.kind is KeyKind.MASTER and known_key.rewrapped_at is None
            ]
            doing.tx.known_keys.save(settled)
            doing.count = done.rewrapped
        return done

    def _rewrap(self) -> Rewrapped:
        current = self.keys.current_master_key()
        rewrapped = already = lost = 0
        for batch in _batches(recording.recording_id for recording in self.catalogue.all_recordings()):
            with self.catalogue.transaction() as tx:
                # Under the row lock nobody can claim the recording for destruction: a key that is being destroyed
                # is never written back.
                rows = tx.recordings.get(batch, lock=True)
                living = [recording_id for recording_id, row in rows.items() if row.state in _LIVING]
                fresh: list[WrappedKey] = []
                for recording_id, key in tx.keys.get(living).items():
                    if key.master_key_id == current:
                        already += 1
                        continue
                    try:
                        wrapped = self.keys.rewrap(key.wrapped, key_context(recording_id))
                    except KeyDestroyedError:
                        lost += 1
                        continue
                    fresh.append(
                        WrappedKey(
                            recording_id=recording_id, wrapped=wrapped.wrapped, master_key_id=wrapped.master_key_id
                        )
                    )
                tx.keys.add(fresh)
            rewrapped += len(fresh)
        others, gone = self._rewrap_others(current)
        return Rewrapped(master_key_id=current, rewrapped=rewrapped + others, already=already, lost=lost + gone)

    def _rewrap_others(self, current: str) -> tuple[int, int]:
        """The same for what is no recording; how many were re-wrapped, and how many are lost. Nothing is locked: what
        somebody discards meanwhile is no longer what it was, and is not written back."""
        with self.catalogue.snapshot() as tx:
            left = tx.other_keys.find(but_under=current)
        rewrapped = lost = 0
        for batch in _batches(left):
            fresh: list[tuple[OtherKey, OtherKey]] = []
            gone: list[tuple[OtherKey, OtherKey]] = []
            for key in batch:
                try:
                    wrapped = self.keys.rewrap(key.wrapped, _context(key))
                except KeyDestroyedError:
                    lost += 1
                    if not key.master_key_id:
                        gone.append((key, replace(key, master_key_id=DESTROYED_MASTER)))
                    continue
                new = replace(key, wrapped=wrapped.wrapped, master_key_id=wrapped.master_key_id)
                fresh.append((key, new))
            with self.catalogue.transaction() as tx:
                rewrapped += tx.other_keys.replace(fresh)
                tx.other_keys.replace(gone)
        return rewrapped, lost

    def retire(self, actor: Actor, master_key_id: str) -> None:
        """Destroy a master key that nothing living needs.

        Raises RefusedError; UsageError for a key nobody here has ever used, and while a data key is wrapped by it,
        whatever that is of, or may be.
        """
        with self.acts.perform(Act.KEYS_RETIRE, actor) as doing:
            known = self._not_needed(doing.tx, master_key_id)
            doing.silent = known.retired_at is not None
            if known.retired_at is None:
                known = replace(known, retired_at=self.clock.now())
                doing.tx.known_keys.save([known])
                doing.subject = key_subject(master_key_id)
        if known.destroyed_at is None:
            self._destroy(known)

    def _not_needed(self, tx: Transaction, master_key_id: str) -> KnownKey:
        masters = {
            known_key.key_id: known_key
            for known_key in tx.known_keys.all(lock=True)
            if known_key.kind is KeyKind.MASTER
        }
        known = masters.get(master_key_id)
        if master_key_id == self.keys.current_master_key():
            raise UsageError(f"{master_key_id} wraps new keys: rotate first")
        if known is None:
            raise UsageError(f"unknown key {master_key_id}: callwarden keys list shows which there are")
        if needed := tx.keys.count_by_master().get(master_key_id, 0):
            raise UsageError(
                f"{needed} data keys (of recordings, dead letters, reasons of acts, waiting events, experiments)"
                f" are still under {master_key_id}: callwarden keys rewrap"
            )
        others = tx.other_keys.find(but_under=self.keys.current_master_key())
        if unknown := sum(not other.master_key_id for other in others):
            raise UsageError(
                f"{unknown} dead letters, reasons of acts or waiting events of an older version may need"
                f" {master_key_id}: callwarden keys rewrap"
            )
        return known


def _batches(found: Iterable[T]) -> Iterator[list[T]]:
    left = iter(found)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _context(key: OtherKey) -> dict[str, str]:
    """What it is bound to."""
    match key.owner:
        case str() as experiment_id if key.of is KeyOf.EXPERIMENT:
            return experiment_context(experiment_id)
        case str() as act_id:
            return act_context(act_id)
        case position if key.recording_id is None:
            return letter_context(position)
        case _:
            return key_context(key.recording_id)
