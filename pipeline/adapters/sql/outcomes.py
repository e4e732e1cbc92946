"""How each event ended."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, bindparam, func, literal_column, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import INSTANT, among, rows_among
from callwarden.adapters.sql.encrypted import EncryptedSet
from callwarden.adapters.sql.mapped import PLACE, Mapped, by_position, positions_text, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import NOT_DUPLICATE, outcome, recording
from callwarden.model.ids import EventId
from callwarden.model.note import Note, NoteWhy
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.recording import RecordingState
from callwarden.ports.catalogue import OutcomeFilter

_NOTES: Final = (
    # Never what stood in the fields.
    lambda notes: json.dumps([(n.field, n.why, n.kind, int(n.needed)) for n in notes]) if notes else None,
    lambda text: () if text is None else tuple([_note_of(*note) for note in json.loads(text)]),
)
OUTCOMES: Final = Mapped(
    outcome, EventOutcome, omitted=("seq",), outcome=word(Outcome), reason=word(Reason), notes=_NOTES
)
SELECT_OUTCOMES: Final = select(*(outcome.c[name] for name in OUTCOMES.names))
_INSERT_OUTCOMES: Final = OUTCOMES.insert(key=PLACE, clash=Clash.KEEP)
_OUTCOMES_AT: Final = SELECT_OUTCOMES.where(
    rows_among(*(outcome.c[name] for name in PLACE), bindparam("positions", type_=Text()))
)
_EVENTS_SEEN: Final = SELECT_OUTCOMES.where(
    among(outcome.c.event_id, bindparam("ids", type_=EncryptedSet("event"))), literal_column(NOT_DUPLICATE)
).order_by(outcome.c.seq)


class OutcomeRows(Rows):
    """`callwarden.ports.catalogue.events.Outcomes`."""

    def at(self, positions: Collection[Position]) -> Mapping[Position, EventOutcome]:
        if not positions:
            return {}
        found = OUTCOMES.values(self._session.run(_OUTCOMES_AT, {"positions": positions_text(positions)}))
        return {found_outcome.position: found_outcome for found_outcome in found}

    def of_events(self, event_ids: Collection[EventId]) -> Mapping[EventId, Sequence[EventOutcome]]:
        if not event_ids:
            return {}
        seen: dict[EventId, list[EventOutcome]] = {}
        for row in self._session.run(_EVENTS_SEEN, {"ids": event_ids}):
            seen.setdefault(EventId(row.event_id), []).append(OUTCOMES.value(row))
        return seen

    def record(self, outcomes: Sequence[EventOutcome]) -> None:
        self._session.save(_INSERT_OUTCOMES, OUTCOMES, _in_order(outcomes))


def narrowed(query: Select[*tuple[Any, ...]], wanted: OutcomeFilter) -> Select[*tuple[Any, ...]]:
    """Those outcomes of `query` that are wanted."""
    if wanted.outcomes:
        query = query.where(outcome.c.outcome.in_(sorted(wanted.outcomes)))
    if wanted.reasons:
        query = query.where(outcome.c.reason.in_(sorted(wanted.reasons)))
    if wanted.line is not None:
        query = query.where(outcome.c.line == wanted.line)
    if wanted != OutcomeFilter(outcomes=wanted.outcomes, reasons=wanted.reasons, line=wanted.line):
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
        if wanted.lines is not None:
            line = func.coalesce(recording.c.line, outcome.c.line, type_=recording.c.line.type)
            query = query.where(line.in_(sorted(wanted.lines)))
        if wanted.agents is not None:
            query = query.where(recording.c.agent_id.in_(sorted(wanted.agents)))
    return query


def seq_at(position: Position) -> ColumnElement[int]:
    """The number of the outcome at this position; below all others where there is none."""
    other = outcome.alias()
    place = (
        other.c.topic == position.topic,
        other.c.partition == position.partition,
        other.c.offset == position.offset,
    )
    return func.coalesce(select(other.c.seq).where(*place).scalar_subquery(), -1)


def _note_of(field: str, why: str, kind: str, needed: int) -> Note:
    return Note(field=field, why=NoteWhy(why), kind=kind, needed=bool(needed))


def _in_order(outcomes: Sequence[EventOutcome]) -> list[EventOutcome]:
    """By position, so that two transactions never wait for each other's; of one position only the first."""
    firsts: dict[Position, EventOutcome] = {}
    for one in outcomes:
        firsts.setdefault(one.position, one)
    return sorted(firsts.values(), key=by_position)
