"""The sweep: what is past its period goes, every version of it, proven by a listing (K1, K2, I5).

A recording is claimed first (state ``disposing``, under a row lock, so that a hold placed at the same moment either
wins or finds it gone), then erased, then closed with a signed certificate. A crash in between is healed by the next
sweep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.audio_ending import AudioEnding
from callwarden.custody.disposal import Disposal, Disposed, DisposedBatch
from callwarden.custody.figure_weeks import FigureWeeks
from callwarden.custody.placing import Placing
from callwarden.custody.redating import Redating
from callwarden.custody.scribe import Scribe
from callwarden.custody.standing_holds import StandingHolds
from callwarden.custody.timekeeper import Timekeeper
from callwarden.messages import HoldsChanged, SweepAlert
from callwarden.model.access import Actor, service
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.policy import SweepLimits
from callwarden.model.recording import Recording, RecordingState
from callwarden.ports.alarm import Alarm
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, OutboxEntry, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.disposal import Dispose, disposal
from callwarden.rules.sweeping import Stopped, most_at_once, sweep_stops

DISPOSE = service("dispose")
BATCH = 100
_STOPPED = "sweep-stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Destroys what is due. Several may run at once: each row is claimed by one."""

    catalogue: Catalogue
    disposal: Disposal
    audio: AudioEnding
    standing_holds: StandingHolds
    placing: Placing
    redating: Redating
    figures: FigureWeeks
    clock: Clock
    limits: SweepLimits
    timekeeper: Timekeeper
    scribe: Scribe
    alarm: Alarm

    def stopped(self, *, now: datetime | None = None) -> Stopped | None:
        """Why a sweep at the clock's instant, or at `now` given by a person, would leave what is due, if it would."""
        with self.catalogue.transaction() as tx:
            return self._stopped(tx, now)

    def rounds(
        self, *, now: datetime | None = None, confirmed: bool = False, actor: Actor = DISPOSE
    ) -> Iterator[DisposedBatch]:
        """Sweep until nothing is due, a batch at a time, in the name of `actor`. `now` is an instant that a person
        gives; with `confirmed` two people have, for this sweep.

        A sweep that has to stop (`stopped`) sounds the alarm and leaves what is due; what an objection dropped, or an
        earlier sweep began, is destroyed all the same.
        """
        stopped = False
        if not confirmed:
            self.redating.resume()  # before what is due is counted
            stopped, outbox = self._watch(now)
            if outbox:
                yield DisposedBatch(disposed=(), outbox=outbox)
        if not stopped:
            with self.catalogue.transaction() as tx:
                before = now or self.clock.now()
                tx.dead_letters.remove(before=before)
                tx.act_reasons.remove(before=before)
            self.placing.resume()
            self.figures.close()  # before what they are made of goes
        stuck: set[RecordingId] = set()
        while True:
            if not (stopped or confirmed) and (stopped := self._watch(now)[0]):
                continue  # more fell due meanwhile than one sweep may destroy: what was begun is finished
            while not stopped and (kept := self._kept_after_all(now or self.clock.now(), stuck)):
                stuck |= {disposed.recording.recording_id for disposed in kept}
                yield DisposedBatch(disposed=kept, outbox=())
            left, claimed = self._claim(now or self.clock.now(), stuck, with_due=not stopped)
            if not left and not claimed:
                break
            for ids, by, as_at in ((left, DISPOSE, None), (claimed, actor, now)):
                if ids:
                    batch = self.disposal.end(ids, actor=by, as_at=as_at)
                    stuck |= {disposed.recording.recording_id for disposed in batch.disposed if disposed.held_in_vault}
                    yield batch

        yield from self._audio_rounds(now, actor, with_due=not stopped)

    def _audio_rounds(self, now: datetime | None, actor: Actor, *, with_due: bool) -> Iterator[DisposedBatch]:
        """The audio whose own period is over, likewise; the redacted transcript stays."""
        stuck: set[RecordingId] = set()
        while True:
            taken = self.audio.claim(now or self.clock.now(), stuck, limit=BATCH, with_due=with_due)
            for recording_id, code in taken.held.items():
                self.alarm.sound(code, subject=recording_id, correlation="sweep")
            stuck |= set(taken.held)
            if not (taken.unfinished or taken.claimed or taken.held):
                return
            ended = [self.audio.end(name, actor=DISPOSE) for name in taken.unfinished]
            ended += [self.audio.end(name, actor=actor, as_at=now) for name in taken.claimed]
            done = [each for each in ended if each is not None]
            stuck |= {each.recording.recording_id for each in done if each.held_in_vault}
            yield DisposedBatch(disposed=done, outbox=())

    def _stopped(self, tx: Transaction, now: datetime | None) -> Stopped | None:
        at = now or self.clock.now()
        standing, believed = self.timekeeper.standing(tx, given=now)
        due = tx.recordings.count_due(now=at) + tx.recordings.count_audio_due(now=at)
        at_most = self.limits.at_most
        if due > at_most:
            at_most = most_at_once(self.limits, kept=tx.recordings.count_kept())
        reasons = sweep_stops(standing, due=due, at_most=at_most)
        return Stopped(reasons=reasons, at=at, believed=believed, due=due, at_most=at_most) if reasons else None

    def _watch(self, now: datetime | None) -> tuple[bool, Sequence[OutboxEntry]]:
        """Whether the sweep stops. The alarm sounds each time; an entry and a message are written when it begins to."""
        outbox: Sequence[OutboxEntry] = ()
        with self.catalogue.transaction() as tx:
            stopped = self._stopped(tx, now)
            said = "" if stopped is None else " ".join(reason.value for reason in stopped.reasons)
            if said != (tx.landmarks.get(_STOPPED) or ""):
                tx.landmarks.save(_STOPPED, said)
                if stopped is not None:
                    reasons = tuple(reason.value for reason in stopped.reasons)
                    entry = self.scribe.entry(DISPOSE, Operation.SWEEP_STOPPED, count=stopped.due, reasons=reasons)
                    tx.log.append([entry])
                    outbox = tx.outbox.append([_alert(stopped)])
        if stopped is not None:
            self.alarm.sound("sweep_stopped", subject="sweep", correlation=said)
        return stopped is not None, outbox

    def _kept_after_all(self, now: datetime, stuck: set[RecordingId]) -> Sequence[Disposed]:
        """Of the next batch, what the rows say is due and a case holds by the journal or the log, or an open request or
        a case's criteria keep by the journal: somebody has put older rows back, or taken some away. It stays as it is,
        and the alarm sounds. What falls due later is looked at again where it is claimed, or by the disposal."""
        with self.catalogue.transaction() as tx:
            due = [row for row in tx.recordings.due(now=now, limit=BATCH + len(stuck)) if row.recording_id not in stuck]
            kept = {**self.standing_holds.lost(tx, due)}
        kept |= dict.fromkeys(self.standing_holds.among([row.recording_id for row in due]), "hold_gone")
        for recording_id, code in sorted(kept.items()):
            self.alarm.sound(code, subject=recording_id, correlation="sweep")
        return [Disposed(recording=row, erasure=None, held_in_vault=True) for row in due if row.recording_id in kept]

    def _claim(
        self, now: datetime, stuck: set[RecordingId], *, with_due: bool
    ) -> tuple[Sequence[RecordingId], Sequence[RecordingId]]:
        """Take the next batch: what an earlier sweep left unfinished, and what is due."""
        with self.catalogue.transaction() as tx:
            left = [row for row in tx.recordings.unfinished(limit=BATCH + len(stuck)) if row.recording_id not in stuck]
            due = self._due(tx, now, stuck, room=BATCH - len(left)) if with_due else ()
            # Once more, now that they are locked: who opens a request locks what it asks for, and changes none of it.
            kept = {*tx.requests.freezing([row.recording_id for row in due]), *self.standing_holds.lost(tx, due)}
            claimed = [
                replace(row, state=RecordingState.DISPOSING)
                for row in due
                if row.recording_id not in kept and isinstance(disposal(row, now=now), Dispose)
            ]
            tx.recordings.save(claimed)
        return [row.recording_id for row in left[:BATCH]], [row.recording_id for row in claimed]

    def _due(self, tx: Transaction, now: datetime, stuck: set[RecordingId], *, room: int) -> Sequence[Recording]:
        """So many that are due and that no criteria of a case catch; what those catch is held from now on (K3)."""
        if room > 0 and self.placing.in_doubt(tx):
            self.alarm.sound("row_altered", subject="placement", correlation="sweep")
            return ()
        while room > 0:
            found = tx.recordings.due(now=now, limit=room + len(stuck))
            due = [row for row in found if row.recording_id not in stuck][:room]
            caught = self.placing.catch(tx, due)
            if not caught:
                return due
            tx.outbox.append([Message.of(HoldsChanged(recording_id=name)) for name in caught])
        return ()


def _alert(stopped: Stopped) -> Message:
    return Message.of(
        SweepAlert(
            code=Operation.SWEEP_STOPPED,
            reasons=tuple(reason.value for reason in stopped.reasons),
            due=stopped.due,
            at_most=stopped.at_most,
            at=stopped.at,
            believed=stopped.believed,
        )
    )
