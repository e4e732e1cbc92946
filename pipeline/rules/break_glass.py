"""When is glass broken? For the person, artefact and purpose it was approved for, and no longer than that."""

from collections.abc import Iterable
from datetime import datetime

from callwarden.model.access import Actor, Readable
from callwarden.model.break_glass import BreakGlass, GlassState
from callwarden.model.purpose import Purpose
from callwarden.rules.people import person


def glass_state(request: BreakGlass, *, now: datetime) -> GlassState:
    """Where a request stands. One approved "later than now", by a clock that was wrong, is not open; one whose row was
    altered is over, and so is one that somebody has ended."""
    if request.altered:
        return GlassState.OVER
    if request.ended_at is not None:
        return GlassState.LAPSED if request.approved_at is None else GlassState.OVER
    if request.approved_at is None or request.open_until is None:
        return GlassState.WAITING if request.requested_at <= now < request.lapses_at else GlassState.LAPSED
    return GlassState.OPEN if request.approved_at <= now < request.open_until else GlassState.OVER


def opening(
    requests: Iterable[BreakGlass], actor: Actor, purpose: Purpose, what: Readable, *, now: datetime
) -> BreakGlass | None:
    """The request that opens this to this person now, if there is one. Requests are of one recording."""
    asking = (actor.role, person(actor.name), purpose, what)
    for request in requests:
        asked = (request.role, person(request.requested_by), request.purpose, request.what)
        if asked == asking and glass_state(request, now=now) is GlassState.OPEN:
            return request
    return None
