"""The desk where objections are filed, decided, taken back and listed (R3, R4): by people, and by the step that takes
in what the telephone system says of them.

An objection to recording on a line that offers none is decided by the data protection officer (GDPR, article 21).

Whoever is narrowed to lines or agents may object on behalf of the caller of a call of theirs. By number or customer an
objection reaches every line, and calls to come: that is for nobody who is narrowed.
"""

import hashlib
import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.objection_effects import Applied, ObjectionEffects, concerned_by
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.concerned import Concerned
from callwarden.desks.request_objections import carried_out, filed_by, told_of, waits_for_officer
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import RecordingId
from callwarden.model.objection import GROUNDS, WITHDRAWAL, Ground, Objection, ScopeKind, Withdrawal
from callwarden.model.policy import Policy
from callwarden.model.purpose import OBJECTABLE, RECORDING
from callwarden.model.request import RequestEvent
from callwarden.ports.catalogue import ObjectionReference
from callwarden.ports.clock import Clock
from callwarden.rules.free_text import free_text
from callwarden.rules.objection import NotOffered, after_withdrawal, after_withdrawals, effect_on
from callwarden.rules.reading import in_scope, is_scoped
from callwarden.rules.requests import state_once_decided
from callwarden.rules.rights import RIGHTS, Act, ActRefusal

