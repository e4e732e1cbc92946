"""An objection that comes as a request: what is filed for it, and what becomes of each item (R3, D1).

The line may offer no objection to recording: then each item is refused with its ground, and the person is told
(GDPR, article 21(1)); unless the data protection officer names it again, and grants it all the same.
"""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from callwarden.custody.objection_effects import Applied
from callwarden.model.ids import RecordingId
from callwarden.model.objection import Objection, ScopeKind
from callwarden.model.purpose import RECORDING
from callwarden.model.request import Decision, RefusalGround, Request, RequestItem, RequestType
from callwarden.ports.catalogue import Transaction

_CHANNEL = "request"


def is_begun(request: Request, item: RequestItem) -> bool:
    """Whether an objection was filed and, by an interruption, not applied to this item yet."""
    return request.type is RequestType.OBJECTION and item.decision is Decision.GRANTED and item.done_at is None


def is_refused_for_its_line(request: Request, item: RequestItem) -> bool:
    """Whether nothing but its line, which offers no objection to recording, has refused it."""
    refused = item.decision is Decision.REFUSED and item.reason == RefusalGround.COMPELLING_GROUNDS.value
    return request.type is RequestType.OBJECTION and refused


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
    name = hashlib.sha256(f"{request.request_id} {reference}".encode()).hexdigest()
    return Objection(
        objection_id=f"obj-{name[:32]}",
        scope=scope,
        reference=reference,
        purposes=request.purposes,
        channel=_CHANNEL,
        objected_at=request.received_at,
        recorded_at=now,
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
        refused = RefusalGround.COMPELLING_GROUNDS
    if refused is None:
        return item.now(done_at=at)
    return item.now(decision=Decision.REFUSED, reason=refused.value, done_at=at)
