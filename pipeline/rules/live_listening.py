"""May this be listened to live? When we hear of it it has happened: it is judged, not prevented (R2, U2)."""

from datetime import datetime

from callwarden.model.access import MACHINES, Readable, Role
from callwarden.model.event import CallMonitored, InboundEvent
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.rules.reading import CONTENT, NEVER_ORIGINALS, NO_CONTENT

ENDED = "data.to"
"""The field of an event that says when somebody stopped listening."""


def is_too_early(event: CallMonitored, *, policy: Policy, now: datetime) -> bool:
    """Whether it is told of what has not ended yet, by its word (`ENDED`): no such thing has happened."""
    return event.ended_at > now + policy.limits.max_clock_ahead


def complaint(event: InboundEvent, *, policy: Policy, now: datetime) -> Reason | None:
    """What is wrong with an event that is no recording: only with one that somebody listened in can anything be."""
    if not isinstance(event, CallMonitored):
        return None
    if is_too_early(event, policy=policy, now=now):
        return Reason.FUTURE_TIME
    return None if may_listen(event, policy=policy) else Reason.NOT_PERMITTED


def may_listen(event: CallMonitored, *, policy: Policy) -> bool:
    """Whether the policy lets this role listen in for this purpose. Double-listening is a supervisor's, for what the
    policy grants them any form of a call for; anybody else's where it grants them original audio outright."""
    if event.listener.role not in set(Role):
        return False
    role = Role(event.listener.role)
    if role in MACHINES or role in NO_CONTENT:
        return False
    granted = [grant for grant in policy.access if grant.role is role and event.purpose in grant.purposes]
    if role is Role.SUPERVISOR:
        return any(CONTENT & grant.artefacts for grant in granted)
    return role not in NEVER_ORIGINALS and any(
        Readable.ORIGINAL_AUDIO in grant.artefacts and not grant.break_glass for grant in granted
    )
