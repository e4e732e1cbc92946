"""What people ask of their own data, and which recordings that keeps from disposal."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, bindparam, delete, exists, literal_column, or_, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash
from callwarden.adapters.sql.columns import TextSet, among, words_from_text, words_to_text
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import recording, request, request_evidence, request_item
from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.objection import ScopeKind
from callwarden.model.request import (
    Decision,
    FoundBy,
    RefusalGround,
    Request,
    RequestEvent,
    RequestId,
    RequestItem,
    RequestState,
    RequestType,
)


def _history_to_text(history: Sequence[RequestEvent]) -> str:
    return json.dumps([{**asdict(one), "at": one.at.isoformat()} for one in history], ensure_ascii=False)


def _history_from_text(text: str) -> tuple[RequestEvent, ...]:
    try:
        return tuple(RequestEvent(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in json.loads(text))
    except ValueError:
        return ()  # what somebody else has put there: the row's seal does not fit


_REQUEST: Final = Mapped(
    request,
    Request,
    type=word(RequestType),
    scope=word(ScopeKind),
    state=word(RequestState),
    refused=word(RefusalGround),
    due_on=(date.isoformat, date.fromisoformat),
    purposes=(words_to_text, words_from_text),
    history=(_history_to_text, _history_from_text),
)
_SELECT: Final = select(*request.c)
_BY_ID: Final = _SELECT.where(request.c.request_id == bindparam("id"))
_BY_ID_LOCKED: Final = _BY_ID.with_for_update()
_UNDER: Final = _SELECT.where(request.c.reference == bindparam("reference"))
_UNANSWERED: Final = _SELECT.where(request.c.answered_at.is_(None)).order_by(request.c.due_on, request.c.request_id)
_SAVE: Final = _REQUEST.insert(key=("request_id",), clash=Clash.REPLACE)

_ITEM: Final = Mapped(
    request_item,
    RequestItem,
    found_by=word(FoundBy),
    decision=word(Decision),
    backends=(words_to_text, words_from_text),
)
_IDS: Final = bindparam("ids", type_=TextSet())
_ITEMS: Final = select(*request_item.c).order_by(request_item.c.recording_id, request_item.c.request_id)
_ITEMS_OF: Final = _ITEMS.where(request_item.c.request_id == bindparam("id"))
_ITEMS_ABOUT: Final = _ITEMS.where(among(request_item.c.recording_id, _IDS))
_ASKING: Final = (
    select(request_item.c.request_id)
    .distinct()
    .where(among(request_item.c.recording_id, _IDS))
    .order_by(request_item.c.request_id)
)
_SAVE_ITEMS: Final = _ITEM.insert(key=("request_id", "recording_id"), clash=Clash.REPLACE)

_APPROVED: Final = exists().where(
    request_item.c.request_id == request.c.request_id,
    request_item.c.approved_at.is_not(None),
    request_item.c.done_at.is_(None),
)
_UNFINISHED: Final = (
    select(request.c.request_id)
    .where(
        request.c.state != RequestState.CLOSED.value,
        or_(request.c.answered_at.is_not(None), _APPROVED),
    )
    .order_by(request.c.request_id)
)
_EVIDENCE: Final = select(request_evidence.c.how).where(request_evidence.c.request_id == bindparam("id"))
_DESTROY_EVIDENCE: Final = delete(request_evidence).where(among(request_evidence.c.request_id, _IDS))
_KEEP_EVIDENCE: Final = BulkInsert(request_evidence, ("request_id", "how"), key=("request_id",), clash=Clash.REPLACE)


_KEEPS: Final = """request.answered_at IS NULL AND request.type <> 'information'
    AND recording.keep_until > request.received_at
    AND (request.reference = recording.caller OR request.reference = recording.customer OR EXISTS (
        SELECT 1 FROM request_item WHERE request_item.request_id = request.request_id
        AND request_item.recording_id = recording.recording_id))"""
"""Whether the request of a row keeps the recording of another: `callwarden.rules.requests.is_frozen`."""

NOT_FROZEN: Final[ColumnElement[bool]] = literal_column(f"NOT EXISTS (SELECT 1 FROM request WHERE {_KEEPS})")  # noqa: S608 -- a constant
"""Of a recording: no open request asks for it. A look at another table is enough here: who opens a request locks the
recordings it finds, and the sweep waits for no lock."""
_BUT_FOR: Final = bindparam("but_for", type_=Text())
_FREEZING: Final = (
    select(recording.c.recording_id, request.c.request_id)
    .join_from(recording, request, literal_column(_KEEPS))
    .where(among(recording.c.recording_id, _IDS), or_(_BUT_FOR.is_(None), request.c.request_id != _BUT_FOR))
    .order_by(request.c.request_id.desc())
)


class RequestRows(Rows):
    """`callwarden.ports.catalogue.requests.Requests`."""

    def get(self, request_id: RequestId, *, lock: bool = False) -> Request | None:
        rows = self._session.run(_BY_ID_LOCKED if lock else _BY_ID, {"id": request_id})
        return next(iter(self._session.read(_REQUEST, rows)), None)

    def all(self) -> Sequence[Request]:
        return sorted(self._session.read(_REQUEST, self._session.run(_SELECT)), key=_by_receipt, reverse=True)

    def under(self, reference: Pseudonym) -> Sequence[Request]:
        return sorted(
            self._session.read(_REQUEST, self._session.run(_UNDER, {"reference": reference})), key=_by_receipt
        )

    def unanswered(self) -> Sequence[Request]:
        return self._session.read(_REQUEST, self._session.run(_UNANSWERED))

    def save(self, request: Request) -> None:
        self._session.save(_SAVE, _REQUEST, [request])

    def items(self, request_id: RequestId) -> Sequence[RequestItem]:
        return self._session.read(_ITEM, self._session.run(_ITEMS_OF, {"id": request_id}))

    def about(self, recording_ids: Collection[RecordingId]) -> Sequence[RequestItem]:
        if not recording_ids:
            return []
        return self._session.read(_ITEM, self._session.run(_ITEMS_ABOUT, {"ids": recording_ids}))

    def asking(self, recording_ids: Collection[RecordingId]) -> Sequence[RequestId]:
        return [row.request_id for row in self._session.run(_ASKING, {"ids": recording_ids})] if recording_ids else []

    def save_items(self, items: Sequence[RequestItem]) -> None:
        lasts = {(each.request_id, each.recording_id): each for each in items}
        self._session.save(_SAVE_ITEMS, _ITEM, [each for _, each in sorted(lasts.items())])

    def unfinished(self) -> Sequence[RequestId]:
        return [row.request_id for row in self._session.run(_UNFINISHED)]

    def freezing(
        self, recording_ids: Collection[RecordingId], *, but_for: RequestId | None = None
    ) -> Mapping[RecordingId, RequestId]:
        if not recording_ids:
            return {}
        rows = self._session.run(_FREEZING, {"ids": recording_ids, "but_for": but_for})
        return {row.recording_id: row.request_id for row in rows}

    def keep_evidence(self, request_id: RequestId, how: str) -> None:
        self._session.insert(_KEEP_EVIDENCE, [{"request_id": request_id, "how": how}])

    def evidence(self, request_id: RequestId) -> str | None:
        found: str | None = self._session.run(_EVIDENCE, {"id": request_id}).scalar_one_or_none()
        return found

    def destroy_evidence(self, request_ids: Collection[RequestId]) -> None:
        if request_ids:
            self._session.run(_DESTROY_EVIDENCE, {"ids": request_ids})


_by_receipt: Final[Any] = attrgetter("received_at", "request_id")
