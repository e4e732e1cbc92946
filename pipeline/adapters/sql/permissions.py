"""Permissions to test on real calls, as rows."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import testing_permission
from callwarden.model.access import Role
from callwarden.model.ids import RecordingId
from callwarden.model.permission import Permission, PermissionId


def _ids(text: str) -> tuple[RecordingId, ...]:
    try:
        return tuple(RecordingId(str(one)) for one in json.loads(text))
    except (ValueError, TypeError):
        return ()  # somebody else has written it: the row's seal does not fit


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min  # likewise


_DAY: Final = (date.isoformat, _day)
_PERMISSION: Final = Mapped(
    testing_permission,
    Permission,
    first=_DAY,
    last=_DAY,
    until=_DAY,
    role=word(Role),
    recordings=(json.dumps, _ids),
)
_SELECT: Final = select(*testing_permission.c)
_SAVE: Final = _PERMISSION.insert(key=("permission_id",), clash=Clash.REPLACE)


class PermissionRows(Rows):
    """`callwarden.ports.catalogue.permissions.Permissions`."""

    def get(self, permission_id: PermissionId, *, lock: bool = False) -> Permission | None:
        wanted = _SELECT.where(testing_permission.c.permission_id == permission_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_PERMISSION, rows)), None)

    def find(self, *, unended: bool = False) -> Sequence[Permission]:
        wanted = _SELECT.order_by(testing_permission.c.permission_id.desc())
        if unended:
            wanted = wanted.where(testing_permission.c.ended_at.is_(None))
        return self._session.read(_PERMISSION, self._session.run(wanted))

    def save(self, permission: Permission) -> None:
        self._session.save(_SAVE, _PERMISSION, [permission])
