"""A restriction that a person has asked for stands between their data and everybody but them (GDPR, article 18(2)).

Who has only one's own restriction in the way may have the answer to one's access, and the erasure one asks for later.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from callwarden.model.ids import RecordingId
from callwarden.model.recording import Recording
from callwarden.model.request import Decision, Request, RequestId, RequestType
from callwarden.ports.catalogue import Transaction
from callwarden.rules.requests import ASKS_TO_KNOW, is_asked_for, is_own_restriction


def restricting(tx: Transaction, names: Collection[RecordingId]) -> Mapping[RecordingId, list[Request]]:
    """The restrictions that stand on these recordings, or may: of what was altered nobody knows."""
    granted = [
        item
        for item in tx.requests.about(names)
        if item.altered or (item.decision is Decision.GRANTED and item.done_at is not None)
    ]
    requests = {name: tx.requests.get(name) for name in {item.request_id for item in granted}}
    found = defaultdict[RecordingId, list[Request]](list)
    for item in granted:
        one = requests[item.request_id]
        if one is not None and one.type is RequestType.RESTRICTION and one.lifted_at is None:
            found[item.recording_id].append(one)
    return found


def own_restrictions(tx: Transaction, request_id: RequestId, rows: Collection[Recording]) -> frozenset[RecordingId]:
    """Those of these that nothing restricts but what the person of this request had asked for before it."""
    asking = tx.requests.get(request_id)
    restricted = [row for row in rows if row.restricted and not row.altered]
    if asking is None or asking.altered or not restricted:
        return frozenset()
    by = restricting(tx, [row.recording_id for row in restricted])
    return frozenset(
        row.recording_id
        for row in restricted
        if is_own_restriction(row, asking, by.get(row.recording_id, ()))
        and all(one.received_at <= asking.received_at for one in by[row.recording_id])
    )


def is_asked_for_by_its_own(tx: Transaction, row: Recording) -> bool:
    """Whether an open request asks to know of a restricted recording, by the person who had it restricted."""
    by = restricting(tx, [row.recording_id]).get(row.recording_id, ())
    asking = [one for one in tx.requests.unanswered() if one.type in ASKS_TO_KNOW and not one.altered] if by else ()
    items = {item.request_id for item in tx.requests.about([row.recording_id])} if asking else set()
    return any(
        is_own_restriction(row, one, by) and is_asked_for(row, one, found=one.request_id in items) for one in asking
    )
