"""Erases what a person has asked to be erased and somebody has approved (D1, I4): vault, key, search index, landing
copy and row, through the one disposal there is.

A recording is claimed under its lock, like one the sweep takes: a hold placed at the same moment either wins or finds
it gone. What has to wait stays as it is with its reason, until somebody calls again. A crash anywhere is healed by
calling again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from callwarden.custody.disposal import Disposal
from callwarden.custody.landing_copies import LandingCopies
from callwarden.custody.own_restrictions import own_restrictions
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.model.request import Decision, RequestId, RequestItem
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.erasing import Waits, erasure_waits_for, is_gone
from callwarden.rules.remains import ERASED

BACKENDS: Final = frozenset({"vault", "key", "catalogue", "journal", "search", "landing"})
"""Where something of a recording may be; each says that nothing is, before its erasure counts as done."""
_BATCH: Final = 100
_NOTHING_LEFT: Final = GONE | {RecordingState.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """Thread-safe. May be repeated, also by several at once."""

    catalogue: Catalogue
    disposal: Disposal
    clock: Clock
    copies: LandingCopies

    def run(self, request_id: RequestId, *, actor: Actor) -> Sequence[RequestItem]:
        """Erase every approved item of a request that nothing keeps; its items as they are then. Raises RetryableError:
        what was done by then stays done."""
        with self.catalogue.snapshot() as tx:
            names = iter([item.recording_id for item in _open(tx, request_id)])
        while batch := list(islice(names, _BATCH)):
            self._clear_landing(batch)
            self.disposal.end(self._claim(request_id, batch), actor=actor)
            self._confirm(request_id, batch)
        with self.catalogue.snapshot() as tx:
            return tx.requests.items(request_id)

    def _clear_landing(self, names: Sequence[RecordingId]) -> None:
        """What is in the vault needs no copy in the landing area; which one it was only the sealed event says, so it
        goes before the key does."""
        with self.catalogue.snapshot() as tx:
            rows = tx.recordings.get(names)
        for row in rows.values():
            if row.state is not RecordingState.PENDING:
                self.copies.remove(row)

    def _claim(self, request_id: RequestId, names: Sequence[RecordingId]) -> list[RecordingId]:
        """Take what may go; note of the rest what it waits for."""
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            tx.requests.get(request_id, lock=True)
            rows = tx.recordings.get(names, lock=True)
            asked_for = self.disposal.standing_holds.asked_for(rows.values(), but_for=request_id)
            frozen = {*tx.requests.freezing(names, but_for=request_id), *asked_for}
            own = own_restrictions(tx, request_id, rows.values())
            changed, claimed, going = list[RequestItem](), list[Recording](), list[RecordingId]()
            for item in _open(tx, request_id, names):
                row = rows.get(item.recording_id)
                if row is None or is_gone(row):
                    going += [] if row is None or row.state in _NOTHING_LEFT else [row.recording_id]
                    continue
                why = erasure_waits_for(
                    row, frozen=item.recording_id in frozen, own_restriction=item.recording_id in own, now=now
                )
                if item.reason != (None if why is None else why.value):
                    changed.append(item.now(reason=None if why is None else why.value))
                if why is None:
                    claimed.append(replace(row, state=RecordingState.DISPOSING, quarantine_reason=ERASED))
            tx.requests.save_items(changed)
            tx.recordings.save(claimed)
        return [*going, *(row.recording_id for row in claimed)]

    def _confirm(self, request_id: RequestId, names: Sequence[RecordingId]) -> None:
        """Write down of which nothing is left, by each backend: the disposal has listed the vault to prove it empty,
        and nothing of the key, the objects and the words stands in the rows any more."""
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            tx.requests.get(request_id, lock=True)
            rows, keys = tx.recordings.get(names), tx.keys.get(names)
            stored = {artefact.recording_id for artefact in tx.artefacts.get(names)}
            done = list[RequestItem]()
            for item in _open(tx, request_id, names):
                row = rows.get(item.recording_id)
                there = row is not None and row.state not in _NOTHING_LEFT
                if item.recording_id in keys or item.recording_id in stored or there:
                    # A hold that only the vault or the journal knows of has kept it after all.
                    held = row is not None and row.state is RecordingState.DISPOSING and item.reason is None
                    done += [item.now(reason=Waits.LITIGATION.value)] if held else []
                    continue
                mine = row is not None and row.quarantine_reason == ERASED
                done.append(item.now(reason=None, done_at=now, backends=BACKENDS if mine else frozenset({"catalogue"})))
            tx.requests.save_items(done)


def _open(tx: Transaction, request_id: RequestId, names: Sequence[RecordingId] | None = None) -> list[RequestItem]:
    """Approved items that are still to be carried out; of `names`, where given."""
    return [
        item
        for item in (tx.requests.items(request_id) if names is None else tx.requests.about(names))
        if item.request_id == request_id
        and item.decision is Decision.GRANTED
        and item.approved_at is not None
        and item.done_at is None
        and not item.altered
    ]
