"""Testing on real calls (U8): what may be asked for, and what a permission opens, to whom and for how long."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callwarden.errors import Faults, UsageError
from callwarden.model.access import REDACTED, Actor, Readable
from callwarden.model.criteria import Criteria
from callwarden.model.ids import LineId
from callwarden.model.permission import Permission, PermissionState, Wanted
from callwarden.model.policy import RealTesting
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.rules.criteria import matches
from callwarden.rules.free_text import free_text
from callwarden.rules.people import person


def checked(wanted: Wanted, *, limits: RealTesting, lines: Collection[LineId], today: date) -> Wanted:
    """What is asked for as it is kept. `today` is a day of the policy's zone. Raises UsageError for all that cannot be
    meant, or goes beyond the policy's limits."""
    wrong = Faults()
    if wanted.line not in lines:
        wrong.add(UsageError(f"unknown line {wanted.line}: the policy has {', '.join(sorted(lines))}"))
    if wanted.last < wanted.first:
        wrong.add(UsageError(f"an impossible range: it ends ({wanted.last}) before it begins ({wanted.first})"))
    if not 1 <= wanted.number <= limits.at_most:
        wrong.add(UsageError(f"1 to {limits.at_most} recordings at once: the policy's testing.at_most"))
    if wanted.until <= today:
        wrong.add(UsageError(f"--until lies in the past or is today ({wanted.until}): say a day to come"))
    if wanted.until > today + limits.lasts:
        latest = today + limits.lasts
        wrong.add(UsageError(f"at most {limits.lasts.days} days, the policy's testing.lasts: --until {latest}"))
    with wrong:
        reason = free_text(wanted.reason, "testing on real calls needs a reason: --reason TEXT")
    wrong.check()
    return replace(wanted, reason=reason)


def scope_of(wanted: Wanted, zone: ZoneInfo) -> Criteria:
    """The calls it is about."""
    return Criteria(
        line=wanted.line,
        since=datetime.combine(wanted.first, time(), zone),
        until=datetime.combine(wanted.last + timedelta(days=1), time(), zone),
    )


def permission_state(permission: Permission, *, now: datetime) -> PermissionState:
    """Where it stands. One approved "later than now", by a clock that was wrong, is not open; one whose row was altered
    is over."""
    if permission.altered:
        return PermissionState.OVER
    if permission.approved_at is None:
        waits = permission.ended_at is None and permission.asked_at <= now < permission.ends_at
        return PermissionState.WAITING if waits else PermissionState.LAPSED
    opened = permission.ended_at is None and permission.approved_at <= now < permission.ends_at
    return PermissionState.OPEN if opened else PermissionState.OVER


def opening_permission(
    permissions: Iterable[Permission],
    actor: Actor,
    purpose: Purpose,
    what: Readable,
    recording: Recording,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Permission | None:
    """The one that opens this of this recording to this person now, if there is one."""
    if purpose is not Purpose.QUALITY or what not in REDACTED:
        return None
    for permission in permissions:
        theirs = (permission.role, person(permission.asked_by)) == (actor.role, person(actor.name))
        drawn = recording.recording_id in permission.recordings and matches(scope_of(permission, zone), recording)
        if theirs and drawn and permission_state(permission, now=now) is PermissionState.OPEN:
            return permission
    return None
