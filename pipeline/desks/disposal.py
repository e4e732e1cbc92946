"""The desk where a sweep that has stopped is let go: one person asks, another confirms (I5).

What is confirmed is what was asked for: the sweep as at the instant of the asking, and nothing that fell due since.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callwarden.custody.redating import Redating
from callwarden.custody.timekeeper import Timekeeper
from callwarden.desks.acts import Acts
from callwarden.errors import RefusedError
from callwarden.model.access import Actor
from callwarden.model.log_entry import Operation
from callwarden.model.recording import AudioState, Recording
from callwarden.ports.clock import Clock
from callwarden.ports.log import LogReader
from callwarden.rules.disposal import Dispose, disposal
from callwarden.rules.people import same_person
from callwarden.rules.rights import Act
from callwarden.rules.sweeping import Stopped, SweepStop, sweep_subject

REQUEST: Final = "sweep-request"
_ALL: Final = 1_000_000
SECOND_PERSON_NEEDED: Final = "second_person_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """What somebody asked for."""

    by: str
    at: datetime
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOrder:
    """What a sweep goes by: in whose name, as at which instant (None: the clock's), and whether two people have let it
    go. `stopped` is why it leaves what is due."""

    by: Actor
    at: datetime | None = None
    confirmed: bool = False
    stopped: Stopped | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalDesk:
    """Orders sweeps, and takes requests and confirmations where one has stopped. `stopped` says why a sweep as at an
    instant, or by the clock, would leave what is due. Thread-safe."""

    acts: Acts
    clock: Clock
    timekeeper: Timekeeper
    redating: Redating
    log: LogReader
    stopped: Callable[[datetime | None], Stopped | None]

    def previewed(self, actor: Actor, *, at: datetime | None = None) -> Sequence[Recording]:
        """What a sweep would destroy of the actor's lines, longest due first; then that of which only the audio is
        over. Of what an approved change of the policy dates anew first, by the dates it gives. Raises RefusedError."""
        with self.acts.perform(Act.DISPOSE_PREVIEW, actor) as doing:
            by, rows = at or self.clock.now(), doing.tx.recordings
            anew = {row.recording_id: row for row in self.redating.foreseen()}
            frozen = doing.tx.requests.freezing(list(anew)) if anew else ()
            open_ones = [row for name, row in anew.items() if name not in frozen]
            whole = [row for row in rows.due(now=by, limit=_ALL) if row.recording_id not in anew]
            whole += sorted((row for row in open_ones if isinstance(disposal(row, now=by), Dispose)), key=_end)
            sound = [row for row in rows.audio_due(now=by, limit=_ALL) if row.recording_id not in anew]
            sound += [row for row in open_ones if _only_sound(row, by)]
            due = doing.theirs([*whole, *sound])
            doing.count = len(due)
        return due

    def order(self, actor: Actor, *, at: datetime | None = None, let_go: bool = False) -> SweepOrder:
        """Have a sweep run, as at `at` where a person gives an instant: both stand in the log, and on the certificate
        of whatever it destroys. With ``let_go`` one that has stopped is asked for, or confirmed. A program's own sweeps
        are no entry: what they destroy is.

        Raises RefusedError.
        """
        stopped = None if actor.is_service else self.stopped(at)
        if stopped is not None and let_go:
            return SweepOrder(by=actor, at=self.let_go(actor, stopped).at, confirmed=True)
        with self.acts.perform(Act.DISPOSE_RUN, actor, subject=None if at is None else sweep_subject(at)) as doing:
            doing.reasons = () if stopped is None else tuple(reason.value for reason in stopped.reasons)
            doing.silent = actor.is_service
        return SweepOrder(by=actor, at=at, stopped=stopped)

    def let_go(self, actor: Actor, stopped: Stopped) -> SweepRequest:
        """Ask for a sweep that has stopped, or confirm what another person asked for: then the request, which the
        sweep goes by.

        Raises RefusedError: ``second_person_needed`` once it is asked for, ``not_permitted``.
        """
        with self.acts.catalogue.snapshot() as tx:
            asked = _read(tx.landmarks.sealed(REQUEST))
        if asked is None or same_person(asked.by, actor.name):
            self._ask(actor, stopped)
        return self._confirm(actor)

    def _ask(self, actor: Actor, stopped: Stopped) -> None:
        with self.acts.perform(Act.DISPOSE_ASK, actor, subject=sweep_subject(stopped.at)) as doing:
            doing.count, doing.reasons = stopped.due, tuple(reason.value for reason in stopped.reasons)
            doing.tx.landmarks.save_sealed(
                REQUEST,
                json.dumps({"by": actor.name, "at": stopped.at.astimezone(UTC).isoformat(), "due": stopped.due}),
            )
        raise RefusedError(
            (SECOND_PERSON_NEEDED, *(reason.value for reason in stopped.reasons)),
            f"asked for: {stopped.due} recordings that are due by {stopped.at:%Y-%m-%d %H:%M:%SZ} are destroyed once "
            "somebody else confirms it: callwarden dispose --as ROLE:NAME",
        )

    def _confirm(self, actor: Actor) -> SweepRequest:
        with self.acts.perform(Act.DISPOSE_CONFIRM, actor) as doing:
            asked = _read(doing.tx.landmarks.sealed(REQUEST))
            if asked is None:
                raise RefusedError((SECOND_PERSON_NEEDED,), "somebody else has just confirmed it: look again")
            doing.second_person(asked.by)
            doing.subject, doing.count = sweep_subject(asked.at), asked.due
            if not self.log.noted(doing.subject, Operation.DISPOSAL_REQUESTED):
                raise RefusedError(
                    (SECOND_PERSON_NEEDED,), "the access log knows of nobody who asked for it: find out who wrote it"
                )
            doing.tx.landmarks.save_sealed(REQUEST, "")
            self.timekeeper.believe(doing.tx, asked.at)
        return asked


def explained(stopped: Stopped) -> str:
    """What stopped a sweep and what to do, for a person."""
    words = {
        SweepStop.CLOCK_AHEAD: "the clock is further ahead of the last believed instant than the policy allows",
        SweepStop.CLOCK_BEHIND: "the clock is further behind the last believed instant than the policy allows",
        SweepStop.TOO_MANY_DUE: f"{stopped.due} recordings are due and one sweep may destroy {stopped.at_most} unasked",
    }
    why = "; ".join(words[reason] for reason in stopped.reasons)
    return (
        f"nothing that is due by {stopped.at:%Y-%m-%d %H:%M:%SZ} was destroyed: {why}. Look whether the clock and the "
        "policy are right. If so, callwarden dispose --as ROLE:NAME asks for it, and somebody else confirms it likewise"
    )


def _end(row: Recording) -> tuple[datetime, str]:
    assert row.keep_until is not None  # only what has a date is due
    return row.keep_until, row.recording_id


def _only_sound(row: Recording, now: datetime) -> bool:
    return (
        row.audio is AudioState.KEPT
        and row.audio_until is not None
        and isinstance(disposal(row, now=now, until=row.audio_until), Dispose)
        and not isinstance(disposal(row, now=now), Dispose)
    )


def _read(text: str | None) -> SweepRequest | None:
    if not text:
        return None
    found = json.loads(text)
    return SweepRequest(by=found["by"], at=datetime.fromisoformat(found["at"]), due=found["due"])
