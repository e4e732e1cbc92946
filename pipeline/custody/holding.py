"""The only one that puts legal holds on stored versions and takes them off (K3, I4).

A hold counts from the moment its row is committed: it is *placed*. The flag in the vault is the second lock on the same
door, for whoever goes around us; the hold is *applied* when every version carries it. What is still to be done is in
the catalogue (`Transaction.unapplied`), with whatever the vault refused: a worker goes through it in portions, and
after a kill goes on.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from callwarden.custody.standing_holds import StandingHolds
from callwarden.errors import RetryableError
from callwarden.model.hold import FlagFault, Unapplied
from callwarden.model.ids import RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import GOES_WITH_AUDIO, GONE, ArtefactKind, AudioState, Recording, RecordingState
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.vault import ObjectMissingError
from callwarden.ports.vault_holder import VaultHolder
from callwarden.rules.retention import is_past
from callwarden.rules.vault_layout import HELD_TAG, read_key, recording_prefix, tags_of

TOO_LATE = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING, RecordingState.REFUSED}
"""Of these no hold keeps anything any more."""
_NOTHING_LEFT = GONE | {RecordingState.REFUSED}
AT_ONCE: Final = 20
"""Of so many recordings the flags are set before the person who asked is answered; of more by a worker."""
_MESSAGE_DUE: Final = timedelta(minutes=15)
"""So long the message of a change, or whoever has taken it up, is waited for."""
_SEEN_AT_ONCE: Final = 1000
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Thread-safe. Every method may be repeated."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    vault: VaultHolder
    standing_holds: StandingHolds

    def apply_some(self, recording_ids: Collection[RecordingId]) -> None:
        """Set the flags of these at once where they are few, as far as the vault allows; the rest is the worker's."""
        if len(recording_ids) <= AT_ONCE:
            for recording_id in recording_ids:
                with suppress(RetryableError):  # it is in the catalogue that this is still to be done
                    self.apply(recording_id)

    def apply(self, recording_id: RecordingId, *, only_if_held: bool = False) -> Sequence[FlagFault]:
        """Bring the flags and tags of every version of a recording in line with the catalogue; returns what the vault
        refused, which is written down to be tried again. Raises RetryableError where it could not even list them."""
        while True:
            with self.catalogue.snapshot() as tx:
                row, unapplied = _read(tx, recording_id)
                kept = row is not None and _is_kept(tx, row)
            if row is None or row.state is RecordingState.PENDING or (only_if_held and not (row.holds or kept)):
                return ()  # what an unfinished attempt left goes with the next; ingest says when there is something
            if row.state in _NOTHING_LEFT:
                self._close(unapplied)
                return ()
            # Whatever the rows say, what the journal or the log knows as held keeps its flag (I4); and one that no case
            # of ours ever placed is not ours to take off.
            held = bool(row.holds or self.standing_holds.among([recording_id]))
            was_held = held or bool(self.standing_holds.let_go([recording_id]))
            faults = self._flag(row, held=True, kept=True) if held else ()
            with self.catalogue.transaction() as tx:
                now, still = _read(tx, recording_id, lock=True)
                if now is None or now.holds != row.holds or _change(still) != _change(unapplied):
                    continue  # it changed meanwhile
                if not held:  # under the lock: nobody places a hold while its flag is taken off
                    faults = self._flag(now, held=False if was_held else None, kept=_is_kept(tx, now))
                self._note(tx, recording_id, still, faults)
            return faults

    def take_due(self, *, limit: int) -> Sequence[RecordingId]:
        """Recordings whose flags are to be set again: the vault refused some, or the message that says so was lost.
        They are offered once in a while, and to one worker."""
        now = self.clock.now()
        with self.catalogue.snapshot() as tx:
            if not (tx.unapplied.fresh(limit=1) or tx.unapplied.due(now=now, limit=1)):
                return ()
        with self.catalogue.transaction() as tx:
            due = tx.unapplied.due(now=now, limit=limit, lock=True)
            offered = [*due, *tx.unapplied.fresh(limit=_SEEN_AT_ONCE, lock=True)]
            tx.unapplied.save([replace(each, again_at=now + _MESSAGE_DUE) for each in offered])
        return [each.recording_id for each in due]

    def lift(self, recording_id: RecordingId) -> None:
        """Take the flag off every version of what is to be destroyed again, after a restored vault has brought it back.
        Raises RetryableError."""
        faults = self._set(recording_id, held=False, tags={HELD_TAG: "yes"})
        if faults:
            raise RetryableError(faults[0].error)

    def _flag(self, row: Recording, *, held: bool | None, kept: bool) -> Sequence[FlagFault]:
        past = row.keep_until is not None and is_past(row.keep_until, now=self.clock.now())
        tags = tags_of(row, excluded=kept or past, policy=self.policy)
        going = GOES_WITH_AUDIO if row.audio is not AudioState.KEPT else frozenset[ArtefactKind]()
        return self._set(row.recording_id, held=held, tags=tags, but_for=going)

    def _set(
        self,
        recording_id: RecordingId,
        *,
        held: bool | None,
        tags: dict[str, str],
        but_for: Collection[ArtefactKind] = (),
    ) -> Sequence[FlagFault]:
        """None: whatever the vault has stays. `but_for` are kinds whose key is destroyed already."""
        faults = []
        for version in self.vault.versions(recording_prefix(recording_id)):
            known = read_key(version.key)
            if version.is_marker or (known is not None and known[1] in but_for):
                continue
            try:
                keep = self.vault.is_held(version.key, version.version_id) if held is None else held
                self.vault.set_hold(version.key, version.version_id, held=keep, tags=tags)
            except ObjectMissingError:
                continue  # destroyed between the listing and now
            except RetryableError as error:
                faults.append(FlagFault(key=version.key, version_id=version.version_id, error=str(error)))
        return tuple(faults)

    def _note(
        self, tx: Transaction, recording_id: RecordingId, unapplied: Unapplied | None, faults: Sequence[FlagFault]
    ) -> None:
        now = self.clock.now()
        if faults:
            if unapplied is None:
                tx.unapplied.add([recording_id])
                unapplied = tx.unapplied.get([recording_id])[recording_id]
            tx.unapplied.save([_again(unapplied, faults, now=now)])
            return
        waiting = [hold for hold in tx.holds.find(recording_id=recording_id) if hold.applied_at is None]
        tx.holds.save([replace(hold, applied_at=now) for hold in waiting])
        tx.unapplied.remove([] if unapplied is None else [unapplied])

    def _close(self, unapplied: Unapplied | None) -> None:
        if unapplied is not None:
            with self.catalogue.transaction() as tx:
                tx.unapplied.remove([unapplied])


def _is_kept(tx: Transaction, row: Recording) -> bool:
    """Whether a restriction or an open request keeps it from disposal: the bucket's own rules leave it alone, too."""
    return row.restricted or bool(tx.requests.freezing([row.recording_id]))


def _change(unapplied: Unapplied | None) -> str | None:
    return None if unapplied is None else unapplied.change


def _again(unapplied: Unapplied, faults: Sequence[FlagFault], *, now: datetime) -> Unapplied:
    pause = min(_FIRST_PAUSE * 2 ** min(unapplied.tries, 10), _LONGEST_PAUSE)
    return replace(unapplied, tries=unapplied.tries + 1, again_at=now + pause, faults=tuple(faults))


def _read(
    tx: Transaction, recording_id: RecordingId, *, lock: bool = False
) -> tuple[Recording | None, Unapplied | None]:
    row = tx.recordings.get([recording_id], lock=lock).get(recording_id)
    return row, tx.unapplied.get([recording_id]).get(recording_id)
