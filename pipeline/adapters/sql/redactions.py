"""What became of each recording's redaction."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, or_, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import recording, redaction
from callwarden.model.ids import RecordingId
from callwarden.model.recording import RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.transcript import TimeRange

_IDS: Final = bindparam("ids", type_=TextSet())
_COLUMNS: Final = tuple(column.name for column in redaction.c)
_SELECT: Final = select(*redaction.c)
_OF_RECORDINGS: Final = _SELECT.where(among(redaction.c.recording_id, _IDS))
_SAVE: Final = BulkInsert(redaction, _COLUMNS, key=("recording_id",), clash=Clash.REPLACE)
_REMOVE: Final = delete(redaction).where(among(redaction.c.recording_id, _IDS))
_TO_REDO: Final = (
    _SELECT.join(recording, recording.c.recording_id == redaction.c.recording_id)
    .where(recording.c.state == RecordingState.STORED.value)
    .order_by(redaction.c.recording_id)
    .limit(bindparam("limit"))
)


class RedactionRows(Rows):
    """`callwarden.ports.catalogue.recordings.Redactions`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, RedactionRecord]:
        if not recording_ids:
            return {}
        found = [self._record_of(row) for row in self._session.run(_OF_RECORDINGS, {"ids": recording_ids})]
        return {one.recording_id: one for one in found}

    def save(self, records: Sequence[RedactionRecord]) -> None:
        lasts = {one.recording_id: one for one in records}
        rows = [self._session.sealed(redaction, _row(one), altered=one.altered) for _, one in sorted(lasts.items())]
        self._session.insert(_SAVE, rows)

    def to_redo(
        self,
        *,
        version_below: str | None,
        statuses: frozenset[RedactionStatus],
        limit: int,
        after: RecordingId | None = None,
    ) -> Sequence[RedactionRecord]:
        reasons: list[ColumnElement[Any]] = [among(redaction.c.status, bindparam("statuses", type_=TextSet()))]
        parameters: dict[str, Any] = {"statuses": [one.value for one in statuses], "limit": limit}
        if version_below is not None:
            reasons.append(redaction.c.version != bindparam("version"))
            parameters["version"] = version_below
        wanted = _TO_REDO.where(or_(*reasons))
        if after is not None:
            wanted = wanted.where(redaction.c.recording_id > bindparam("after"))
            parameters["after"] = after
        return [self._record_of(row) for row in self._session.run(wanted, parameters)]

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._session.run(_REMOVE, {"ids": recording_ids})

    def _record_of(self, row: AnyRow) -> RedactionRecord:
        return replace(_record_of(row), altered=self._session.altered(redaction, row))


def _record_of(row: AnyRow) -> RedactionRecord:
    recording_id, generation, version, status, reasons, decided_at, missed, _ = row
    return RedactionRecord(
        recording_id=recording_id,
        generation=generation,
        version=version,
        status=RedactionStatus(status),
        reasons=tuple(json.loads(reasons)),
        decided_at=decided_at,
        missed=tuple(TimeRange(start_s=start, end_s=end) for start, end in json.loads(missed)),
    )


def _row(one: RedactionRecord) -> Row:
    return {
        "recording_id": one.recording_id,
        "generation": one.generation,
        "version": one.version,
        "status": one.status.value,
        "reasons": json.dumps(one.reasons, ensure_ascii=False),
        "decided_at": one.decided_at,
        "missed": json.dumps([(place.start_s, place.end_s) for place in one.missed]),
    }
