"""Which recordings the journal or the log knows as kept, whatever the rows say (I4, D4, K3).

A row may be an older true one that somebody put back, and the rows of a hold, of a person's request or of a case's
criteria may be gone, or written anew. Nobody can write a release or an answer into the journal without the key; of
holds from before it kept acts the log knows.

An act whose transaction was cut off before its commit stands in the journal alone. It keeps what it is about, and only
that, until the next start carries it out (docs/decisions/0024).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.recording import Recording
from callwarden.model.request import RequestId
from callwarden.ports.catalogue import Transaction
from callwarden.ports.journal import ActsRecord, Journal
from callwarden.ports.log import LogReader
from callwarden.rules.log_and_rows import log_says
from callwarden.rules.standing import Standing

REQUEST_GONE: Final = "request_gone"
PLACEMENT_GONE: Final = "placement_gone"
_ABOUT_HOLDS = (Operation.HOLD_PLACED, Operation.HOLD_RELEASED)


@dataclass(slots=True, kw_only=True)
class StandingHolds:
    """Reads the journal once, then what is new in it. Thread-safe."""

    journal: Journal
    log: Callable[[], LogReader]
    _since: str = ""
    _standing: Standing = field(default_factory=Standing)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def among(self, recording_ids: Collection[RecordingId]) -> frozenset[RecordingId]:
        """Those of these that a case holds. Costs a look-up in the log's index for each; a pass over the log only where
        one was held before the journal kept acts.

        Raises JournalDamagedError, LogDamagedError: nothing is known then; RetryableError.
        """
        return self._known(recording_ids)[1]

    def let_go(self, recording_ids: Collection[RecordingId]) -> frozenset[RecordingId]:
        """Those of these that cases have held and that every one has released. As `among`."""
        ever, standing = self._known(recording_ids)
        return ever - standing

    def asked_for(
        self, rows: Collection[Recording], *, but_for: RequestId | None = None
    ) -> Mapping[RecordingId, RequestId]:
        """Those of these that an open request keeps (`callwarden.rules.requests.is_frozen`), each with one such
        request; `but_for` is left out of account. Raises JournalDamagedError, RetryableError."""
        with self._lock:
            self._catch_up(rows)
            found = {row.recording_id: self._standing.asked_for(row, but_for=but_for) for row in rows}
        return {recording_id: name for recording_id, name in found.items() if name is not None}

    def caught(self, tx: Transaction, rows: Collection[Recording]) -> frozenset[RecordingId]:
        """Those of these that criteria in force match which `tx` does not know as such any more. As `asked_for`."""
        with self._lock:
            self._catch_up(rows)
            if not rows or not self._standing.placements:
                return frozenset()
            there = {each.placement_id for each in tx.placements.standing()}
            labels = (
                tx.labels.of([row.recording_id for row in rows]) if self._standing.placements.keys() - there else {}
            )
            return frozenset(
                row.recording_id
                for row in rows
                if any(self._standing.caught_by(row, labels.get(row.recording_id, ()), but_for=there))
            )

    def lost(self, tx: Transaction, rows: Collection[Recording]) -> Mapping[RecordingId, str]:
        """Of rows of which `tx` says that nothing keeps them: those that are kept all the same, and what of it the
        catalogue lacks, as a code. As `asked_for`."""
        caught = dict.fromkeys(self.caught(tx, rows), PLACEMENT_GONE)
        return caught | dict.fromkeys(self.asked_for(rows), REQUEST_GONE)

    def _known(self, recording_ids: Collection[RecordingId]) -> tuple[frozenset[RecordingId], frozenset[RecordingId]]:
        """Those that were ever held, and those that are."""
        if not recording_ids:
            return frozenset(), frozenset()
        with self._lock:
            self._catch_up(recording_ids)
            holds = self._standing.holds
            told = {recording_id for recording_id in recording_ids if recording_id in holds}
            held = {recording_id for recording_id in told if holds[recording_id]}
        log = self.log()
        ever = [each for each in recording_ids if each not in told and log.noted(each, Operation.HOLD_PLACED)]
        if ever:
            said = log_says(entry.entry for entry in log.entries(subjects=ever, operations=_ABOUT_HOLDS))
            held |= {RecordingId(recording_id) for recording_id, _ in said.still_placed()}
        return frozenset(told | {*ever}), frozenset(held)

    def _catch_up(self, about: Collection[object]) -> None:
        position = self.journal.position() if about else self._since
        if position == self._since:
            return
        for record in self.journal.iterate(since=self._since):
            for act in record.acts if isinstance(record, ActsRecord) else ():
                self._standing.note(act)
        self._since = position
