"""The desk where litigation holds are opened, placed and released (K3, I4).

A hold counts from the moment its row is committed: the sweep and the reading rule ask the catalogue. The flag in
the vault is the second lock on the same door, for whoever goes around us; it follows at once and is repeated
by the worker until it is on every version.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from callwarden.custody.scribe import Scribe
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.hold import Case, CaseState, Hold
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.policy import Policy
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.vault import ObjectMissingError, VaultKeeper
from callwarden.rules.objection import after_release, references_of
from callwarden.rules.people import same_person
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.retention import is_past
from callwarden.rules.vault_layout import recording_prefix, tags_of

HOLDS_TOPIC = "holds.changed"

_TOO_LATE = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING, RecordingState.REFUSED}
_NOT_THERE = _TOO_LATE | {RecordingState.PENDING}
"""Nothing of these is to be made fast: what an unfinished attempt left in the vault goes with the next attempt, and
ingest says when there is something to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What placing a hold came to. `gone` were destroyed, or being destroyed, before the hold: they are reported,
    with the digest of their newest disposal certificate in `certificates` once there is one."""

    case: Case
    held: tuple[RecordingId, ...]
    gone: tuple[RecordingId, ...]
    unknown: tuple[RecordingId, ...]
    certificates: Mapping[RecordingId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What a release came to. `waiting_for_second` is true while a second person has yet to confirm."""

    case: Case
    recordings: tuple[RecordingId, ...]
    waiting_for_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDesk:
    """Where legal opens cases and places and releases holds. Every method may be repeated. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    vault: VaultKeeper
    scribe: Scribe

    def open(self, case_id: CaseId, *, reason: str, actor: Actor) -> Case:
        """Open a case. Opening one that is open gives it as it is. Raises UsageError for a case that was released, and
        for a blank name or reason."""
        if not case_id.strip() or not reason.strip():
            raise UsageError("a case has a name and a reason: callwarden hold open CASE --reason TEXT")
        case = Case(
            case_id=case_id,
            reason=reason,
            opened_by=actor.name,
            opened_at=self.clock.now(),
            state=CaseState.OPEN,
        )
        with self.catalogue.transaction() as tx:
            known = tx.cases.get(case_id, lock=True)
            if known is not None:
                if known.state is CaseState.RELEASED:
                    raise UsageError(f"case {case_id} was released; open a new case under another name")
                return known
            tx.cases.save(case)
            tx.log.append([self.scribe.entry(actor, Operation.HOLD_OPENED, case=case_id)])
        return case

    def place(self, case_id: CaseId, recordings: Sequence[RecordingId], *, actor: Actor) -> Placed:
        """Hold these recordings for a case, from this moment on; then put the flags on.

        Raises UsageError when the case is not open, RetryableError.
        """
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            case = self._open_case(case_id, tx)
            rows = tx.recordings.get(recordings, lock=True)
            held = [one for one in rows.values() if one.state not in _TOO_LATE]
            already = {hold.recording_id for hold in tx.holds.find(case_id=case_id)}
            new = [one.recording_id for one in held if one.recording_id not in already]
            tx.holds.save([Hold(case_id=case_id, recording_id=one, placed_by=actor.name, placed_at=now) for one in new])
            tx.log.append([self.scribe.entry(actor, Operation.HOLD_PLACED, subject=one, case=case_id) for one in new])
            tx.outbox.append([_changed(one) for one in new])
            gone = tuple(one.recording_id for one in rows.values() if one.state in _TOO_LATE)
            certificates = {one.recording_id: one.digest for one in tx.certificates.get(gone)}
        for one in held:
            self.make_fast(one.recording_id)
        return Placed(
            case=case,
            held=tuple(one.recording_id for one in held),
            gone=gone,
            certificates=certificates,
            unknown=tuple(one for one in recordings if one not in rows),
        )

    def release(self, case_id: CaseId, *, actor: Actor) -> Released:
        """Release a case: the first person asks, a second, other person confirms. Nothing is destroyed at once: the
        original clock applies again after the policy's delay.

        Raises UsageError when the case is unknown, RefusedError(``same_person``) when one person does both.
        """
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            case = self._known_case(case_id, tx)
            holds = tx.holds.find(case_id=case_id)
            recordings = tuple(hold.recording_id for hold in holds)
            if case.state is CaseState.RELEASED:
                return Released(case=case, recordings=(), waiting_for_second=False)
            if case.release_requested_by is None:
                case = replace(case, release_requested_by=actor.name)
                tx.cases.save(case)
                tx.log.append([self.scribe.entry(actor, Operation.HOLD_RELEASE_REQUESTED, case=case_id)])
                return Released(case=case, recordings=recordings, waiting_for_second=True)
            one_person = same_person(case.release_requested_by, actor.name)
            if one_person:
                tx.log.append([self._refusal(actor, case_id)])
            else:
                case = replace(case, state=CaseState.RELEASED, released_by=actor.name, released_at=now)
                tx.cases.save(case)
                rows = tx.recordings.get(recordings, lock=True)
                tx.holds.remove(holds)
                tx.recordings.save([self._let_go(row, case_id, tx, now=now) for row in rows.values()])
                tx.log.append(
                    [self.scribe.entry(actor, Operation.HOLD_RELEASED, subject=one, case=case_id) for one in recordings]
                )
                tx.outbox.append([_changed(one) for one in recordings])
        if one_person:
            raise RefusedError(("same_person",), "a release takes two people: somebody else has to confirm it")
        for one in recordings:
            self.make_fast(one)
        return Released(case=case, recordings=recordings, waiting_for_second=False)

    def _refusal(self, actor: Actor, case_id: CaseId) -> LogEntry:
        return self.scribe.entry(
            actor, Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, case=case_id, reasons=("same_person",)
        )

    def _let_go(self, row: Recording, case_id: CaseId, tx: Transaction, *, now: datetime) -> Recording:
        others = replace(row, holds=tuple(held for held in row.holds if held != case_id))
        objections = tx.objections.under(references_of(row.call_id, caller=row.caller, customer=row.customer))
        line = self.policy.lines.get(row.line)
        return after_release(others, objections, line=line, now=now, delay=self.policy.release_delay)

    def make_fast(self, recording_id: RecordingId, *, only_if_held: bool = False) -> int:
        """Bring the flags and tags of every version of a recording in line with the catalogue; returns how many
        versions were looked at. Raises RetryableError."""
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id]).get(recording_id)
        if row is None or row.state in _NOT_THERE or (only_if_held and not row.holds):
            return 0
        held = bool(row.holds)
        # After a release, what is past its period stays excluded from the bucket's lifecycle, which knows nothing of
        # the policy's delay; the sweep destroys it when the delay is over.
        past = row.keep_until is not None and is_past(row.keep_until, now=self.clock.now())
        tags = tags_of(retention=self._retention(row), held=held or past)
        versions = 0
        for version in self.vault.versions(recording_prefix(recording_id)):
            if version.is_marker:
                continue
            try:
                self.vault.set_hold(version.key, version.version_id, held=held, tags=tags)
            except ObjectMissingError:
                continue  # superseded between the listing and now
            versions += 1
        if held:
            self._note_applied(recording_id)
        return versions

    def _note_applied(self, recording_id: RecordingId) -> None:
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            waiting = [hold for hold in tx.holds.find(recording_id=recording_id) if hold.applied_at is None]
            tx.holds.save([replace(hold, applied_at=now) for hold in waiting])

    def _retention(self, row: Recording) -> str:
        line = self.policy.lines.get(row.line)
        quarantined = row.state is RecordingState.QUARANTINED or line is None
        return str(self.policy.quarantine if quarantined or line is None else line.retention)

    def _open_case(self, case_id: CaseId, tx: Transaction) -> Case:
        case = self._known_case(case_id, tx)
        if case.state is CaseState.RELEASED:
            raise UsageError(f"case {case_id} was released; open a new one to hold recordings")
        return case

    def _known_case(self, case_id: CaseId, tx: Transaction) -> Case:
        case = tx.cases.get(case_id, lock=True)
        if case is None:
            raise UsageError(f"there is no case {case_id}; open it first: callwarden hold open {case_id} --reason TEXT")
        if case.altered:
            raise RefusedError(
                (ReadRefusal.ROW_ALTERED.value,), "somebody wrote this case past the system: callwarden reconcile"
            )
        return case


def _changed(recording_id: RecordingId) -> Message:
    value = {"recording_id": recording_id}
    return Message(topic=HOLDS_TOPIC, key=recording_id, value=json.dumps(value).encode())
