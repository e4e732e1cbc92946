"""The sweep: what is past its period goes, every version of it, proven by a listing (K1, K2, I5).

A recording is claimed first (state ``disposing``, under a row lock, so that a hold placed at the same moment either
wins or finds it gone), then erased, then closed with a signed certificate. A crash in between is healed by the next
sweep.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from callwarden.custody.certifier import Certifier, Issued
from callwarden.custody.eraser import Eraser, Erasure
from callwarden.custody.scribe import Scribe
from callwarden.custody.standing_holds import StandingHolds
from callwarden.custody.timekeeper import Timekeeper
from callwarden.model.access import Actor, service
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.policy import SweepLimits
from callwarden.model.recording import Artefact, Recording, RecordingState
from callwarden.ports.alarm import ALERTS_TOPIC, Alarm
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, OutboxEntry, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.vault import ObjectHeldError
from callwarden.rules.disposal import Dispose, disposal
from callwarden.rules.remains import DISCARDED, emptied
from callwarden.rules.sweeping import Stopped, most_at_once, sweep_stops

DISPOSE = service("dispose")
DISPOSED_TOPIC = "recordings.disposed"
BATCH = 100
_STOPPED = "sweep-stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """One recording the sweep has dealt with. `held_in_vault`: a legal hold that no row knows
    of forbade it: one in the vault, or one that the journal or the log knows."""

    recording: Recording
    erasure: Erasure | None
    issued: Issued | None = None
    held_in_vault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepBatch:
    """What one round did, and the messages it left in the outbox."""

    disposed: Sequence[Disposed]
    outbox: Sequence[OutboxEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Destroys what is due. Several may run at once: each row is claimed by one."""

    catalogue: Catalogue
    eraser: Eraser
    standing_holds: StandingHolds
    clock: Clock
    certifier: Certifier
    limits: SweepLimits
    timekeeper: Timekeeper
    scribe: Scribe
    alarm: Alarm

    def stopped(self, *, now: datetime | None = None) -> Stopped | None:
        """Why a sweep at the clock's instant, or at `now` given by a person, would leave what is due, if it would."""
        with self.catalogue.transaction() as tx:
            return self._stopped(tx, now)

    def due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        """What a sweep at `now` would destroy, longest due first; nothing is changed."""
        with self.catalogue.transaction() as tx:
            return tx.recordings.due(now=now, limit=limit)

    def rounds(self, *, now: datetime | None = None, confirmed: bool = False) -> Iterator[SweepBatch]:
        """Sweep until nothing is due, a batch at a time. `now` is an instant that a person gives; with `confirmed` two
        people have, for this sweep.

        A sweep that has to stop (`stopped`) sounds the alarm and leaves what is due; what an objection dropped, or an
        earlier sweep began, is destroyed all the same.
        """
        stopped = False
        if not confirmed:
            stopped, outbox = self._watch(now)
            if outbox:
                yield SweepBatch(disposed=(), outbox=outbox)
        if not stopped:
            with self.catalogue.transaction() as tx:
                before = now or self.clock.now()
                tx.dead_letters.remove(before=before)
                tx.act_reasons.remove(before=before)
        stuck: set[RecordingId] = set()
        while True:
            if not stopped and (kept := self._held_after_all(now or self.clock.now(), stuck)):
                stuck |= {one.recording.recording_id for one in kept}
                yield SweepBatch(disposed=kept, outbox=())
            claimed = self._claim(now or self.clock.now(), stuck, with_due=not stopped)
            if not claimed:
                return
            batch = self._finish([self._erase(*one) for one in claimed])
            stuck |= {one.recording.recording_id for one in batch.disposed if one.held_in_vault}
            yield batch

    def destroy(self, recording_id: RecordingId, *, actor: Actor) -> Disposed | None:
        """Finish one recording that somebody has claimed (state ``disposing``); None when it is not. Raises
        RetryableError: then the next sweep finishes it."""
        with self.catalogue.snapshot() as tx:
            row, known = tx.recordings.get([recording_id]).get(recording_id), tx.artefacts.get([recording_id])
        if row is None or row.state is not RecordingState.DISPOSING:
            return None
        done = self._erase(row, known, actor=actor)
        self._finish([done])
        return done

    def _stopped(self, tx: Transaction, now: datetime | None) -> Stopped | None:
        at = now or self.clock.now()
        standing, believed = self.timekeeper.standing(tx, given=now)
        due, at_most = tx.recordings.count_due(now=at), self.limits.at_most
        if due > at_most:
            at_most = most_at_once(self.limits, kept=tx.recordings.count_kept())
        reasons = sweep_stops(standing, due=due, at_most=at_most)
        return Stopped(reasons=reasons, at=at, believed=believed, due=due, at_most=at_most) if reasons else None

    def _watch(self, now: datetime | None) -> tuple[bool, Sequence[OutboxEntry]]:
        """Whether the sweep stops. The alarm sounds each time; an entry and a message are written when it begins to."""
        outbox: Sequence[OutboxEntry] = ()
        with self.catalogue.transaction() as tx:
            stopped = self._stopped(tx, now)
            said = "" if stopped is None else " ".join(one.value for one in stopped.reasons)
            if said != (tx.landmarks.get(_STOPPED) or ""):
                tx.landmarks.save(_STOPPED, said)
                if stopped is not None:
                    reasons = tuple(one.value for one in stopped.reasons)
                    entry = self.scribe.entry(DISPOSE, Operation.SWEEP_STOPPED, count=stopped.due, reasons=reasons)
                    tx.log.append([entry])
                    outbox = tx.outbox.append([_alert(stopped)])
        if stopped is not None:
            self.alarm.sound("sweep_stopped", subject="sweep", correlation=said)
        return stopped is not None, outbox

    def _held_after_all(self, now: datetime, stuck: set[RecordingId]) -> Sequence[Disposed]:
        """Of the next batch, what the rows say is due and a case holds by the journal or the log: somebody has put
        older rows back. It stays as it is, and the alarm sounds. What falls due after this look the eraser refuses."""
        with self.catalogue.transaction() as tx:
            due = [one for one in tx.recordings.due(now=now, limit=BATCH + len(stuck)) if one.recording_id not in stuck]
        held = self.standing_holds.among([one.recording_id for one in due])
        for recording_id in sorted(held):
            self.alarm.sound("hold_gone", subject=recording_id, correlation="sweep")
        return [Disposed(recording=one, erasure=None, held_in_vault=True) for one in due if one.recording_id in held]

    def _claim(
        self, now: datetime, stuck: set[RecordingId], *, with_due: bool
    ) -> Sequence[tuple[Recording, Sequence[Artefact]]]:
        """Take the next batch, each with what is on record of it: first what an earlier sweep left unfinished, then
        what is due."""
        with self.catalogue.transaction() as tx:
            left = [one for one in tx.recordings.unfinished(limit=BATCH + len(stuck)) if one.recording_id not in stuck]
            room = BATCH - len(left) if with_due else 0
            due = tx.recordings.due(now=now, limit=room + len(stuck)) if room > 0 else ()
            claimed = [
                replace(one, state=RecordingState.DISPOSING)
                for one in due
                if one.recording_id not in stuck and isinstance(disposal(one, now=now), Dispose)
            ][:room]
            tx.recordings.save(claimed)
            taken = [*left[:BATCH], *claimed]
            known: dict[RecordingId, list[Artefact]] = {one.recording_id: [] for one in taken}
            for artefact in tx.artefacts.get(list(known)):
                known[artefact.recording_id].append(artefact)
        return [(one, known[one.recording_id]) for one in taken]

    def _erase(self, recording: Recording, known: Sequence[Artefact], *, actor: Actor = DISPOSE) -> Disposed:
        rule = _rule(recording)
        try:
            erasure = self.eraser.erase(recording.recording_id, reason=rule)
        except ObjectHeldError:
            return Disposed(recording=recording, erasure=None, held_in_vault=True)
        issued = self.certifier.certify(recording, erasure, known=known, rule=rule, actor=actor)
        return Disposed(recording=recording, erasure=erasure, issued=issued)

    def _finish(self, done: Sequence[Disposed]) -> SweepBatch:
        gone = {one.recording.recording_id: one for one in done}
        with self.catalogue.transaction() as tx:
            rows = tx.recordings.get(list(gone), lock=True)
            closing = [
                (row, erasure, issued)
                for row in rows.values()
                if row.state in _ENDS
                and (erasure := gone[row.recording_id].erasure) is not None
                and (issued := gone[row.recording_id].issued) is not None
            ]
            tx.artefacts.remove([row.recording_id for row, _, _ in closing])
            tx.recordings.save(
                [emptied(row, state=_ENDS[row.state], at=erasure.proven_empty_at) for row, erasure, _ in closing]
            )
            tx.certificates.add([issued.certificate for _, _, issued in closing])
            tx.log.append([issued.entry for _, _, issued in closing])
            outbox = tx.outbox.append([_message(row, erasure) for row, erasure, _ in closing])
            closed = {row.recording_id for row, _, _ in closing}
        # What another sweep has closed meanwhile is that one's.
        mine = [one for one in done if one.held_in_vault or one.recording.recording_id in closed]
        return SweepBatch(disposed=mine, outbox=outbox)