_RECORDING = re.compile(r"rec-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError; UsageError for what makes no sense as a
    person has typed it. Thread-safe."""

    policy: Policy
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
        counts_from: datetime | None = None,
        source: str | None = None,
    ) -> Applied:
        """Put an objection on file, made `at` an instant (now, where left out), and apply it to everything it concerns:
        to calls of any time, or only to those that end at `counts_from` or later.

        `source` makes it the same objection when it is filed twice: filed again after its withdrawal, it stays
        withdrawn.
        """
        if not purposes and not actor.is_service:
            raise UsageError(f"say what is objected to: of {', '.join(sorted(OBJECTABLE))}")
        _look_at(actor, scope, purposes)
        channel = channel if actor.is_service else free_text(channel, "say how it was made: --channel TEXT")
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
            counts_from=counts_from,
            entered_by=actor.account,
        )
        standing: tuple[Objection, ...] = (objection,)
        act = Act.OBJECTION_ADD if scope.call_id is None else Act.OBJECTION_ADD_CALL
        with self.acts.perform(act, actor, subject=objection.objection_id) as doing:
            _touch(doing, filed_under)
            on_file = doing.tx.objections.under([filed_under])
            known = next((each for each in on_file if each.objection_id == objection.objection_id), None)
            if known is None:
                standing = after_withdrawals(objection, doing.tx.objections.withdrawals([filed_under]))
                for part in standing:
                    doing.tx.objections.save(part)
            else:
                doing.silent, standing = True, (known,)
                if not actor.is_service:  # events are repeated, and nobody reads the answer
                    doing.looks(Act.OBJECTION_LIST)
        applied = [self.effects.apply(part, actor=actor) for part in standing]
        return applied[0]

    def decide(
        self,
        actor: Actor,
        objection_id: str,
        *,
        granted: bool,
        ground: Ground | None = None,
        undecided: bool = False,
    ) -> Applied:
        """Decide on an objection to recording where its line offers none: grant it, so that it counts as on any other
        line, or refuse it on a `ground`. What was refused may be granted later; what was granted is gone.
        `undecided`: only as a first decision; refused, ``changed_since``, where there is another one by then."""
        if granted is (ground is not None) or ground is Ground.LINE_OFFERS_NONE:
            raise UsageError(f"grant it, or refuse it on a ground: {', '.join(GROUNDS)}")
        with self.acts.perform(Act.OBJECTION_DECIDE, actor, subject=objection_id) as doing:
            known = doing.tx.objections.get(objection_id)
            if known is None or known.altered:
                doing.subject = None
                raise RefusedError(
                    (ActRefusal.UNKNOWN.value,), "no such objection: callwarden objection list shows every one"
                )
            if RECORDING not in known.purposes:
                raise UsageError("objections to uses are honoured on every line: nothing is to be decided")
            if undecided and known.granted is not None and (known.granted, known.ground) != (granted, ground):
                said = "granted" if known.granted else f"refused on the ground {known.ground}"
                raise RefusedError(
                    (ActRefusal.CHANGED_SINCE.value,), f"{known.decided_by} has decided it meanwhile: {said}"
                )
            if known.granted and not granted:
                raise UsageError("it was granted already, and what it was about is gone")
            decided = replace(
                known, granted=granted, ground=ground, decided_by=actor.account, decided_at=self.clock.now()
            )
            if (known.granted, known.ground) == (granted, ground):
                doing.silent, decided = True, known
                doing.looks(Act.OBJECTION_LIST)
            else:
                doing.reasons = ("granted",) if ground is None else ("refused", ground.value)
                doing.tx.objections.save(decided)
        return self._applied(decided, actor=actor)

    def _applied(self, decided: Objection, *, actor: Actor) -> Applied:
        """Do what was decided; where the objection came as a request, its items say so. One that was answered by then
        has the person told by another answer."""
        with self.acts.catalogue.snapshot() as tx:
            names = [row.recording_id for row in tx.recordings.find(concerned_by(decided))]
            asking = [tx.requests.get(one) for one in tx.requests.asking(names)]
        request = filed_by(decided, [one for one in asking if one is not None and not one.altered])
        applied = self.effects.apply(decided, actor=actor, but_for=None if request is None else request.request_id)
        if request is None:
            return applied
        now, told = self.clock.now(), told_of(applied)
        with self.acts.catalogue.transaction() as tx:
            known = tx.requests.get(request.request_id, lock=True)
            items = {one.recording_id: one for one in tx.requests.items(request.request_id)}
            changed = {
                name: after
                for name, item in items.items()
                if name in told
                and waits_for_officer(request, item)
                and replace(after := carried_out(item, applied, at=now), revision=0, done_at=item.done_at)
                != replace(item, revision=0)
            }
            if known is not None and changed:
                tx.requests.save_items(list(changed.values()))
                step = RequestEvent(
                    at=now,
                    what=RIGHTS[Act.OBJECTION_DECIDE].entry.value,
                    by=actor.name,
                    reason=decided.ground.value if decided.ground else "granted",
                )
                tx.requests.save(known.noted(step, state=state_once_decided(known, {**items, **changed}.values())))
        return applied

    def withdraw(
        self,
        actor: Actor,
        scope: ObjectionScope,
        purposes: frozenset[str],
        *,
        at: datetime | None = None,
        source: str | None = None,
    ) -> Sequence[Objection]:
        """Take objections back, from `at` (now) on only: nothing is brought back. Empty `purposes`: all of them. A
        person is refused, ``unknown``, where none is on file; a program's stays on file for one that comes later.
        `source` makes it the same withdrawal when it comes twice."""
        _look_at(actor, scope, purposes)
        filed_under, now = self._reference(actor, scope), self.clock.now()
        name = hashlib.sha256((source or uuid.uuid4().hex).encode()).hexdigest()
        withdrawal = Withdrawal(
            withdrawal_id=f"{WITHDRAWAL}{name[:32]}",
            scope=filed_under.scope,
            reference=filed_under.reference,
            purposes=purposes,
            withdrawn_at=at or now,
            recorded_at=now,
            entered_by=actor.account,
        )
        act = Act.OBJECTION_WITHDRAW if scope.call_id is None else Act.OBJECTION_WITHDRAW_CALL
        with self.acts.perform(act, actor) as doing:
            _touch(doing, filed_under)
            before = doing.tx.objections.withdrawals([filed_under])
            repeated = any(each.withdrawal_id == withdrawal.withdrawal_id for each in before)
            withdrawn = []
            for objection in doing.tx.objections.under([filed_under]):
                after = after_withdrawal(objection, withdrawal)
                if after != (objection,):
                    for part in after:
                        doing.tx.objections.save(part)
                    withdrawn.append(after[-1])
            if not withdrawn and not actor.is_service:
                words = "no such objection is on file: callwarden objection list shows every one"
                raise RefusedError((ActRefusal.UNKNOWN.value,), words)
            doing.tx.objections.save_withdrawal(withdrawal)
            doing.silent = repeated and not withdrawn
            doing.subjects = [each.objection_id for each in withdrawn] or [withdrawal.withdrawal_id]
        return withdrawn

    def listed(self, actor: Actor, *, undecided: bool = False) -> Sequence[Objection]:
        """Every objection on file, newest first; for whoever is narrowed, those that concern a recording of theirs.
        `undecided`: those to recording that the line does not offer, of which something is stored and nobody has
        decided."""
        with self.acts.perform(Act.OBJECTION_LIST, actor) as doing:
            found = doing.tx.objections.all()
            if undecided:
                found = [each for each in found if self._waiting(doing, each)]
            if is_scoped(actor):
                found = [each for each in found if _concerns_theirs(doing, each)]
            doing.count = len(found)
        return found

    def weighed(self, actor: Actor) -> Sequence[tuple[Objection, int]]:
        """As `listed`, each with how many stored recordings granting it would end; none where nothing is undecided."""
        with self.acts.perform(Act.OBJECTION_LIST, actor) as doing:
            found = doing.tx.objections.all()
            if is_scoped(actor):
                found = [each for each in found if _concerns_theirs(doing, each)]
            doing.count = len(found)
            return [(each, len(self._waiting(doing, each))) for each in found]

    def _waiting(self, doing: Doing, objection: Objection) -> Collection[RecordingId]:
        """The recordings it would end once it is granted; none where nothing is to be decided about."""
        if RECORDING not in objection.purposes or objection.granted is not None:
            return ()
        waiting = {
            row.recording_id
            for row in doing.tx.recordings.find(concerned_by(objection))
            if isinstance(effect_on(row, objection, line=self.policy.lines.get(row.line)), NotOffered)
        }
        return waiting if waiting - _decided_by_request(doing, objection, waiting) else ()

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


def _decided_by_request(doing: Doing, objection: Objection, names: Collection[RecordingId]) -> set[RecordingId]:
    """Of these, those that somebody has decided about as items of the request the objection came as."""
    items = [item for item in doing.tx.requests.about(names) if item.decision is not None and not item.altered]
    asking = [doing.tx.requests.get(one) for one in sorted({item.request_id for item in items})]
    request = filed_by(objection, [one for one in asking if one is not None and not one.altered])
    return set() if request is None else {one.recording_id for one in items if one.request_id == request.request_id}


def _concerns_theirs(doing: Doing, objection: Objection) -> bool:
    return any(in_scope(doing.actor, row) for row in doing.tx.recordings.find(concerned_by(objection)))
