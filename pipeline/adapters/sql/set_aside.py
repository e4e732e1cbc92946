"""What is set aside for a person to look at: dead letters, and why somebody did something about one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Table, delete, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.rows import AnyRow, Rows, Session
from callwarden.adapters.sql.schema import act_reason, dead_letter
from callwarden.model.outcome import Position, Reason
from callwarden.model.set_aside import ActReason, DeadLetter

_PLACE: Final = ("topic", "partition", "offset")
_SEALED: Final = ("wrapped_key", "sealed")
_LETTERS: Final = tuple(column.name for column in dead_letter.c)

_SELECT: Final = select(*dead_letter.c)
_LIST: Final = select(*(column for column in dead_letter.c if column.name not in _SEALED)).order_by(
    dead_letter.c.at.desc(), *(dead_letter.c[name] for name in _PLACE)
)
_ADD: Final = BulkInsert(dead_letter, _LETTERS, key=_PLACE, clash=Clash.KEEP)
_SAVE: Final = BulkInsert(dead_letter, _LETTERS, key=_PLACE, clash=Clash.REPLACE)
_ADD_REASON: Final = BulkInsert(
    act_reason, tuple(column.name for column in act_reason.c), key=("act_id",), clash=Clash.KEEP
)


class DeadLetterRows(Rows):
    """`callwarden.ports.catalogue.set_aside.DeadLetters`."""

    def add(self, letters: Sequence[DeadLetter]) -> None:
        in_order = sorted(letters, key=lambda one: (one.position.topic, one.position.partition, one.position.offset))
        self._session.insert(_ADD, [_row(one) for one in in_order])

    def get(self, position: Position, *, lock: bool = False) -> DeadLetter | None:
        wanted = _SELECT.where(
            dead_letter.c.topic == position.topic,
            dead_letter.c.partition == position.partition,
            dead_letter.c.offset == position.offset,
        )
        row = self._session.run(wanted.with_for_update() if lock else wanted).one_or_none()
        return None if row is None else _letter_of(row, wrapped_key=row.wrapped_key, sealed=row.sealed)

    def all(self, *, limit: int | None = None) -> Sequence[DeadLetter]:
        return [_letter_of(row, wrapped_key=None, sealed=None) for row in self._session.run(_LIST.limit(limit))]

    def save(self, letter: DeadLetter) -> None:
        self._session.destroyed_keys |= letter.wrapped_key is None
        self._session.insert(_SAVE, [_row(letter)])

    def remove(self, *, before: datetime) -> int:
        return _remove(dead_letter, before, self._session)


class ActReasonRows(Rows):
    """`callwarden.ports.catalogue.set_aside.ActReasons`."""

    def add(self, reason: ActReason) -> None:
        self._session.insert(_ADD_REASON, [_reason_row(reason)])

    def about(self, subject: str) -> Sequence[ActReason]:
        wanted = select(*act_reason.c).where(act_reason.c.subject == subject)
        return [
            ActReason(**row._mapping)  # noqa: SLF001 -- the public name of a row as a mapping
            for row in self._session.run(wanted.order_by(act_reason.c.at, act_reason.c.act_id))
        ]

    def remove(self, *, before: datetime) -> int:
        return _remove(act_reason, before, self._session)


def _remove(table: Table, before: datetime, session: Session) -> int:
    gone = session.run(delete(table).where(table.c.keep_until < before)).rowcount
    session.destroyed_keys |= gone > 0
    return gone


def _row(one: DeadLetter) -> Row:
    return {
        "topic": one.position.topic,
        "partition": one.position.partition,
        "offset": one.position.offset,
        "reason": one.reason.value,
        "field": one.field,
        "event_id": one.event_id,
        "call_id": one.call_id,
        "at": one.at,
        "keep_until": one.keep_until,
        "size": one.size,
        "is_cut": one.is_cut,
        "wrapped_key": one.wrapped_key,
        "master_key_id": one.master_key_id,
        "sealed": one.sealed,
        "retried_at": one.retried_at,
        "discarded_at": one.discarded_at,
    }


def _letter_of(row: AnyRow, *, wrapped_key: bytes | None, sealed: bytes | None) -> DeadLetter:
    return DeadLetter(
        position=Position(topic=row.topic, partition=row.partition, offset=row.offset),
        reason=Reason(row.reason),
        field=row.field,
        event_id=row.event_id,
        call_id=row.call_id,
        at=row.at,
        keep_until=row.keep_until,
        size=row.size,
        is_cut=row.is_cut,
        wrapped_key=wrapped_key,
        master_key_id=row.master_key_id,
        sealed=sealed,
        retried_at=row.retried_at,
        discarded_at=row.discarded_at,
    )


def _reason_row(one: ActReason) -> Row:
    return {
        "act_id": one.act_id,
        "act": one.act,
        "subject": one.subject,
        "at": one.at,
        "keep_until": one.keep_until,
        "wrapped_key": one.wrapped_key,
        "master_key_id": one.master_key_id,
        "sealed": one.sealed,
    }
