"""What an objection on file does to the recordings it concerns, whoever filed it (R3, R4, I3).

An objection is filed first, in a transaction of its own; then the recordings it concerns are looked for. Ingest
looks in the other order (row first, then objections), so between the two nothing slips through.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from callwarden.custody.disposal import Disposal
from callwarden.custody.landing_copies import LandingCopies
from callwarden.custody.scribe import Scribe
from callwarden.model.access import Actor, Role, service
from callwarden.model.ids import CallId, Pseudonym, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.objection import Ground, Objection, ScopeKind
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording, RecordingState
from callwarden.model.request import RequestId
from callwarden.ports.catalogue import Catalogue, ObjectionReference, RecordingFilter, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.objection import (
    Drop,
    Effect,
    KeptForCase,
    KeptForRequest,
    Limit,
    NoEffect,
    NotOffered,
    effect_on,
    in_release_delay,
)

OBJECTIONS = service("objections")


def in_the_name_of(objection: Objection) -> Actor:
    """Who applies an objection that came by an event: the telephone system that pushed it, where it was pushed."""
    role, _, name = objection.entered_by.partition(":")
    return Actor(role=Role.TELEPHONY, name=name) if role == Role.TELEPHONY else OBJECTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether what was objected to ends for this recording, and else the ground on which it goes on."""

    recording_id: RecordingId
    granted: bool
    ground: Ground | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an objection did, by recording. `kept_for_case` is told to the caller, as is `not_offered`: there the data
    protection officer may grant it (GDPR, article 21). `kept_for_request` goes once that is answered; of
    `kept_for_case` what a case has let go a short while ago goes when the policy's delay is over."""

    objection: Objection
    dropped: tuple[RecordingId, ...] = ()
    limited: tuple[RecordingId, ...] = ()
    kept_for_case: tuple[RecordingId, ...] = ()
    kept_for_request: tuple[RecordingId, ...] = ()
    not_offered: tuple[RecordingId, ...] = ()

    def decisions(self) -> list[Decision]:
        """What the caller is told of each recording."""
        ends = (*self.dropped, *self.limited, *self.kept_for_request)
        granted = [Decision(recording_id=one, granted=True) for one in ends]
        held = [Decision(recording_id=one, granted=False, ground=Ground.LEGAL_CLAIMS) for one in self.kept_for_case]
        why = self.objection.ground or Ground.LINE_OFFERS_NONE
        refused = [Decision(recording_id=one, granted=False, ground=why) for one in self.not_offered]
        return sorted([*granted, *held, *refused], key=lambda one: one.recording_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionEffects:
    """Applies objections. May be repeated. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    disposal: Disposal
    scribe: Scribe
    copies: LandingCopies

    def apply(self, objection: Objection, *, actor: Actor, but_for: RequestId | None = None) -> Applied:
        """Do what an objection on file asks, to every recording it concerns; each it changes is an entry of the log.
        An open request keeps its recordings until it is answered, all but the one it was made by: `but_for`.

        Raises RetryableError; what was dropped by then stays dropped.
        """
        effects, now = list[tuple[RecordingId, Effect]](), self.clock.now()
        with self.catalogue.transaction() as tx:
            concerned = tx.recordings.find(concerned_by(objection), lock=True)
            found = [recording for recording in concerned if objection.reaches(recording.line)]
            frozen = {
                *tx.requests.freezing([recording.recording_id for recording in found], but_for=but_for),
                *self.disposal.standing_holds.asked_for(found, but_for=but_for),
            }
            changed, entries = [], []
            for recording in found:
                requested, line = recording.recording_id in frozen, self.policy.lines.get(recording.line)
                effect = effect_on(recording, objection, line=line, requested=requested)
                after = _after(recording, effect)
                if isinstance(effect, Drop) and in_release_delay(recording, now=now):
                    effect = KeptForCase()
                    after = replace(_after(recording, effect), keep_until=min(now, recording.keep_until or now))
                effects.append((recording.recording_id, effect))
                if after != recording:
                    changed.append(after)
                    entries.append(
                        self.scribe.entry(
                            actor,
                            Operation.OBJECTION_APPLIED,
                            subject=recording.recording_id,
                            correlation=objection.objection_id,
                        )
                    )
            tx.recordings.save(changed)
            tx.log.append(entries)
            self._hasten_waiting(found, tx)
        for recording, (recording_id, effect) in zip(found, effects, strict=True):
            if isinstance(effect, Drop):
                if recording.source_sha256 is None:  # set aside without its audio, which may lie where it landed
                    self.copies.remove(recording)
                # Audio that is still on its way keeps the state for ingest to see, and is destroyed there once more.
                self.disposal.end_one(recording_id, actor=OBJECTIONS)
        return Applied(
            objection=objection,
            dropped=tuple(name for name, effect in effects if isinstance(effect, Drop)),
            limited=tuple(name for name, effect in effects if isinstance(effect, Limit)),
            kept_for_case=tuple(name for name, effect in effects if isinstance(effect, KeptForCase)),
            kept_for_request=tuple(name for name, effect in effects if isinstance(effect, KeptForRequest)),
            not_offered=tuple(name for name, effect in effects if isinstance(effect, NotOffered)),
        )

    def _hasten_waiting(self, concerned: Sequence[Recording], tx: Transaction) -> None:
        """Events that wait for word of an objection need not wait any longer: it has come."""
        pending = [recording.recording_id for recording in concerned if recording.state in _ON_ITS_WAY]
        waiting = tx.waiting.find(recordings=pending) if pending else ()
        if waiting:
            now = self.clock.now()
            tx.waiting.remove([event.position for event in waiting])
            tx.waiting.add([replace(event, due_at=min(event.due_at, now)) for event in waiting])


_ON_ITS_WAY = frozenset({RecordingState.PENDING, RecordingState.DROPPING})


def concerned_by(objection: Objection | ObjectionReference) -> RecordingFilter:
    """Which recordings an objection is about, or would be."""
    match objection.scope:
        case ScopeKind.CALL:
            return RecordingFilter(call_id=CallId(objection.reference))
        case ScopeKind.NUMBER:
            return RecordingFilter(caller=Pseudonym(objection.reference))
        case ScopeKind.CUSTOMER:
            return RecordingFilter(customer=Pseudonym(objection.reference))


def _after(recording: Recording, effect: Effect) -> Recording:
    """The row as the effect leaves it. A dropped one is emptied once its content is gone, not before."""
    match effect:
        case Drop():
            return replace(recording, state=RecordingState.DROPPING)
        case (
            Limit(purposes=purposes)
            | KeptForCase(purposes=purposes)
            | KeptForRequest(purposes=purposes)
            | NotOffered(purposes=purposes)
        ):
            return replace(recording, objected=recording.objected | purposes)
        case NoEffect():
            return recording
