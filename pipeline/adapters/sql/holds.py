"""Cases, and the recordings they hold."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Text, bindparam, delete, exists, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import rows_among
from callwarden.adapters.sql.encrypted import encrypted_json
from callwarden.adapters.sql.mapped import Codec, Mapped, word
from callwarden.adapters.sql.recordings import RecordingRows
from callwarden.adapters.sql.rows import Rows, Session
from callwarden.adapters.sql.schema import hold, litigation_case
from callwarden.adapters.sql.unapplied import unapply
from callwarden.model.court import CourtKind, Party, Residence
from callwarden.model.hold import Case, CaseEdit, CaseState, Hold
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.procedure import CaseEvent, EnteredEvent, EventType, GivenUp, Instance

_CASES: Final = select(*litigation_case.c)
_ONE_CASE: Final = _CASES.where(litigation_case.c.case_id == bindparam("id"))
_ONE_CASE_LOCKED: Final = _ONE_CASE.with_for_update()


def _listed(encode: Callable[[Any], Any], decode: Callable[[Any], Any]) -> Codec:
    """A column of several, NULL where there are none. What somebody without the key has put there says nothing: its row
    is marked."""

    def read(text: str | None) -> tuple[Any, ...]:
        try:
            return tuple(decode(each) for each in json.loads(text or "[]"))
        except (ValueError, TypeError, KeyError):
            return ()

    return (lambda values: json.dumps([encode(each) for each in values]) if values else None, read)


def _event(said: list[Any]) -> CaseEvent:
    kind, on, party, instance, by, last_instance, *more = said
    return CaseEvent(
        type=EventType(kind),
        on=date.fromisoformat(on),
        party=party,
        instance=None if instance is None else Instance(instance),
        by=by,
        last_instance=bool(last_instance),
        gives_up=GivenUp(more[0]) if more else None,
    )


def _event_said(event: CaseEvent) -> list[Any]:
    said = [event.type, event.on.isoformat(), event.party, event.instance, event.by, event.last_instance]
    return said if event.gives_up is None else [*said, event.gives_up]


_CASE: Final = Mapped(
    litigation_case,
    Case,
    state=word(CaseState),
    court=(lambda court: court, lambda text: CourtKind(text) if text in set(CourtKind) else None),
    parties=_listed(
        lambda party: [party.party_id, party.residence, party.collectivity, party.appeared],
        lambda said: Party(
            party_id=said[0],
            residence=Residence(said[1]),
            collectivity=said[2] if len(said) > 2 else None,
            appeared=bool(said[3]) if len(said) > 3 else True,
        ),
    ),
    people=_listed(str, str),
    history=_listed(
        lambda edit: [edit.at.isoformat(), edit.by, edit.field, edit.before, edit.after],
        lambda said: CaseEdit(
            at=datetime.fromisoformat(said[0]), by=said[1], field=said[2], before=said[3], after=said[4]
        ),
    ),
    events=_listed(
        lambda one: [one.at.isoformat(), one.by, one.event and _event_said(one.event), one.undoes],
        lambda said: EnteredEvent(
            at=datetime.fromisoformat(said[0]), by=said[1], event=said[2] and _event(said[2]), undoes=said[3]
        ),
    ),
)
_SAVE_CASE: Final = _CASE.insert(key=("case_id",), clash=Clash.REPLACE)
_HOLDS: Final = select(*hold.c)
_HOLD: Final = Mapped(hold, Hold)
_SAVE_HOLDS: Final = _HOLD.insert(key=("case_id", "recording_id"), clash=Clash.REPLACE)
_REMOVE_HOLDS: Final = delete(hold).where(
    rows_among(hold.c.case_id, hold.c.recording_id, bindparam("holds", type_=Text()))
)
_OF_RELEASED: Final = select(litigation_case.c.case_id).where(
    litigation_case.c.state == CaseState.RELEASED.value, exists().where(hold.c.case_id == litigation_case.c.case_id)
)
_by_name: Final = attrgetter("case_id", "recording_id")


class CaseRows(Rows):
    """`callwarden.ports.catalogue.decisions.Cases`."""

    def get(self, case_id: CaseId, *, lock: bool = False) -> Case | None:
        rows = self._session.run(_ONE_CASE_LOCKED if lock else _ONE_CASE, {"id": case_id})
        return next(iter(self._session.read(_CASE, rows)), None)

    def all(self) -> Sequence[Case]:
        found = self._session.read(_CASE, self._session.run(_CASES))
        return sorted(found, key=lambda case: (case.opened_at, case.case_id), reverse=True)

    def save(self, case: Case) -> None:
        self._session.save(_SAVE_CASE, _CASE, [case])


class HoldRows(Rows):
    """`callwarden.ports.catalogue.decisions.Holds`."""

    def __init__(self, session: Session, recordings: RecordingRows) -> None:
        super().__init__(session)
        self._recordings = recordings

    def find(
        self, *, case_id: CaseId | None = None, recording_id: RecordingId | None = None, limit: int | None = None
    ) -> Sequence[Hold]:
        wanted = _HOLDS if limit is None else _HOLDS.order_by(hold.c.recording_id, hold.c.case_id).limit(limit)
        if case_id is not None:
            wanted = wanted.where(hold.c.case_id == case_id)
        if recording_id is not None:
            wanted = wanted.where(hold.c.recording_id == recording_id)
        found = self._session.read(_HOLD, self._session.run(wanted))
        return sorted(found, key=_by_name)

    def of_released(self) -> Sequence[CaseId]:
        return [CaseId(row.case_id) for row in self._session.run(_OF_RELEASED)]

    def save(self, holds: Sequence[Hold], *, flags_from: datetime | None = None) -> None:
        lasts = {_by_name(each): each for each in holds}
        with self._holding({each.recording_id for each in holds}):
            self._session.save(_SAVE_HOLDS, _HOLD, [each for _, each in sorted(lasts.items())])
            placed = {each.recording_id for each in holds if each.applied_at is None}
            unapply(self._session, placed, at=flags_from)

    def remove(self, holds: Sequence[Hold]) -> None:
        with self._holding({each.recording_id for each in holds}):
            if holds:
                ids = [_by_name(each) for each in holds]
                rows = encrypted_json(self._session.connection.dialect, ids, "case", None)
                self._session.run(_REMOVE_HOLDS, {"holds": rows})
                unapply(self._session, {each.recording_id for each in holds})

    @contextmanager
    def _holding(self, recording_ids: Collection[RecordingId]) -> Iterator[None]:
        """Around every change of a hold: the recordings are locked first, so that the count of holds is the newest
        there is, and sealed anew with the cases that hold them then."""
        self._recordings.lock(recording_ids)
        yield
        self._recordings.seal_again(recording_ids)