_ENDS = {
    RecordingState.DISPOSING: RecordingState.DISPOSED,
    RecordingState.DROPPING: RecordingState.DROPPED,
}


def _rule(recording: Recording) -> str:
    """Why it goes; what a person discarded says so in its row."""
    if recording.state is RecordingState.DISPOSING and recording.quarantine_reason == DISCARDED:
        return DISCARDED
    return _REASONS[recording.state]


_REASONS = {RecordingState.DISPOSING: "retention", RecordingState.DROPPING: "objection"}


def _alert(stopped: Stopped) -> Message:
    value = {
        "code": Operation.SWEEP_STOPPED.value,
        "reasons": [one.value for one in stopped.reasons],
        "due": stopped.due,
        "at_most": stopped.at_most,
        "at": stopped.at.astimezone(UTC).isoformat(),
        "believed": None if stopped.believed is None else stopped.believed.astimezone(UTC).isoformat(),
    }
    return Message(topic=ALERTS_TOPIC, key="sweep", value=json.dumps(value).encode())


def _message(recording: Recording, erasure: Erasure) -> Message:
    value = {
        "recording_id": recording.recording_id,
        "reason": _rule(recording),
        "versions": len(erasure.versions),
        "disposed_at": erasure.proven_empty_at.astimezone(UTC).isoformat(),
        "policy_version": recording.policy_version,
    }
    return Message(topic=DISPOSED_TOPIC, key=recording.recording_id, value=json.dumps(value).encode())
