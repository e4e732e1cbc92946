"""Permissions to test on real calls, as JSON."""

from callwarden.desks.testing import ListedPermission
from callwarden.model.permission import Permission
from callwarden.workers.shapes import Row


def permission_shape(one: Permission) -> Row:
    """What was asked for, and what it opens."""
    return {
        "permission": one.permission_id,
        "line": one.line,
        "from": one.first,
        "to": one.last,
        "number": one.number,
        "until": one.until,
        "role": one.role,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "ends_at": one.ends_at,
        "reason": one.reason,
        "approved_by": one.approved_by,
        "approved_at": one.approved_at,
        "ended_at": one.ended_at,
        "recordings": list(one.recordings),
    }


def listed_permission_shape(one: ListedPermission) -> Row:
    """With where it stands."""
    return {**permission_shape(one.permission), "state": one.state}
