"""Criteria kept with cases, and what they match: the same in SQL as in `callwarden.rules.criteria`."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, literal_column, or_, select, true

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import KEPT, LONG, artefact, litigation_case, placement, recording, recording_label
from callwarden.model.criteria import Criteria, Tally
from callwarden.model.hold import CaseState, Placement, PlacementState
from callwarden.model.ids import CaseId, Pseudonym, RecordingId
from callwarden.model.recording import LOST, RecordingState

_SETS: Final = ("recordings", "labels")
_TIMES: Final = ("since", "until")
_A_DAY: Final = timedelta(days=1)


def _to_text(criteria: Criteria) -> str:
    said: dict[str, Any] = {}
    for name in Criteria.__dataclass_fields__:
        value = getattr(criteria, name)
        if value:
            said[name] = sorted(value) if name in _SETS else value.isoformat() if name in _TIMES else value
    return json.dumps(said, separators=(",", ":"))


def _from_text(text: str) -> Criteria:
    """What somebody without the key has put there says nothing: its row is marked, and nobody goes by it."""
    try:
        said: dict[str, Any] = json.loads(text)
    except ValueError:
        return Criteria()
    for name in _SETS:
        said[name] = frozenset(said.get(name, ()))
    for name in _TIMES:
        said[name] = datetime.fromisoformat(said[name]) if name in said else None
    return Criteria(**said)


_PLACEMENT: Final = Mapped(placement, Placement, state=word(PlacementState), criteria=(_to_text, _from_text))
_SELECT: Final = select(*placement.c)
_SAVE: Final = _PLACEMENT.insert(key=("placement_id",), clash=Clash.REPLACE)
_OF_CASE: Final = _SELECT.where(placement.c.case_id == bindparam("case")).order_by(
    placement.c.placed_at, placement.c.placement_id
)
_STANDING: Final = (
    _SELECT.join(litigation_case, litigation_case.c.case_id == placement.c.case_id)
    .where(
        litigation_case.c.state == CaseState.OPEN.value,
        placement.c.state != PlacementState.WAITING.value,
        ~and_(placement.c.once, placement.c.state == PlacementState.DONE.value),
    )
    .order_by(placement.c.placement_id)
)
_IDS: Final = bindparam("ids", type_=TextSet())
_KEPT: Final[ColumnElement[bool]] = literal_column(KEPT)  # of no type: as a Boolean SQLite would be asked "… = 1"
_LOST: Final = recording.c.state.in_(sorted(LOST))
_COUNT_KEPT: Final = select(func.count()).select_from(recording).where(_KEPT)
_LABELS: Final = select(recording_label.c.recording_id, recording_label.c.label).where(
    among(recording_label.c.recording_id, _IDS)
)
_ADD_LABELS: Final = BulkInsert(
    recording_label, ("recording_id", "label", "named", "seal"), key=("recording_id", "label"), clash=Clash.KEEP
)
_REMOVE_LABELS: Final = delete(recording_label).where(among(recording_label.c.recording_id, _IDS))


def matching(criteria: Criteria, *, dialect: str) -> ColumnElement[bool]:
    """`callwarden.rules.criteria.matches` as a condition on rows of `recording`."""
    long: ColumnElement[bool] = literal_column(LONG[dialect])
    begun, ended = recording.c.started_at, recording.c.ended_at
    asked: list[ColumnElement[bool]] = []
    for name in ("call_id", "caller", "customer", "agent_id", "line"):
        value = getattr(criteria, name)
        if value is not None:
            asked.append(recording.c[name] == value)
    if criteria.recordings:
        asked.append(recording.c.recording_id.in_(sorted(criteria.recordings)))
    for label in sorted(criteria.labels):
        asked.append(
            exists().where(recording_label.c.recording_id == recording.c.recording_id, recording_label.c.label == label)
        )
    # Spelt out, not by COALESCE: an index of one of the two helps.
    match criteria.since, criteria.until:
        case None, None:
            pass
        case since, None:
            asked.append(or_(ended >= since, and_(ended.is_(None), begun >= since)))
        case None, until:
            asked.append(or_(begun < until, and_(begun.is_(None), ended < until)))
        case since, until:
            asked.append(_within(since, until, long=long))
    return and_(true(), *asked)


def _within(since: datetime, until: datetime, *, long: ColumnElement[bool]) -> ColumnElement[bool]:
    """Each way of lying in a range by itself, so that an index finds it: what has begun by its end has ended a day
    later, or is `long`."""
    begun, ended = recording.c.started_at, recording.c.ended_at
    a_day_later = min(until, datetime.max.replace(tzinfo=UTC) - _A_DAY) + _A_DAY
    return or_(
        and_(ended >= since, ended <= a_day_later, begun < until),
        and_(long, ended >= since, begun < until),
        and_(ended.is_(None), begun >= since, begun < until),
        and_(begun.is_(None), ended >= since, ended < until),
    )


class PlacementRows(Rows):
    """`callwarden.ports.catalogue.placements.Placements`."""

    def get(self, placement_id: str, *, lock: bool = False) -> Placement | None:
        wanted = _SELECT.where(placement.c.placement_id == placement_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_PLACEMENT, rows)), None)

    def of_case(self, case_id: CaseId) -> Sequence[Placement]:
        return self._session.read(_PLACEMENT, self._session.run(_OF_CASE, {"case": case_id}))

    def standing(self) -> Sequence[Placement]:
        return self._session.read(_PLACEMENT, self._session.run(_STANDING))

    def save(self, placement: Placement) -> None:
        self._session.save(_SAVE, _PLACEMENT, [placement])

    def matching(
        self, criteria: Criteria, *, gone: bool = False, after: RecordingId | None = None, limit: int
    ) -> Sequence[RecordingId]:
        wanted = select(recording.c.recording_id).where(self._of(criteria), _LOST if gone else _KEPT)
        if after is not None:
            wanted = wanted.where(recording.c.recording_id > after)
        rows = self._session.run(wanted.order_by(recording.c.recording_id).limit(limit))
        return [RecordingId(row.recording_id) for row in rows]

    def tally(self, criteria: Criteria) -> Tally:
        when = func.coalesce(recording.c.ended_at, recording.c.started_at, type_=recording.c.ended_at.type)
        counted = select(
            func.count().filter(_KEPT),
            func.min(when).filter(_KEPT),
            func.max(when).filter(_KEPT),
            func.count().filter(_LOST),
        ).where(self._of(criteria), recording.c.state != RecordingState.REFUSED.value)
        count, oldest, newest, gone = self._session.run(counted).one()
        stored = select(func.coalesce(func.sum(artefact.c.stored_size), 0)).select_from(
            artefact.join(recording, artefact.c.recording_id == recording.c.recording_id)
        )
        return Tally(
            count=count,
            kept=self._session.run(_COUNT_KEPT).scalar_one(),
            gone=gone,
            oldest=oldest,
            newest=newest,
            size=int(self._session.run(stored.where(self._of(criteria), _KEPT)).scalar_one()),
        )

    def _of(self, criteria: Criteria) -> ColumnElement[bool]:
        return matching(criteria, dialect=self._session.connection.dialect.name)


class LabelRows(Rows):
    """`callwarden.ports.catalogue.placements.Labels`."""

    def add(self, labels: Mapping[RecordingId, Mapping[Pseudonym, str | None]]) -> None:
        rows: list[Row] = [
            self._session.sealed(
                recording_label, {"recording_id": name, "label": label, "named": labels[name][label]}, altered=False
            )
            for name in sorted(labels)
            for label in sorted(labels[name])
        ]
        if rows:
            self._session.insert(_ADD_LABELS, rows)

    def of(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, frozenset[Pseudonym]]:
        if not recording_ids:
            return {}
        found: dict[RecordingId, set[Pseudonym]] = {}
        for name, label in self._session.run(_LABELS, {"ids": recording_ids}):
            found.setdefault(name, set()).add(label)
        return {name: frozenset(each) for name, each in found.items()}

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._session.run(_REMOVE_LABELS, {"ids": recording_ids})
