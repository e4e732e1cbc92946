"""The only one that moves the dates of what is stored, by an approved change of the policy (K1, K2, K7).

In portions, each one transaction with an entry about every recording it changes; one that was killed is taken up by the
next sweep. What is due by that is destroyed by the sweep and at its limits; what is kept keeps its hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.scribe import Scribe
from callwarden.messages import HoldsChanged
from callwarden.model.access import service
from callwarden.model.criteria import Criteria
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.policy import Policy
from callwarden.model.policy_change import ChangeState, PolicyChange
from callwarden.model.recording import Recording
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.policy_change import PolicyEffect, policy_effect
from callwarden.rules.redating import DATED_BY, Terms, dated_anew, is_later, is_waiting, redated, terms

POLICY = service("policy")
PORTION = 500
_FOUND_AT_ONCE = 20_000
_EVERYTHING = Criteria()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redating:
    """`policy` is the one in force, of new calls. Thread-safe. Every method may be repeated. Raises RetryableError."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    scribe: Scribe
    portion: int = PORTION

    def effect(self, policy: Policy | None = None) -> PolicyEffect:
        """What approving a policy, or the one in force, would do to what is stored: figures. Costs a pass over it."""
        return policy_effect(self.catalogue.all_recordings(), policy or self.policy, now=self.clock.now())

    def waits(self) -> bool:
        """Whether the policy in force waits for its approval."""
        with self.catalogue.snapshot() as tx:
            return is_waiting(tx.landmarks.get(DATED_BY), tx.policy_changes.all(), self.policy)

    def resume(self) -> int:
        """Begin what was approved and is in force now, finish what was interrupted; how many recordings got another
        date."""
        return sum(changed for each in self._open() for changed in self.run(each.change_id))

    def foreseen(self) -> Iterator[Recording]:
        """What `resume` would date anew, with the dates it would give. Costs a pass over what is stored where a change
        is approved and not done."""
        going = [(each, terms(each.time_zone, each.lines), self._began(each)) for each in self._open()]
        for row in self.catalogue.all_recordings() if going else ():
            after = row
            for change, by, began_at in going:
                if change.approved_at is not None and row.ended_at is not None and row.ended_at <= began_at:
                    after = redated(after, by, as_at=change.approved_at) or after
            if after is not row:
                yield after

    def run(self, change_id: str) -> Iterator[int]:
        """A portion at a time, from where it was left: how many of each portion got another date. Whoever does the
        same meanwhile does other portions."""
        with self.catalogue.transaction() as tx:
            change = tx.policy_changes.get(change_id, lock=True)
            if change is None or change.altered or not self._is_on(change):
                return
            if change.state is ChangeState.APPROVED:
                change = replace(change, state=ChangeState.RUNNING, began_at=self.clock.now())
                tx.policy_changes.save(change)
        by = terms(change.time_zone, change.lines)
        while True:
            with self.catalogue.snapshot() as tx:
                found = tx.placements.matching(_EVERYTHING, after=change.reached, limit=_FOUND_AT_ONCE)
            for begin in range(0, max(len(found), 1), self.portion):
                ids = found[begin : begin + self.portion]
                last = len(found) < _FOUND_AT_ONCE and begin + self.portion >= len(found)
                with self.catalogue.transaction() as tx:
                    now = tx.policy_changes.get(change_id, lock=True)
                    if now is None or now.altered or now.state is not ChangeState.RUNNING:
                        return
                    if now.reached != change.reached:
                        change = now
                        break
                    count = self._redate(tx, now, by, ids)
                    change = replace(
                        now,
                        changed=now.changed + count,
                        reached=ids[-1] if ids else now.reached,
                        state=ChangeState.DONE if last else now.state,
                        ended_at=self.clock.now() if last else None,
                    )
                    tx.policy_changes.save(change)
                    if last and change.version == self.policy.version:
                        tx.landmarks.save(DATED_BY, dated_anew(change))
                yield count

    def _open(self) -> list[PolicyChange]:
        with self.catalogue.snapshot() as tx:
            found = [each for each in tx.policy_changes.all() if self._is_on(each) and not each.altered]
        return sorted(found, key=lambda each: each.began_at or each.proposed_at)

    def _began(self, change: PolicyChange) -> datetime:
        return change.began_at or self.clock.now()

    def _is_on(self, change: PolicyChange) -> bool:
        if change.state is ChangeState.APPROVED:
            return change.version == self.policy.version
        return change.state is ChangeState.RUNNING

    def _redate(self, tx: Transaction, change: PolicyChange, by: Terms, ids: Sequence[RecordingId]) -> int:
        assert change.began_at is not None
        assert change.approved_at is not None
        moved: list[tuple[Recording, Recording]] = []
        for row in tx.recordings.get(ids, lock=True).values():
            if row.ended_at is None or row.ended_at > change.began_at:
                continue  # taken in under this policy or a later one
            after = redated(row, by, as_at=change.approved_at)
            if after is not None:
                moved.append((row, replace(after, policy_version=change.version)))
        tx.recordings.save([after for _, after in moved])
        later = [after.recording_id for before, after in moved if is_later(before, after)]
        # The bucket's own rules go by the tags: those of what is kept longer are written anew.
        tx.outbox.append([Message.of(HoldsChanged(recording_id=name)) for name in later])
        tx.log.append(
            [
                self.scribe.entry(
                    POLICY,
                    Operation.RECORDING_REDATED,
                    subject=after.recording_id,
                    reasons=("later" if after.recording_id in later else "sooner",),
                    correlation=change.change_id,
                )
                for _, after in moved
            ]
        )
        return len(moved)
