"""What of a recording's row is copied for lists of redacted calls, and kept as the row is."""

from typing import Final

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.schema import findable, recording

_IDS: Final = bindparam("ids", type_=TextSet())
_COPIED: Final = tuple(column for column in findable.c if column.name not in ("number", "recording_id"))
ADD: Final = insert(findable).from_select(
    ["number", "recording_id", *(column.name for column in _COPIED)],
    select(
        bindparam("number", type_=BigInteger()),
        recording.c.recording_id,
        *(recording.c[column.name] for column in _COPIED),
    ).where(recording.c.recording_id == bindparam("id")),
)
REMOVE: Final = delete(findable).where(among(findable.c.recording_id, _IDS))
COPY: Final = (
    update(findable)
    .where(among(findable.c.recording_id, _IDS))
    .values(
        {
            column: select(recording.c[column.name])
            .where(recording.c.recording_id == findable.c.recording_id)
            .scalar_subquery()
            for column in _COPIED
        }
    )
)
COPIED: Final = frozenset(column.name for column in _COPIED)
"""Columns of a recording that are copied."""
