"""What became of each recording's redaction."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, or_, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import recording, redaction
from callwarden.model.ids import RecordingId
from callwarden.model.recording import RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.transcript import TimeRange

_IDS: Final = bindparam("ids", type_=TextSet())
_RECORD: Final = Mapped(
    redaction,
    RedactionRecord,
    status=word(RedactionStatus),
    reasons=(lambda reasons: json.dumps(reasons, ensure_ascii=False), lambda text: tuple(json.loads(text))),
    missed=(
        lambda places: json.dumps([(place.start_s, place.end_s) for place in places]),
        lambda text: tuple(TimeRange(start_s=start, end_s=end) for start, end in json.loads(text)),
    ),
    read_with=(
        lambda parts: json.dumps(parts) if parts else None,
        lambda text: () if text is None else tuple(json.loads(text)),
    ),
)
_SELECT: Final = select(*redaction.c)
_OF_RECORDINGS: Final = _SELECT.where(among(redaction.c.recording_id, _IDS))
_SAVE: Final = _RECORD.insert(key=("recording_id",), clash=Clash.REPLACE)
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
        found = self._session.read(_RECORD, self._session.run(_OF_RECORDINGS, {"ids": recording_ids}))
        return {row.recording_id: row for row in found}

    def save(self, records: Sequence[RedactionRecord]) -> None:
        lasts = {record.recording_id: record for record in records}
        self._session.save(_SAVE, _RECORD, [one for _, one in sorted(lasts.items())])

    def to_redo(
        self,
        *,
        version_below: str | None,
        statuses: frozenset[RedactionStatus],
        limit: int,
        after: RecordingId | None = None,
    ) -> Sequence[RedactionRecord]:
        reasons: list[ColumnElement[Any]] = [among(redaction.c.status, bindparam("statuses", type_=TextSet()))]
        parameters: dict[str, Any] = {"statuses": [status.value for status in statuses], "limit": limit}
        if version_below is not None:
            reasons.append(redaction.c.version != bindparam("version"))
            parameters["version"] = version_below
        wanted = _TO_REDO.where(or_(*reasons))
        if after is not None:
            wanted = wanted.where(redaction.c.recording_id > bindparam("after"))
            parameters["after"] = after
        return self._session.read(_RECORD, self._session.run(wanted, parameters))

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._session.run(_REMOVE, {"ids": recording_ids})
