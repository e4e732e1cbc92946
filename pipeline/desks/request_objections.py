"""An objection that comes as a request: what is filed for it, and what becomes of each item (R3, D1).

The line may offer no objection to recording: then nobody has weighed anything yet, and the item stays undecided until
the data protection officer has (GDPR, article 21(1)), by the objection or by naming the item. What the same objection
says of uses has taken effect by then.
"""

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from callwarden.custody.objection_effects import Applied
from callwarden.model.ids import RecordingId
from callwarden.model.letter import LetterPurpose
from callwarden.model.objection import Ground, Objection, ScopeKind
from callwarden.model.purpose import RECORDING
from callwarden.model.request import Decision, RefusalGround, Request, RequestItem, RequestType
from callwarden.ports.catalogue import Transaction

_CHANNEL = "request"
_REFUSED_ON = {
    Ground.COMPELLING_GROUNDS: RefusalGround.COMPELLING_GROUNDS,
    Ground.LEGAL_CLAIMS: RefusalGround.LITIGATION,
    Ground.LEGAL_DUTY: RefusalGround.LEGAL_DUTY,
}


def is_begun(request: Request, item: RequestItem) -> bool:
    """Whether an objection was filed and, by an interruption, not applied to this item yet."""
    return request.type is RequestType.OBJECTION and item.decision is Decision.GRANTED and item.done_at is None


def waits_for_officer(request: Request, item: RequestItem) -> bool:
    """Whether its line offers no objection to recording, and nobody has granted or refused it all the same."""
    ours = request.type is RequestType.OBJECTION
    refused = item.decision is Decision.REFUSED and item.reason == RefusalGround.COMPELLING_GROUNDS.value
    return ours and (is_undecided_for_its_line(item) or refused)


def is_undecided_for_its_line(item: RequestItem) -> bool:
    return item.decision is None and item.reason == Ground.LINE_OFFERS_NONE.value


def objections_of(
    request: Request,
    items: Collection[RequestItem],
    tx: Transaction,
    *,
    now: datetime,
    by: str,
    pleaded: Collection[RecordingId] = (),
) -> tuple[Objection, ...]:
    """What is on file once an objection is granted `by` somebody (`Actor.account`): under the person's number or
    customer, for calls to come, too. Where some of what was found is somebody else's, for each of the person's calls
    alone. The calls of what is `pleaded` are granted although their line offers none."""
    if request.type is not RequestType.OBJECTION:
        return ()
    calls = sorted({row.call_id for row in tx.recordings.get(pleaded).values()}) if pleaded else []
    spared = [_objection(request, ScopeKind.CALL, call, now=now) for call in calls]
    # These come first: what the others ask is refused where the line offers none.
    filed = {one.objection_id: one for one in (*spared, *_filed(request, items, tx, now=now))}
    on_file = {name: tx.objections.get(name) or replace(one, entered_by=by) for name, one in filed.items()}
    for one in spared:
        known = on_file[one.objection_id]
        on_file[one.objection_id] = replace(known, granted=True, ground=None, decided_by=by, decided_at=now)
    return tuple(on_file.values())


def _filed(
    request: Request, items: Collection[RequestItem], tx: Transaction, *, now: datetime
) -> tuple[Objection, ...]:
    if any(item.reason == RefusalGround.NOT_THE_PERSON.value for item in items):
        names = [item.recording_id for item in items if is_begun(request, item)]
        calls = sorted({row.call_id for row in tx.recordings.get(names).values()})
        return tuple(_objection(request, ScopeKind.CALL, call, now=now) for call in calls)
    return (_objection(request, request.scope, request.reference, now=now),)


def _objection(request: Request, scope: ScopeKind, reference: str, *, now: datetime) -> Objection:
    return Objection(
        objection_id=_name(request, reference),
        scope=scope,
        reference=reference,
        purposes=request.purposes,
        channel=_CHANNEL,
        objected_at=request.received_at,
        recorded_at=now,
    )


def filed_by(objection: Objection, requests: Collection[Request]) -> Request | None:
    """The request an objection came as."""
    return next((one for one in requests if _name(one, objection.reference) == objection.objection_id), None)


def by_purpose(request: Request, items: Collection[RequestItem]) -> tuple[LetterPurpose, ...]:
    """What an objection came to for each purpose it was to. To a use it took effect with the objection, whatever
    became of recording."""
    if request.type is not RequestType.OBJECTION:
        return ()
    counted: Counter[tuple[str, Decision | None, str | None]] = Counter()
    for purpose in sorted(request.purposes, key=lambda one: (one != RECORDING, one)):
        for item in items:
            closed = item.done_at is not None or is_undecided_for_its_line(item)
            taken = item.decision is Decision.GRANTED or (purpose != RECORDING and closed)
            counted[(purpose, Decision.GRANTED, None) if taken else (purpose, item.decision, item.reason)] += 1
    return tuple(
        LetterPurpose(purpose=one, decision=decision, reason=why, count=n)
        for (one, decision, why), n in counted.items()
    )


def told_of(applied: Applied) -> frozenset[RecordingId]:
    """Every recording an objection concerned."""
    return frozenset(
        (
            *applied.dropped,
            *applied.limited,
            *applied.kept_for_case,
            *applied.kept_for_request,
            *applied.not_offered,
        )
    )


def carried_out(item: RequestItem, applied: Applied, *, at: datetime) -> RequestItem:
    """The item once its objection was applied. What stays, closed to other uses, is a refusal with its ground."""
    name, refused = item.recording_id, None
    if name in applied.kept_for_case:
        refused = RefusalGround.LITIGATION
    elif name in applied.not_offered and RECORDING in applied.objection.purposes:
        ground = applied.objection.ground
        if ground is None:
            return item.now(decision=None, reason=Ground.LINE_OFFERS_NONE.value, done_at=None)
        refused = _REFUSED_ON[ground]
    if refused is None:
        return item.now(decision=Decision.GRANTED, reason=None, done_at=at)
    return item.now(decision=Decision.REFUSED, reason=refused.value, done_at=at)


def _name(request: Request, reference: str) -> str:
    return f"obj-{hashlib.sha256(f'{request.request_id} {reference}'.encode()).hexdigest()[:32]}"
