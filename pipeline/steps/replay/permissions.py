"""Permissions to test on real calls (U8): one that has ended stays ended."""

from callwarden.model.permission import Permission
from callwarden.ports.catalogue import Transaction


def permission(act: Permission, tx: Transaction) -> bool:
    known = tx.permissions.get(act.permission_id, lock=True)
    if known is not None and not known.altered and _told(act) <= _told(known):
        return False
    tx.permissions.save(act)
    return True


def _told(permission: Permission) -> int:
    return 2 if permission.ended_at is not None else int(permission.approved_at is not None)
