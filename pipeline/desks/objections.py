"""The desk where objections are filed, taken back and applied (R3, R4).

An objection is filed first, in a transaction of its own; then the recordings it concerns are looked for. Ingest
looks in the other order (row first, then objections), so between the two nothing slips through.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.certifier import Certifier
from callwarden.custody.eraser import Eraser
from callwarden.custody.scribe import Scribe
from callwarden.model.access import Actor, service
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, Pseudonym, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.objection import Objection, ScopeKind
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording, RecordingState
from callwarden.ports.catalogue import Catalogue, ObjectionReference, RecordingFilter, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.ports.numbers import NumberPlan
from callwarden.rules.objection import Drop, Effect, KeptForCase, Limit, NoEffect, NotOffered, effect_on
from callwarden.rules.remains import emptied

OBJECTIONS = service("objections")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an objection did, by recording. `kept_for_case` is told to the caller, as is `not_offered`."""

    objection: Objection
    dropped: tuple[RecordingId, ...] = ()
    limited: tuple[RecordingId, ...] = ()
    kept_for_case: tuple[RecordingId, ...] = ()
    not_offered: tuple[RecordingId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDesk:
    """Files objections, takes them back, applies them. Every method may be repeated. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    keys: KeyStore
    numbers: NumberPlan
    eraser: Eraser
    certifier: Certifier
    scribe: Scribe

    def file(
        self,
        scope: ObjectionScope,
        purposes: frozenset[str],
        *,
        channel: str,
        at: datetime,
        actor: Actor,
        source: str,
    ) -> Objection:
        """Put an objection on file and return it as it stands there. `source` makes it the same objection when it is
        filed twice: filed again after its withdrawal, it stays withdrawn."""
        kind, reference = self.reference(scope)
        objection = Objection(
            objection_id="obj-" + hashlib.sha256(source.encode()).hexdigest()[:32],
            scope=kind,
            reference=reference,
            purposes=purposes,
            channel=channel,
            objected_at=at,
            recorded_at=self.clock.now(),
        )
        with self.catalogue.transaction() as tx:
            return self._save_once(objection, tx, actor=actor)

    def withdraw(
        self, scope: ObjectionScope, purposes: frozenset[str], *, at: datetime, actor: Actor
    ) -> Sequence[Objection]:
        """Take objections back, from `at` on only: nothing is brought back. Empty `purposes`: all of them."""
        kind, reference = self.reference(scope)
        withdrawn = []
        with self.catalogue.transaction() as tx:
            for objection in self._on_file(kind, reference, tx):
                going = objection.purposes & purposes if purposes else objection.purposes
                if objection.withdrawn_at is not None or not going or objection.objected_at > at:
                    continue
                if going != objection.purposes:
                    tx.objections.save(replace(objection, purposes=objection.purposes - going))
                    ended_id = (
                        f"{objection.objection_id}-{hashlib.sha256(repr(sorted(going)).encode()).hexdigest()[:8]}"
                    )
                    objection = replace(objection, objection_id=ended_id, purposes=going)
                ended = replace(objection, withdrawn_at=at)
                tx.objections.save(ended)
                withdrawn.append(ended)
            tx.log.append(
                [
                    self.scribe.entry(actor, Operation.OBJECTION_WITHDRAWN, subject=ended.objection_id)
                    for ended in withdrawn
                ]
            )
        return withdrawn

    def reference(self, scope: ObjectionScope) -> tuple[ScopeKind, str]:
        """What an objection of this scope is filed under: a call id, or a pseudonym."""
        if scope.call_id is not None:
            return ScopeKind.CALL, scope.call_id
        if scope.number is not None:
            number = self.numbers.canonical(scope.number, region=self.policy.region)
            return ScopeKind.NUMBER, self.keys.pseudonym("number", number)
        assert scope.customer_id is not None, "ObjectionScope names exactly one"
        return ScopeKind.CUSTOMER, self.keys.pseudonym("customer", scope.customer_id)

    def apply(self, objection: Objection) -> Applied:
        """Do what an objection on file asks, to every recording it concerns (I3).

        Raises RetryableError; what was dropped by then stays dropped.
        """
        effects: list[tuple[RecordingId, Effect]] = []
        with self.catalogue.transaction() as tx:
            concerned = tx.recordings.find(_concerned(objection), lock=True)
            changed = []
            for recording in concerned:
                effect = effect_on(recording, objection, line=self.policy.lines.get(recording.line))
                effects.append((recording.recording_id, effect))
                after = _after(recording, effect)
                if after != recording:
                    changed.append(after)
            tx.recordings.save(changed)
            self._hasten_waiting(concerned, tx)
        for recording_id, effect in effects:
            if isinstance(effect, Drop):
                self.finish_drop(recording_id)
        return Applied(
            objection=objection,
            dropped=tuple(one for one, effect in effects if isinstance(effect, Drop)),
            limited=tuple(one for one, effect in effects if isinstance(effect, Limit)),
            kept_for_case=tuple(one for one, effect in effects if isinstance(effect, KeptForCase)),
            not_offered=tuple(one for one, effect in effects if isinstance(effect, NotOffered)),
        )

    def finish_drop(self, recording_id: RecordingId) -> None:
        """Erase a recording that is being dropped, and leave the content-free fact. A recording whose audio is
        still on its way keeps the state ``dropping`` for ingest to see, and is erased there once more."""
        with self.catalogue.snapshot() as tx:
            before, known = tx.recordings.get([recording_id]).get(recording_id), tx.artefacts.get([recording_id])
        erasure = self.eraser.erase(recording_id, reason="objection")
        if before is None:
            return
        issued = self.certifier.certify(before, erasure, known=known, rule=Reason.OBJECTION.value, actor=OBJECTIONS)
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id], lock=True).get(recording_id)
            if row is None or row.state is not RecordingState.DROPPING:
                return
            tx.artefacts.remove([recording_id])
            tx.recordings.save([emptied(row, state=RecordingState.DROPPED, at=erasure.proven_empty_at)])
            tx.certificates.add([issued.certificate])
            tx.log.append([issued.entry])

    def _on_file(self, kind: ScopeKind, reference: str, tx: Transaction) -> Sequence[Objection]:
        return tx.objections.under([ObjectionReference(scope=kind, reference=reference)])

    def _save_once(self, objection: Objection, tx: Transaction, *, actor: Actor) -> Objection:
        for known in self._on_file(objection.scope, objection.reference, tx):
            if known.objection_id == objection.objection_id:
                return known
        tx.objections.save(objection)
        tx.log.append([self.scribe.entry(actor, Operation.OBJECTION_RECORDED, subject=objection.objection_id)])
        return objection

    def _hasten_waiting(self, concerned: Sequence[Recording], tx: Transaction) -> None:
        """Events that wait for word of an objection need not wait any longer: it has come."""
        pending = [one.recording_id for one in concerned if one.state in _ON_ITS_WAY]
        waiting = tx.waiting.find(recordings=pending) if pending else ()
        if waiting:
            now = self.clock.now()
            tx.waiting.remove([one.position for one in waiting])
            tx.waiting.add([replace(one, due_at=min(one.due_at, now)) for one in waiting])


_ON_ITS_WAY = frozenset({RecordingState.PENDING, RecordingState.DROPPING})


def _concerned(objection: Objection) -> RecordingFilter:
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
        case Limit(purposes=purposes) | KeptForCase(purposes=purposes) | NotOffered(purposes=purposes):
            return replace(recording, objected=recording.objected | purposes)
        case NoEffect():
            return recording
