"""How each event ended."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, Text, bindparam, func, literal_column, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import INSTANT, among, rows_among
from callwarden.adapters.sql.encrypted import EncryptedSet
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import NOT_DUPLICATE, outcome, recording
from callwarden.model.ids import EventId
from callwarden.model.note import Note, NoteWhy
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.recording import RecordingState
from callwarden.ports.catalogue import OutcomeFilter, WaitingEvent

_POSITION: Final = ("topic", "partition", "offset")
_OUTCOME: Final = tuple(column.name for column in outcome.c if column.name not in ("seq", "seal"))

SELECT_OUTCOMES: Final = select(*(outcome.c[name] for name in _OUTCOME))
_INSERT_OUTCOMES: Final = BulkInsert(outcome, (*_OUTCOME, "seal"), key=_POSITION, clash=Clash.KEEP)
_OUTCOMES_AT: Final = SELECT_OUTCOMES.where(
    rows_among(*(outcome.c[name] for name in _POSITION), bindparam("positions", type_=Text()))
)
_EVENTS_SEEN: Final = SELECT_OUTCOMES.where(
    among(outcome.c.event_id, bindparam("ids", type_=EncryptedSet("event"))), literal_column(NOT_DUPLICATE)
).order_by(outcome.c.seq)


class OutcomeRows(Rows):
    """`callwarden.ports.catalogue.events.Outcomes`."""

    def at(self, positions: Collection[Position]) -> Mapping[Position, EventOutcome]:
        if not positions:
            return {}
        found = map(outcome_of, self._session.run(_OUTCOMES_AT, {"positions": positions_text(positions)}))
        return {one.position: one for one in found}

    def of_events(self, event_ids: Collection[EventId]) -> Mapping[EventId, Sequence[EventOutcome]]:
        if not event_ids:
            return {}
        seen: dict[EventId, list[EventOutcome]] = {}
        for row in self._session.run(_EVENTS_SEEN, {"ids": event_ids}):
            seen.setdefault(EventId(row.event_id), []).append(outcome_of(row))
        return seen

    def record(self, outcomes: Sequence[EventOutcome]) -> None:
        rows = [self._session.sealed(outcome, _outcome_row(one), altered=False) for one in _in_order(outcomes)]
        self._session.insert(_INSERT_OUTCOMES, rows)


def narrowed(query: Select[*tuple[Any, ...]], wanted: OutcomeFilter) -> Select[*tuple[Any, ...]]:
    """Those outcomes of `query` that are wanted."""
    if wanted.outcomes:
        query = query.where(outcome.c.outcome.in_(sorted(wanted.outcomes)))
    if wanted.reasons:
        query = query.where(outcome.c.reason.in_(sorted(wanted.reasons)))
    if wanted.line is not None:
        query = query.where(outcome.c.line == wanted.line)
    if wanted.states or wanted.untranscribed or wanted.ended_from or wanted.ended_before:
        query = query.outerjoin(recording, recording.c.recording_id == outcome.c.recording_id)
        day = func.coalesce(recording.c.ended_at, outcome.c.decided_at, type_=INSTANT)
        if wanted.states:
            query = query.where(recording.c.state.in_(sorted(wanted.states)))
        if wanted.untranscribed:
            query = query.where(recording.c.state == RecordingState.STORED, recording.c.untranscribed.is_not(None))
        if wanted.ended_from is not None:
            query = query.where(day >= wanted.ended_from)
        if wanted.ended_before is not None:
            query = query.where(day < wanted.ended_before)
    return query


def outcome_of(row: AnyRow) -> EventOutcome:
    (
        topic, partition, offset, event_id, kind, call_id, leg, segment,
        line, ended, reason, field, recording_id, policy_version, decided_at, notes,
    ) = row  # fmt: skip
    return EventOutcome(
        position=Position(topic=topic, partition=partition, offset=offset),
        event_id=event_id,
        type=kind,
        call_id=call_id,
        leg=leg,
        segment=segment,
        line=line,
        outcome=Outcome(ended),
        reason=None if reason is None else Reason(reason),
        field=field,
        recording_id=recording_id,
        policy_version=policy_version,
        decided_at=decided_at,
        notes=() if notes is None else tuple([_note_of(*note) for note in json.loads(notes)]),
    )


def _note_of(field: str, why: str, kind: str, needed: int) -> Note:
    return Note(field=field, why=NoteWhy(why), kind=kind, needed=bool(needed))


def _outcome_row(one: EventOutcome) -> Row:
    return {
        "topic": one.position.topic,
        "partition": one.position.partition,
        "offset": one.position.offset,
        "event_id": one.event_id,
        "type": one.type,
        "call_id": one.call_id,
        "leg": one.leg,
        "segment": one.segment,
        "line": one.line,
        "outcome": one.outcome.value,
        "reason": None if one.reason is None else one.reason.value,
        "field": one.field,
        "recording_id": one.recording_id,
        "policy_version": one.policy_version,
        "decided_at": one.decided_at,
        # Never what stood in the fields.
        "notes": json.dumps([(n.field, n.why, n.kind, int(n.needed)) for n in one.notes]) if one.notes else None,
    }


def _in_order(outcomes: Sequence[EventOutcome]) -> list[EventOutcome]:
    """By position, so that two transactions never wait for each other's; of one position only the first."""
    firsts: dict[Position, EventOutcome] = {}
    for one in outcomes:
        firsts.setdefault(one.position, one)
    return sorted(firsts.values(), key=by_position)


def by_position(one: EventOutcome | WaitingEvent) -> tuple[str, int, int]:
    """The order to take locks in."""
    return one.position.topic, one.position.partition, one.position.offset


def positions_text(positions: Collection[Position]) -> str:
    """As `rows_among` takes them."""
    return json.dumps([(one.topic, one.partition, one.offset) for one in positions])
