"""The desk where it is looked up what became of events and calls, and the proof of what was destroyed (I1, K4).

Lists are read before their entry is written, so that a long one keeps no writer waiting; they are shown after it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from callwarden.custody.balance import Balance, balance
from callwarden.desks.acts import Acts
from callwarden.desks.named_case import cases_to_name
from callwarden.errors import RefusedError, UsageError
from callwarden.messages import RecordingStored
from callwarden.model.access import Actor, Role
from callwarden.model.certificate import Certificate
from callwarden.model.ids import CallId, CaseId, LineId, RecordingId
from callwarden.model.outcome import EventOutcome, Position
from callwarden.model.recording import Artefact, Recording, RecordingState
from callwarden.ports.bus import EventBus, Message
from callwarden.ports.catalogue import Catalogue, OutcomeFilter, Transaction, Waits
from callwarden.rules.rights import RIGHTS, Act, ActRefusal

NOTHING_TO_RETRY = "nothing_to_retry"
NO_CERTIFICATE = "no_certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What became of events, in the order it was decided; the recordings they are about, and what is stored of those:
    artefacts only where single calls were asked for. Of the cases that hold a recording, those whoever asks may know of
    are named; `held` are all that any case holds."""

    outcomes: Sequence[EventOutcome]
    recordings: Mapping[RecordingId, Recording]
    artefacts: Sequence[Artefact] = ()
    held: frozenset[RecordingId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError, UsageError. Thread-safe."""

    catalogue: Catalogue
    bus: Callable[[], EventBus]
    """Opened for the sums alone."""
    acts: Acts
    lines: frozenset[LineId]
    """Those of the policy."""

    def listed(
        self, actor: Actor, wanted: OutcomeFilter, *, limit: int | None = None, after: Position | None = None
    ) -> Calls:
        """Every event that is `wanted` and on the actor's lines; at most `limit`, those decided `after` the one at a
        position."""
        wanted = replace(wanted, lines=actor.lines, agents=actor.agents)
        outcomes = self.catalogue.list_outcomes(limit=limit, wanted=wanted, after=after)
        if wanted.line is not None and not outcomes and wanted.line not in self.lines:
            raise UsageError(f"unknown line {wanted.line}: the policy has {', '.join(sorted(self.lines))}")
        with self.catalogue.snapshot() as tx:
            found = _told(tx, actor, Calls(outcomes=outcomes, recordings=tx.recordings.get(_ids(outcomes))))
        with self.acts.perform(Act.CALLS_LIST, actor) as doing:
            doing.count = len(outcomes)
        return found

    def shown(self, actor: Actor, which: str) -> Calls:
        """One call or recording by its id."""
        theirs = OutcomeFilter(lines=actor.lines, agents=actor.agents)
        outcomes = self.catalogue.list_outcomes(call_id=CallId(which), wanted=theirs)
        outcomes = outcomes or self.catalogue.list_outcomes(recording_id=RecordingId(which), wanted=theirs)
        with self.catalogue.snapshot() as tx:
            rows = tx.recordings.get(_ids(outcomes))
            found = _told(tx, actor, Calls(outcomes=outcomes, recordings=rows, artefacts=tx.artefacts.get(rows)))
        with self.acts.perform(Act.CALLS_SHOW, actor) as doing:
            if not outcomes:
                words = f"nothing is known of {which!r}, or nothing you may know of: see callwarden calls list"
                raise RefusedError((ActRefusal.UNKNOWN.value,), words)
            doing.subjects = sorted(rows) or None
        return found

    def sums(self, actor: Actor) -> tuple[Balance, Sequence[Waits]]:
        """What was published, what became of it, what is on its way, and what that waits for."""
        sums, waits = balance(self.bus(), self.catalogue), self.catalogue.waits()
        with self.acts.perform(Act.CALLS_OUTCOMES, actor) as doing:
            doing.count = sums.published
        return sums, waits

    def waiting(self, actor: Actor) -> Sequence[Waits]:
        """What events in flight wait for."""
        waits = self.catalogue.waits()
        with self.acts.perform(Act.CALLS_WAITING, actor) as doing:
            doing.count = sum(each.events for each in waits)
        return waits

    def transcribed_again(self, actor: Actor, recording_id: RecordingId) -> str:
        """Have a recording without a transcript listened to again; why there was none. Raises RefusedError where
        nothing is known to have failed, or nothing is kept any more."""
        with self.acts.perform(Act.CALLS_TRANSCRIBE, actor, recording_id=recording_id) as doing:
            row = doing.row
            if row.state is not RecordingState.STORED or row.untranscribed is None:
                raise RefusedError(
                    (NOTHING_TO_RETRY,),
                    "nothing failed of it: callwarden calls list --untranscribed shows what has no transcript, and why",
                )
            doing.reasons = (row.untranscribed,)
            doing.tx.outbox.append([Message.of(RecordingStored.of(row))])
        return row.untranscribed

    def certificates(self, actor: Actor, recording_id: RecordingId) -> Sequence[Certificate]:
        """Every certificate of a recording's disposal, the newest last; at least one."""
        with self.acts.perform(Act.CALLS_CERTIFICATE, actor, recording_id=recording_id) as doing:
            found = doing.tx.certificates.get([recording_id])
            if not found:
                raise RefusedError(
                    (NO_CERTIFICATE,),
                    f"there is no disposal certificate of {recording_id}: its state is {doing.row.state.value}",
                )
            doing.digest = found[-1].digest
        return found


def _ids(outcomes: Sequence[EventOutcome]) -> frozenset[RecordingId]:
    return frozenset(each.recording_id for each in outcomes if each.recording_id is not None)


def _told(tx: Transaction, actor: Actor, found: Calls) -> Calls:
    # Whoever may not list cases hears that a case holds it, not which; an operator, who mends, hears it.
    knows = RIGHTS[Act.HOLD_LIST].is_for(actor) or actor.role is Role.OPERATOR
    held = [case for row in found.recordings.values() for case in row.holds]
    named = cases_to_name(tx, actor, held) if knows else frozenset[CaseId]()
    told = {
        name: replace(row, holds=tuple(case for case in row.holds if case in named)) if row.holds else row
        for name, row in found.recordings.items()
    }
    return replace(found, recordings=told, held=frozenset(name for name, row in found.recordings.items() if row.holds))
