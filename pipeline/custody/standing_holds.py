"""Which recordings the journal or the log knows as held, whatever the rows say (I4, K3).

A row may be an older true one that somebody put back, and the rows of a hold may be gone. Nobody can write a release
into the journal without the key; of holds from before it kept acts the log knows.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import Lock

from callwarden.model.act import HoldReleased
from callwarden.model.hold import Hold
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.ports.journal import ActsRecord, Journal
from callwarden.ports.log import LogReader
from callwarden.rules.log_and_rows import log_says

_ABOUT_HOLDS = (Operation.HOLD_PLACED, Operation.HOLD_RELEASED)


@dataclass(slots=True, kw_only=True)
class StandingHolds:
    """Reads the journal once, then what is new in it. Thread-safe."""

    journal: Journal
    log: Callable[[], LogReader]
    _since: str = ""
    _standing: dict[RecordingId, set[CaseId]] = field(default_factory=dict)
    """By every recording the journal has seen held: the cases that hold it."""
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

    def _known(self, recording_ids: Collection[RecordingId]) -> tuple[frozenset[RecordingId], frozenset[RecordingId]]:
        """Those that were ever held, and those that are."""
        if not recording_ids:
            return frozenset(), frozenset()
        with self._lock:
            self._catch_up()
            told = {recording_id for recording_id in recording_ids if recording_id in self._standing}
            held = {recording_id for recording_id in told if self._standing[recording_id]}
        log = self.log()
        ever = [each for each in recording_ids if each not in told and log.noted(each, Operation.HOLD_PLACED)]
        if ever:
            said = log_says(entry.entry for entry in log.entries(subjects=ever, operations=_ABOUT_HOLDS))
            held |= {RecordingId(recording_id) for recording_id, _ in said.still_placed()}
        return frozenset(told | {*ever}), frozenset(held)

    def _catch_up(self) -> None:
        position = self.journal.position()
        if position == self._since:
            return
        for record in self.journal.iterate(since=self._since):
            for act in record.acts if isinstance(record, ActsRecord) else ():
                match act:
                    case Hold():
                        self._standing.setdefault(act.recording_id, set()).add(act.case_id)
                    case HoldReleased():
                        self._standing.setdefault(act.recording_id, set()).discard(act.case_id)
                    case _:
                        pass
        self._since = position
