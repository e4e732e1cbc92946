"""The only one that holds recordings by criteria: those there are, in portions, and whatever matches later (K3, I4).

Criteria are in the catalogue, in force, before the first portion: from then on every call that is stored is looked at,
and so is whatever a sweep would destroy. A portion is one transaction; one that was killed is taken up by the next
sweep, or by whoever gives the command again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from callwarden.custody.on_file import objections_about
from callwarden.custody.scribe import Scribe
from callwarden.messages import HoldsChanged
from callwarden.model.access import service
from callwarden.model.hold import CaseState, Hold, Placement, PlacementState
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.objection import Objection
from callwarden.model.policy import Policy
from callwarden.model.recording import KEEPABLE, Recording
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.criteria import matches
from callwarden.rules.objection import after_release

HOLDS: Final = service("holds")
PORTION: Final = 1000
"""Recordings that one transaction holds."""
_FOUND_AT_ONCE: Final = 50_000
"""So many are found by one reading, which costs as much for a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Thread-safe. Every method may be repeated. Raises RetryableError."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    scribe: Scribe
    portion: int = PORTION

    def catch(self, tx: Transaction, rows: Collection[Recording]) -> Mapping[RecordingId, tuple[CaseId, ...]]:
        """Of these locked rows, hold those that criteria in force match and their case does not hold yet; the cases
        that hold each of them besides now. Whoever asks has the flags follow (`HoldsChanged`)."""
        rows = [row for row in rows if row.state in KEEPABLE and not row.altered]
        standing = [each for each in tx.placements.standing() if not each.altered] if rows else []
        if not standing:
            return {}
        labelled = any(each.criteria.labels for each in standing)
        labels = tx.labels.of([row.recording_id for row in rows]) if labelled else {}
        new: dict[tuple[RecordingId, CaseId], Placement] = {}
        for row in rows:
            for each in standing:
                if each.case_id not in row.holds and matches(each.criteria, row, labels.get(row.recording_id, ())):
                    new.setdefault((row.recording_id, each.case_id), each)
        self._hold(tx, [(recording_id, each) for (recording_id, _), each in new.items()])
        cases: dict[RecordingId, tuple[CaseId, ...]] = {}
        for recording_id, case_id in new:
            cases[recording_id] = (*cases.get(recording_id, ()), case_id)
        return cases

    def in_doubt(self, tx: Transaction) -> bool:
        """Whether somebody has written criteria in force past the system: nobody knows what they were to keep."""
        return any(each.altered for each in tx.placements.standing())

    def run(self, placement_id: str) -> Iterator[Sequence[RecordingId]]:
        """Hold what there is, a portion at a time, from where it was left: those of each portion that are held now.
        Whoever does the same meanwhile does other portions."""
        while True:
            with self.catalogue.snapshot() as tx:
                placement = tx.placements.get(placement_id)
                if placement is None or placement.state is not PlacementState.RUNNING:
                    return
                found = tx.placements.matching(placement.criteria, after=placement.reached, limit=_FOUND_AT_ONCE)
            reached = placement.reached
            for begin in range(0, max(len(found), 1), self.portion):
                ids = found[begin : begin + self.portion]
                is_last = len(found) < _FOUND_AT_ONCE and begin + self.portion >= len(found)
                with self.catalogue.transaction() as tx:
                    case = tx.cases.get(placement.case_id, lock=True)  # before its placements, as a release does
                    now = tx.placements.get(placement_id, lock=True)
                    if now is None or now.altered or case is None or case.state is not CaseState.OPEN:
                        return
                    if now.reached != reached or now.state is not PlacementState.RUNNING:
                        break
                    held = self._hold_these(tx, now, ids)
                    reached = ids[-1] if ids else reached
                    state = PlacementState.DONE if is_last else PlacementState.RUNNING
                    tx.placements.save(replace(now, state=state, reached=reached))
                yield held

    def resume(self) -> int:
        """Finish whatever was interrupted, placements and releases; how many recordings are held by it."""
        with self.catalogue.snapshot() as tx:
            running = [each for each in tx.placements.standing() if each.state is PlacementState.RUNNING]
            released = tx.holds.of_released()
        for case_id in released:
            self.finish_release(case_id)
        return sum(len(held) for each in running for held in self.run(each.placement_id))

    def let_go(self, tx: Transaction, case_id: CaseId, rows: Collection[Recording]) -> None:
        """Take a case's reference off these locked rows. The original clock applies again after the policy's delay."""
        ids, now = [row.recording_id for row in rows], self.clock.now()
        tx.holds.remove([Hold(case_id=case_id, recording_id=name, placed_by="", placed_at=now) for name in ids])
        objections = objections_about(rows, tx)
        left = [replace(row, holds=tuple(held for held in row.holds if held != case_id)) for row in rows]
        tx.recordings.save([self._after(row, objections[row.recording_id], now=now) for row in left])
        tx.outbox.append([Message.of(HoldsChanged(recording_id=name)) for name in ids])

    def finish_release(self, case_id: CaseId) -> None:
        """Let go what a released case still holds, a portion at a time."""
        while True:
            with self.catalogue.snapshot() as tx:
                if not tx.holds.find(case_id=case_id, limit=1):
                    return
            with self.catalogue.transaction() as tx:
                left = [hold.recording_id for hold in tx.holds.find(case_id=case_id, limit=self.portion)]
                self.let_go(tx, case_id, tx.recordings.get(left, lock=True).values())
                operation = Operation.HOLD_RELEASED
                tx.log.append([self.scribe.entry(HOLDS, operation, subject=name, case=case_id) for name in left])

    def _after(self, row: Recording, objections: Sequence[Objection], *, now: datetime) -> Recording:
        line = self.policy.lines.get(row.line)
        return after_release(row, objections, line=line, now=now, delay=self.policy.release_delay)

    def _hold_these(self, tx: Transaction, placement: Placement, ids: Sequence[RecordingId]) -> list[RecordingId]:
        rows = tx.recordings.get(ids, lock=True)
        labels = tx.labels.of(ids) if placement.criteria.labels else {}
        held = [
            row
            for row in rows.values()  # as they are now that they are locked
            if row.state in KEEPABLE and matches(placement.criteria, row, labels.get(row.recording_id, ()))
        ]
        new = [row.recording_id for row in held if placement.case_id not in row.holds]
        # Of many, no message each: calls that come meanwhile do not wait behind them for their flags.
        self._hold(tx, [(recording_id, placement) for recording_id in new], flags_from=self.clock.now())
        return [row.recording_id for row in held]

    def _hold(
        self,
        tx: Transaction,
        new: Sequence[tuple[RecordingId, Placement]],
        *,
        flags_from: datetime | None = None,
    ) -> None:
        now, by_placement = self.clock.now(), dict[str, list[RecordingId]]()
        for recording_id, each in new:
            by_placement.setdefault(each.placement_id, []).append(recording_id)
        holds = [
            Hold(case_id=each.case_id, recording_id=recording_id, placed_by=each.placed_by, placed_at=now)
            for recording_id, each in new
        ]
        tx.holds.save(holds, flags_from=flags_from)
        placements = {each.placement_id: each for _, each in new}
        for name, recordings in by_placement.items():
            case = placements[name].case_id
            operation = Operation.HOLD_PLACED
            tx.log.append(self.scribe.entries(HOLDS, operation, subjects=recordings, case=case, correlation=name))
