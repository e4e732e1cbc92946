"""Data keys of what is no recording: dead letters, reasons of acts, events that wait, experiments."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Table, bindparam, func, literal, select, union_all, update

from callwarden.adapters.sql.mapped import AnyRow
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import act_reason, dead_letter, experiment_key, waiting
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Position
from callwarden.ports.catalogue import DESTROYED_MASTER, KeyOf, OtherKey

_TABLES: Final = {
    KeyOf.DEAD_LETTER: dead_letter,
    KeyOf.ACT_REASON: act_reason,
    KeyOf.WAITING_EVENT: waiting,
    KeyOf.EXPERIMENT: experiment_key,
}


def _of(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


_FOUND: Final = {
    of: select(*table.c)
    .where(
        table.c.wrapped_key.is_not(None),
        table.c.master_key_id.not_in((bindparam("but_under"), literal(DESTROYED_MASTER))),
    )
    .order_by(*(table.c[name] for name in _of(table)))
    for of, table in _TABLES.items()
}
_REPLACE: Final = {
    of: update(table)
    .where(*(table.c[name] == bindparam(f"its_{name}") for name in _of(table)), table.c.wrapped_key == bindparam("old"))
    .values(wrapped_key=bindparam("new"), master_key_id=bindparam("under"))
    for of, table in _TABLES.items()
}
OTHER_MASTERS: Final = union_all(
    *(
        select(table.c.master_key_id, func.count())
        .where(table.c.wrapped_key.is_not(None), table.c.master_key_id.not_in(("", DESTROYED_MASTER)))
        .group_by(table.c.master_key_id)
        for table in _TABLES.values()
    )
)
"""How many of each kind there are under each master key."""


class OtherKeyRows(Rows):
    """`callwarden.ports.catalogue.keys.OtherKeys`."""

    def find(self, *, but_under: str) -> Sequence[OtherKey]:
        return [key for of in KeyOf for key in self._found(of, but_under)]

    def replace(self, replaced: Sequence[tuple[OtherKey, OtherKey]]) -> int:
        return sum(self._replaced(old, new) for old, new in replaced)

    def _found(self, of: KeyOf, but_under: str) -> Iterator[OtherKey]:
        for row in self._session.run(_FOUND[of], {"but_under": but_under}):
            yield OtherKey(
                of=of,
                owner=_owner(of, row),
                recording_id=RecordingId(row.recording_id) if of is KeyOf.WAITING_EVENT else None,
                wrapped=row.wrapped_key,
                master_key_id=row.master_key_id,
            )

    def _replaced(self, old: OtherKey, new: OtherKey) -> int:
        names = _of(_TABLES[old.of])
        values: dict[str, Any] = {f"its_{name}": value for name, value in zip(names, _key_of(old), strict=True)}
        values |= {"old": old.wrapped, "new": new.wrapped, "under": new.master_key_id}
        return self._session.run(_REPLACE[old.of], values).rowcount


def _owner(of: KeyOf, row: AnyRow) -> Position | str:
    if of in (KeyOf.ACT_REASON, KeyOf.EXPERIMENT):
        return str(row[0])
    return Position(topic=row.topic, partition=row.partition, offset=row.offset)


def _key_of(one: OtherKey) -> tuple[str | int, ...]:
    match one.owner:
        case Position(topic=topic, partition=partition, offset=offset):
            return topic, partition, offset
        case str() as name:
            return (name,)
