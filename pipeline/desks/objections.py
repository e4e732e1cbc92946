"""The desk where objections are filed, taken back and listed (R3, R4): by people, and by the step that takes in what
the telephone system says of them.

Whoever is narrowed to lines or agents may object on behalf of the caller of a call of theirs. By number or customer an
objection reaches every line, and calls to come: that is for nobody who is narrowed.
"""

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.objection_effects import Applied, ObjectionEffects, concerned_by
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.concerned import Concerned
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.event import ObjectionScope
from callwarden.model.objection import Objection, ScopeKind
from callwarden.model.purpose import OBJECTABLE
from callwarden.ports.catalogue import ObjectionReference, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.reading import in_scope, is_scoped
from callwarden.rules.rights import Act, ActRefusal

_RECORDING = re.compile(r"rec-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError; UsageError for what makes no sense as a
    person has typed it. Thread-safe."""

    clock: Clock
    acts: Acts
    concerned: Concerned
    effects: ObjectionEffects

    def add(
        self,
        actor: Actor,
        scope: ObjectionScope,
        purposes: frozenset[str],
        *,
        channel: str,
        at: datetime | None = None,
        source: str | None = None,
    ) -> Applied:
        """Put an objection on file, made `at` an instant (now, where left out), and apply it to everything it concerns.

        `source` makes it the same objection when it is filed twice: filed again after its withdrawal, it stays
        withdrawn.
        """
        if not purposes and not actor.is_service:
            raise UsageError(f"say what is objected to: of {', '.join(sorted(OBJECTABLE))}")
        _look_at(actor, scope, purposes)
        filed_under, now = self._reference(actor, scope), self.clock.now()
        name = hashlib.sha256((source or uuid.uuid4().hex).encode()).hexdigest()
        objection = Objection(
            objection_id=f"obj-{name[:32]}",
            scope=filed_under.scope,
            reference=filed_under.reference,
            purposes=purposes,
            channel=channel,
            objected_at=at or now,
            recorded_at=now,
        )
        act = Act.OBJECTION_ADD if scope.call_id is None else Act.OBJECTION_ADD_CALL
        with self.acts.perform(act, actor, subject=objection.objection_id) as doing:
            _touch(doing, filed_under)
            on_file = doing.tx.objections.under([filed_under])
            known = next((each for each in on_file if each.objection_id == objection.objection_id), None)
            if known is None:
                doing.tx.objections.save(objection)
            else:
                doing.silent, objection = True, known
                if not actor.is_service:  # events are repeated, and nobody reads the answer
                    doing.looks(Act.OBJECTION_LIST)
        return self.effects.apply(objection, actor=actor)

    def withdraw(
        self, actor: Actor, scope: ObjectionScope, purposes: frozenset[str], *, at: datetime | None = None
    ) -> Sequence[Objection]:
        """Take objections back, from `at` (now) on only: nothing is brought back. Empty `purposes`: all of them. A
        person is refused, ``unknown``, where none is on file."""
        _look_at(actor, scope, purposes)
        filed_under, at = self._reference(actor, scope), at or self.clock.now()
        act = Act.OBJECTION_WITHDRAW if scope.call_id is None else Act.OBJECTION_WITHDRAW_CALL
        with self.acts.perform(act, actor) as doing:
            _touch(doing, filed_under)
            withdrawn = []
            for objection in doing.tx.objections.under([filed_under]):
                going = objection.purposes & purposes if purposes else objection.purposes
                if objection.withdrawn_at is None and going and objection.objected_at <= at:
                    withdrawn.append(_ended(objection, going, at=at, tx=doing.tx))
            if not withdrawn and not actor.is_service:
                words = "no such objection is on file: callwarden objection list shows every one"
                raise RefusedError((ActRefusal.UNKNOWN.value,), words)
            doing.silent, doing.subjects = not withdrawn, [each.objection_id for each in withdrawn]
        return withdrawn

    def listed(self, actor: Actor) -> Sequence[Objection]:
        """Every objection on file, newest first; for whoever is narrowed, those that concern a recording of theirs."""
        with self.acts.perform(Act.OBJECTION_LIST, actor) as doing:
            found = doing.tx.objections.all()
            if is_scoped(actor):
                found = [each for each in found if _concerns_theirs(doing, each)]
            doing.count = len(found)
        return found

    def _reference(self, actor: Actor, scope: ObjectionScope) -> ObjectionReference:
        """What an objection of this scope is filed under: a call id, or a pseudonym."""
        if scope.call_id is not None:
            return ObjectionReference(scope=ScopeKind.CALL, reference=scope.call_id)
        if scope.number is not None:
            number = self.concerned.number(scope.number, typed=not actor.is_service)
            return ObjectionReference(scope=ScopeKind.NUMBER, reference=number)
        assert scope.customer_id is not None, "ObjectionScope names exactly one"
        customer = self.concerned.customer(scope.customer_id, typed=not actor.is_service)
        return ObjectionReference(scope=ScopeKind.CUSTOMER, reference=customer)


def _look_at(actor: Actor, scope: ObjectionScope, purposes: frozenset[str]) -> None:
    """At what a person has typed; an event has been looked at by its codec."""
    if actor.is_service:
        return
    if unknown := sorted(purposes - OBJECTABLE):
        raise UsageError(f"nobody can object to {', '.join(unknown)}: the words are {', '.join(sorted(OBJECTABLE))}")
    if scope.call_id is not None and not scope.call_id.strip():
        raise UsageError("a call has an id, which callwarden calls list shows")
    if scope.call_id is not None and _RECORDING.fullmatch(scope.call_id):
        raise UsageError(
            f"{scope.call_id} is a recording's id: name its call, which callwarden calls list shows beside it"
        )


def _touch(doing: Doing, filed_under: ObjectionReference) -> None:
    doing.touches(doing.tx.recordings.find(concerned_by(filed_under)) if is_scoped(doing.actor) else ())


def _concerns_theirs(doing: Doing, objection: Objection) -> bool:
    return any(in_scope(doing.actor, row) for row in doing.tx.recordings.find(concerned_by(objection)))


def _ended(objection: Objection, going: frozenset[str], *, at: datetime, tx: Transaction) -> Objection:
    """The objection to these purposes, withdrawn; what is left of it stays on file under its id."""
    if going != objection.purposes:
        tx.objections.save(replace(objection, purposes=objection.purposes - going))
        part = hashlib.sha256(repr(sorted(going)).encode()).hexdigest()[:8]
        objection = replace(objection, objection_id=f"{objection.objection_id}-{part}", purposes=going)
    ended = replace(objection, withdrawn_at=at)
    tx.objections.save(ended)
    return ended
