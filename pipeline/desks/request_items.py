"""The desk where what a request is about is found, decided item by item, and a restriction lifted (D1, D3, D4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.objection_effects import ObjectionEffects
from callwarden.custody.own_restrictions import restricting
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.request_file import (
    event,
    flags_follow,
    is_told_of_lifting,
    items_of,
    locked,
    meeting,
    refuse,
)
from callwarden.desks.request_finding import search
from callwarden.desks.request_objections import (
    carried_out,
    is_begun,
    is_undecided_for_its_line,
    objections_of,
    told_of,
    waits_for_officer,
)
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.objection import Objection
from callwarden.model.recording import Recording
from callwarden.model.request import (
    Decision,
    RefusalGround,
    Request,
    RequestId,
    RequestItem,
    RequestState,
    RequestType,
)
from callwarden.ports.clock import Clock
from callwarden.rules.erasing import is_gone
from callwarden.rules.free_text import free_text
from callwarden.rules.requests import GROUNDS, WHOLE, RequestRefusal, may_decide, may_find
from callwarden.rules.rights import Act, ActRefusal

_NOT_PORTABLE = (
    "these recordings rest on legitimate interest, and portability is of data given by consent or contract: "
    "callwarden request decide REQ --refuse legitimate_interest; the letter offers access in its place"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """An item and its recording; None where that is gone."""

    item: RequestItem
    recording: Recording | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFor:
    """What there is for a request. `customers` is how many customers have called from its number: more than one may be
    several people."""

    request: Request
    items: Sequence[FoundItem]
    meets: tuple[RequestId, ...]
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestItemDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError, UsageError. Thread-safe."""

    clock: Clock
    acts: Acts
    effects: ObjectionEffects

    def find(self, actor: Actor, request_id: RequestId) -> FoundFor:
        """Look for everything the request is about, again: calls that came since are added, undecided."""
        now = self.clock.now()
        with self.acts.perform(Act.REQUEST_FIND, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            if refused := may_find(request):
                refuse(refused)
            found = search(doing.tx, request, now=now)
            doing.tx.requests.save_items(found.new)
            flags_follow(doing, [item.recording_id for item in found.new])
            undecided = any(item.decision is None for item in found.items)
            state = RequestState.FOUND if undecided or request.state is not RequestState.DECIDED else request.state
            request = request.noted(event(doing, now), state=state)
            doing.tx.requests.save(request)
            doing.count = len(found.items)
            meets = meeting(doing, request, found.items)
        items = [FoundItem(item=item, recording=found.rows.get(item.recording_id)) for item in found.items]
        return FoundFor(request=request, items=items, meets=meets, customers=found.customers)

    def decide(
        self,
        actor: Actor,
        request_id: RequestId,
        recordings: Collection[RecordingId] = (),
        *,
        refusal: RefusalGround | None = None,
    ) -> tuple[Request, Sequence[RequestItem]]:
        """Grant these items, or refuse them for a reason; without any, all that nobody has decided about. A granted
        restriction holds at once. Where nothing was found, or nobody could be identified, the request as a whole is
        refused."""
        now = self.clock.now()
        with self.acts.perform(Act.REQUEST_DECIDE, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            if refusal is not None and refusal not in GROUNDS[request.type]:
                known = ", ".join(sorted(GROUNDS[request.type]))
                raise UsageError(f"{refusal.value} refuses no {request.type.value}: its grounds are {known}")
            refused = may_decide(request)
            whole = refusal in WHOLE and refused is not RequestRefusal.ALREADY_ANSWERED and not recordings
            if refused and not whole:
                refuse(refused)
            items = items_of(doing, request_id)
            if refusal is None and request.type is RequestType.PORTABILITY:
                raise RefusedError((RefusalGround.LEGITIMATE_INTEREST.value,), _NOT_PORTABLE)
            chosen = [] if refused else _chosen(request, items, recordings, granting=refusal is None)
            decided = [_decided(item, refusal, by=actor.name, at=now) for item in chosen]
            pleaded = {item.recording_id for item in chosen if waits_for_officer(request, item)}
            if pleaded:  # its uses are closed already, whatever becomes of recording
                at = None if refusal is None else now
                decided = [item.now(done_at=at) if item.recording_id in pleaded else item for item in decided]
            if refusal is None and request.type is RequestType.RESTRICTION:
                decided = self._restrict(doing, decided)
            doing.tx.requests.save_items(decided)
            after = {item.recording_id: item for item in (*items, *decided)}
            objections: Sequence[Objection] = ()
            if refusal is None:
                objections = objections_of(
                    request, after.values(), doing.tx, now=now, by=actor.account, pleaded=pleaded
                )
            for objection in objections:
                doing.tx.objections.save(objection)
            doing.looks(Act.OBJECTION_ADD, [objection.objection_id for objection in objections])
            reason = None if refusal is None else refusal.value
            ground = refusal if refused or not items else request.refused
            decided_all = ground is not None or all(item.decision is not None for item in after.values())
            state = RequestState.DECIDED if decided_all else request.state
            request = request.noted(event(doing, now, reason=reason), state=state, refused=ground)
            doing.tx.requests.save(request)
            doing.count = len(decided)
            doing.reasons = () if reason is None else (reason,)
        for objection in objections:
            after |= self._object(objection, request, after, actor=actor)
        if objections and (left := [item for item in after.values() if is_begun(request, item)]):
            gone = [_decided(item, RefusalGround.ALREADY_GONE, by=actor.name, at=now) for item in left]
            with self.acts.catalogue.transaction() as tx:
                tx.requests.save_items(gone)
            after |= {item.recording_id: item for item in gone}
        if objections:
            request = self._settled(request, after.values())
        return request, [after[name] for name in sorted(after)]

    def _settled(self, request: Request, items: Collection[RequestItem]) -> Request:
        """The request, open again where its line keeps an item from being decided."""
        if request.state is not RequestState.DECIDED or all(item.decision is not None for item in items):
            return request
        with self.acts.catalogue.transaction() as tx:
            known = tx.requests.get(request.request_id, lock=True)
            assert known is not None, "it was saved a moment ago"
            request = replace(known, state=RequestState.FOUND)
            tx.requests.save(request)
        return request

    def _object(
        self, objection: Objection, request: Request, items: Mapping[RecordingId, RequestItem], *, actor: Actor
    ) -> dict[RecordingId, RequestItem]:
        """Do what the objection asks; what stays all the same is refused with its ground. The items it concerns."""
        applied = self.effects.apply(objection, actor=actor, but_for=request.request_id)
        now = self.clock.now()
        concerned = {name: items[name] for name in told_of(applied) if name in items}
        done = [carried_out(item, applied, at=now) for item in concerned.values() if _is_open(item)]
        with self.acts.catalogue.transaction() as tx:
            tx.requests.get(request.request_id, lock=True)
            tx.requests.save_items(done)
        return {item.recording_id: item for item in done}

    def tell_of_lifting(self, actor: Actor, request_id: RequestId, *, how: str) -> Request:
        """Note that, and how, the person was told that the restriction is going to end (GDPR, article 18(3)), where no
        letter of ours told them."""
        how = free_text(how, "say how the person was told: --told-by HOW")
        with self.acts.perform(Act.REQUEST_LIFT_TELL, actor, subject=request_id) as doing:
            request = _restricting(doing, request_id)
            request = request.noted(event(doing, self.clock.now(), text=how))
            doing.tx.requests.save(request)
        return request

    def lift(self, actor: Actor, request_id: RequestId) -> Sequence[RecordingId]:
        """End a restriction; what another request restricts stays so. Refused, ``not_told``, before the letter
        that tells the person of it is written, or it is noted how they were told. Which may be used again."""
        now = self.clock.now()
        with self.acts.perform(Act.REQUEST_LIFT, actor, subject=request_id) as doing:
            request = _restricting(doing, request_id)
            if not is_told_of_lifting(request):
                refuse(RequestRefusal.NOT_TOLD)
            names = [item.recording_id for item in items_of(doing, request_id) if _restricts(item)]
            others = self._restricted_by_others(doing, request_id, names)
            rows = doing.tx.recordings.get(set(names) - others, lock=True)
            lifted = [replace(row, restricted=False) for row in rows.values() if row.restricted and not row.altered]
            doing.tx.recordings.save(lifted)
            self._log(doing, Operation.RECORDING_UNRESTRICTED, [row.recording_id for row in lifted])
            flags_follow(doing, [row.recording_id for row in lifted])
            doing.tx.requests.save(request.noted(event(doing, now), lifted_at=now))
            doing.count = len(lifted)
        return [row.recording_id for row in lifted]

    def _restrict(self, doing: Doing, items: Sequence[RequestItem]) -> list[RequestItem]:
        """Stored only, from now on: neither used nor destroyed (D4)."""
        now = self.clock.now()
        rows = doing.tx.recordings.get([item.recording_id for item in items], lock=True)
        there = {name: row for name, row in rows.items() if not is_gone(row) and not row.altered}
        doing.tx.recordings.save([replace(row, restricted=True) for row in there.values()])
        self._log(doing, Operation.RECORDING_RESTRICTED, there)
        flags_follow(doing, there)
        gone = {"decision": Decision.REFUSED, "reason": RefusalGround.ALREADY_GONE.value}
        return [
            replace(item, done_at=now) if item.recording_id in there else replace(item, **gone)  # type: ignore[arg-type]
            for item in items
        ]

    def _log(self, doing: Doing, operation: Operation, names: Iterable[RecordingId]) -> None:
        """An entry of each recording beside that of the request."""
        entry = self.acts.scribe.entry
        doing.tx.log.append(
            [entry(doing.actor, operation, subject=name, correlation=doing.subject) for name in sorted(names)]
        )

    def _restricted_by_others(
        self, doing: Doing, request_id: RequestId, names: Sequence[RecordingId]
    ) -> set[RecordingId]:
        standing = restricting(doing.tx, names)
        return {name for name, by in standing.items() if any(one.request_id != request_id for one in by)}


def _restricting(doing: Doing, request_id: RequestId) -> Request:
    """A request that restricts something."""
    request = locked(doing, request_id)
    if request.type is not RequestType.RESTRICTION:
        refuse(RequestRefusal.NOT_A_RESTRICTION)
    if request.lifted_at is not None or not any(map(_restricts, items_of(doing, request_id))):
        refuse(RequestRefusal.NOTHING_RESTRICTED)
    return request


def _is_open(item: RequestItem) -> bool:
    return item.decision is not Decision.REFUSED and item.done_at is None


def _restricts(item: RequestItem) -> bool:
    return item.decision is Decision.GRANTED and item.done_at is not None


def _chosen(
    request: Request, items: Sequence[RequestItem], wanted: Collection[RecordingId], *, granting: bool
) -> Sequence[RequestItem]:
    if not wanted:  # what its line offers no objection for is granted by name only
        return [
            item
            for item in items
            if is_begun(request, item) or (item.decision is None and not (granting and is_undecided_for_its_line(item)))
        ]
    wanted = set(wanted)
    unknown = sorted(wanted - {item.recording_id for item in items})
    if unknown:
        raise RefusedError(
            (ActRefusal.UNKNOWN.value,),
            f"{unknown[0]} is no item of this request: callwarden request find lists them",
        )
    chosen = [item for item in items if item.recording_id in wanted]
    if any(item.done_at is not None and not waits_for_officer(request, item) for item in chosen):
        refuse(RequestRefusal.CARRIED_OUT)
    return chosen


def _decided(item: RequestItem, refusal: RefusalGround | None, *, by: str, at: datetime) -> RequestItem:
    return item.now(
        decision=Decision.GRANTED if refusal is None else Decision.REFUSED,
        reason=None if refusal is None else refusal.value,
        decided_by=by,
        decided_at=at,
        approved_at=None,
    )
