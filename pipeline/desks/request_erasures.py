"""The desk where an erasure is previewed by one person and approved by another, and goes on by itself (D1, D3).

What is approved is what was shown: a preview that has changed since is refused, and shown again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from callwarden.custody.erasing import Erasing
from callwarden.custody.objection_effects import OBJECTIONS, ObjectionEffects
from callwarden.custody.own_restrictions import own_restrictions
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.request_file import event, items_of, locked, refuse
from callwarden.diagnostics import log
from callwarden.errors import RetryableError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import RECORDING
from callwarden.model.request import Decision, RefusalGround, Request, RequestId, RequestItem, RequestState, RequestType
from callwarden.ports.clock import Clock
from callwarden.rules.erasing import ErasurePreview, erasure_preview, first_people, is_gone
from callwarden.rules.objection import references_of
from callwarden.rules.rectifying import WHOSE
from callwarden.rules.requests import RequestRefusal, may_decide
from callwarden.rules.rights import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestErasureDesk:
    """Each method is an act of somebody, and may be repeated. Raises RefusedError, RetryableError. Thread-safe."""

    clock: Clock
    acts: Acts
    erasing: Erasing
    effects: ObjectionEffects

    def preview(self, actor: Actor, request_id: RequestId) -> ErasurePreview:
        """What goes, what is held and what is kept, each with its reason."""
        with self.acts.perform(Act.REQUEST_PREVIEW, actor, subject=request_id) as doing:
            request, _, found = self._previewed(doing, request_id)
            by = actor.name if found.digest != request.preview else request.previewed_by  # who looks again previews not
            changed = request.noted(event(doing, self.clock.now()), preview=found.digest, previewed_by=by)
            doing.tx.requests.save(changed)
            doing.count = len(found.erasable)
        return found

    def look(self, actor: Actor, request_id: RequestId) -> tuple[ErasurePreview, bool]:
        """What approving it would do now, for whoever is to approve it, and whether it is what was previewed. It is no
        preview of theirs."""
        with self.acts.perform(Act.REQUEST_SHOW, actor, subject=request_id) as doing:
            request, _, found = self._previewed(doing, request_id)
            doing.count = len(found.erasable)
        return found, found.digest == request.preview

    def approve(self, actor: Actor, request_id: RequestId, *, seen: str | None = None) -> Sequence[RequestItem]:
        """Have everything erased that the newest preview showed as erasable, and what it showed as held once that ends;
        every item as it is then. Repeated after a failure, it goes on. Nobody approves what they previewed or granted.
        `seen`: digest of what the approver was shown."""
        now = self.clock.now()
        with self.acts.perform(Act.REQUEST_APPROVE, actor, subject=request_id) as doing:
            request, items, found = self._previewed(doing, request_id)
            if request.preview is None or request.previewed_by is None:
                refuse(RequestRefusal.NOT_PREVIEWED)
            for first in {request.previewed_by, *first_people(request, items)}:
                doing.second_person(first)
            decided = [_approved(item, found, by=actor.name, at=now) for item in items]
            changed = [after for before, after in zip(items, decided, strict=True) if before is not after]
            if changed:
                if found.digest != request.preview or seen not in (None, found.digest):
                    refuse(RequestRefusal.PREVIEW_CHANGED)
                doing.tx.requests.save_items(changed)
                doing.tx.requests.save(request.noted(event(doing, now), state=RequestState.DECIDED))
                doing.count = len(found.erasable)
            else:  # approved before, and interrupted
                doing.silent = True
                doing.looks(Act.REQUEST_SHOW)
        return self.erasing.run(request_id, actor=actor)

    def resume(self, actor: Actor) -> None:
        """By a program: go on with what was approved and waited, and close what has been answered in every part:
        of what waited the person is told first, by another answer. What is out of reach keeps one request waiting, and
        nothing else."""
        with self.acts.catalogue.snapshot() as tx:
            unfinished = tx.requests.unfinished()
        for request_id in unfinished:
            try:
                items = self.erasing.run(request_id, actor=actor)
                self._let_objections_go_on([item.recording_id for item in items])
            except RetryableError as error:
                log.warning("request_waits", request=request_id, part=error.part, error=str(error))
                continue
            if all(item.approved_at is None or item.done_at is not None for item in items):
                self._close(actor, request_id)

    def _close(self, actor: Actor, request_id: RequestId) -> None:
        with self.acts.perform(Act.REQUEST_CLOSE, actor, subject=request_id) as doing:
            request = doing.tx.requests.get(request_id, lock=True)
            if request is None or request.altered or request.state is not RequestState.ANSWERED:
                doing.silent = True
            else:
                closed = request.noted(event(doing, self.clock.now()), state=RequestState.CLOSED)
                doing.tx.requests.save(closed)

    def _let_objections_go_on(self, names: Sequence[RecordingId]) -> None:
        """What an objection would have dropped and a request kept goes once no request keeps it any more."""
        with self.acts.catalogue.snapshot() as tx:
            rows = [row for row in tx.recordings.get(names).values() if not is_gone(row) and row.objected]
            asked = {
                reference
                for row in rows
                for reference in references_of(row.call_id, caller=row.caller, customer=row.customer)
            }
            on_file = tx.objections.under(asked)
        for objection in on_file:
            if RECORDING in objection.purposes:
                self.effects.apply(objection, actor=OBJECTIONS)

    def _previewed(self, doing: Doing, request_id: RequestId) -> tuple[Request, Sequence[RequestItem], ErasurePreview]:
        request = locked(doing, request_id)
        if request.type is not RequestType.ERASURE:
            refuse(RequestRefusal.NOT_AN_ERASURE)
        if refused := may_decide(request):
            refuse(refused)
        items = items_of(doing, request_id)
        names = [item.recording_id for item in items]
        rows = doing.tx.recordings.get(names, lock=True)
        frozen = doing.tx.requests.freezing(names, but_for=request_id)
        own = own_restrictions(doing.tx, request_id, rows.values())
        put_right = {one.recording_id for one in doing.tx.rectifications.of(names) if one.altered or one.fields & WHOSE}
        found = erasure_preview(
            items, rows, frozen=frozen, own_restrictions=own, put_right=put_right, now=self.clock.now()
        )
        return request, items, found


def _approved(item: RequestItem, found: ErasurePreview, *, by: str, at: object) -> RequestItem:
    """The item as approving the preview leaves it; itself, where it was approved or refused before."""
    if item.approved_at is not None or item.decision is Decision.REFUSED:
        return item
    changes = {"decided_by": item.decided_by or by, "decided_at": item.decided_at or at}
    if item.recording_id in found.gone:
        return item.now(decision=Decision.REFUSED, reason=RefusalGround.ALREADY_GONE.value, **changes)
    why = found.held.get(item.recording_id)
    return item.now(decision=Decision.GRANTED, reason=why, approved_at=at, **changes)
