"""What is set aside for a person to look at: dead letters, and why somebody did something about one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Table, delete, null, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.mapped import PLACE, Mapped, by_position, word
from callwarden.adapters.sql.rows import Rows, Session
from callwarden.adapters.sql.schema import act_reason, dead_letter
from callwarden.model.outcome import Position, Reason
from callwarden.model.set_aside import ActReason, DeadLetter

_LETTER: Final = Mapped(dead_letter, DeadLetter, reason=word(Reason))
_REASON: Final = Mapped(act_reason, ActReason)

_SELECT: Final = select(*dead_letter.c)
_WITHOUT_CONTENT: Final = [
    null().label(column.name) if column.name in ("wrapped_key", "sealed") else column for column in dead_letter.c
]
_LIST: Final = select(*_WITHOUT_CONTENT).order_by(dead_letter.c.at.desc(), *(dead_letter.c[name] for name in PLACE))
_ADD: Final = _LETTER.insert(key=PLACE, clash=Clash.KEEP)
_SAVE: Final = _LETTER.insert(key=PLACE, clash=Clash.REPLACE)
_ADD_REASON: Final = _REASON.insert(key=("act_id",), clash=Clash.KEEP)


class DeadLetterRows(Rows):
    """`callwarden.ports.catalogue.set_aside.DeadLetters`."""

    def add(self, letters: Sequence[DeadLetter]) -> None:
        self._session.save(_ADD, _LETTER, sorted(letters, key=by_position))

    def get(self, position: Position, *, lock: bool = False) -> DeadLetter | None:
        wanted = _SELECT.where(*(dead_letter.c[name] == getattr(position, name) for name in PLACE))
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(_LETTER.values(rows)), None)

    def all(self, *, limit: int | None = None) -> Sequence[DeadLetter]:
        return _LETTER.values(self._session.run(_LIST.limit(limit)))

    def save(self, letter: DeadLetter) -> None:
        self._session.destroyed_keys |= letter.wrapped_key is None
        self._session.save(_SAVE, _LETTER, [letter])

    def remove(self, *, before: datetime) -> int:
        return _remove(dead_letter, before, self._session)


class ActReasonRows(Rows):
    """`callwarden.ports.catalogue.set_aside.ActReasons`."""

    def add(self, reason: ActReason) -> None:
        self._session.save(_ADD_REASON, _REASON, [reason])

    def about(self, subject: str) -> Sequence[ActReason]:
        wanted = select(*act_reason.c).where(act_reason.c.subject == subject)
        return _REASON.values(self._session.run(wanted.order_by(act_reason.c.at, act_reason.c.act_id)))

    def remove(self, *, before: datetime) -> int:
        return _remove(act_reason, before, self._session)


def _remove(table: Table, before: datetime, session: Session) -> int:
    gone = session.run(delete(table).where(table.c.keep_until < before)).rowcount
    session.destroyed_keys |= gone > 0
    return gone
