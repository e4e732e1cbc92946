"""Which recordings are a person's: by number, by customer, by the other legs of their calls, by what was known before.

Nobody's lines narrow it, and nothing is left out for its number: a request is about all there is (D1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from callwarden.model.ids import RecordingId
from callwarden.model.objection import ScopeKind
from callwarden.model.recording import Recording, RecordingState
from callwarden.model.request import FoundBy, Request, RequestItem
from callwarden.ports.catalogue import RecordingFilter, Transaction
from callwarden.rules.erasing import is_gone
from callwarden.rules.retention import is_past


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search came to. `new` are items not on file yet, `rows` the locked recordings of all items that are still
    there. `customers` is how many customers have called from the number: more than one may be several people."""

    items: tuple[RequestItem, ...]
    new: tuple[RequestItem, ...]
    rows: dict[RecordingId, Recording]
    customers: int


def search(tx: Transaction, request: Request, *, now: datetime) -> Found:
    """Look for everything a request is about and lock it. What was over before the request came, and no case holds, is
    not the person's any more: nobody may read it, and the sweep has it."""
    ways, customers = _ways(tx, request)
    known = {item.recording_id: item for item in tx.requests.items(request.request_id)}
    locked = tx.recordings.get(ways.keys() | known.keys(), lock=True)
    rows = {name: row for name, row in locked.items() if not is_gone(row)}
    new = tuple(
        RequestItem(request_id=request.request_id, recording_id=name, found_by=way, found_at=now)
        for name, way in sorted(ways.items())
        if name not in known and name in rows and _is_kept(rows[name], request)
    )
    items = sorted((*known.values(), *new), key=lambda item: item.recording_id)
    return Found(items=tuple(items), new=new, rows=rows, customers=customers)


def _ways(tx: Transaction, request: Request) -> tuple[dict[RecordingId, FoundBy], int]:
    ways: dict[RecordingId, FoundBy] = {}

    def take(rows: Iterable[Recording], way: FoundBy) -> list[Recording]:
        taken = list(rows)
        for row in taken:
            ways.setdefault(row.recording_id, way)
        return taken

    if request.scope is ScopeKind.NUMBER:
        mine = take(tx.recordings.find(RecordingFilter(caller=request.reference)), FoundBy.NUMBER)
        customers = {row.customer for row in mine if row.customer is not None}
        if len(customers) == 1:  # of several nobody can tell here who it is that asks
            mine += take(tx.recordings.find(RecordingFilter(customer=customers.pop())), FoundBy.HISTORY)
            customers = {request.reference}
    else:
        mine = take(tx.recordings.find(RecordingFilter(customer=request.reference)), FoundBy.CUSTOMER)
        customers = {request.reference}
        for number in sorted({row.caller for row in mine if row.caller is not None}):
            others = tx.recordings.find(RecordingFilter(caller=number))
            mine += take((row for row in others if row.customer is None), FoundBy.HISTORY)
    take(tx.recordings.of_calls({row.call_id for row in mine}, but_for=ways), FoundBy.CALL)
    return ways, len(customers)


def _is_kept(row: Recording, request: Request) -> bool:
    if row.state is RecordingState.PENDING:  # found once it is taken in
        return False
    over = row.keep_until is not None and is_past(row.keep_until, now=request.received_at)
    return bool(row.holds) or not over
