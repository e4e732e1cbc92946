"""Emergency accesses, as JSON."""

from callwarden.desks.break_glass import Listed
from callwarden.model.access import Readable
from callwarden.model.break_glass import BreakGlass


def glass_row(one: BreakGlass) -> dict[str, object]:
    """What was asked for."""
    return {
        "request": one.request_id,
        "recording_id": one.recording_id,
        "what": Readable(one.what),
        "purpose": one.purpose,
        "role": one.role,
    }


def listed_glass(one: Listed) -> dict[str, object]:
    """One as a list has it: by whom, why, and where it stands."""
    request = one.request
    return {
        **glass_row(request),
        "requested_by": request.requested_by,
        "approved_by": request.approved_by,
        "state": one.state,
        "requested_at": request.requested_at,
        "lapses_at": request.lapses_at,
        "open_until": request.open_until,
        "ended_at": request.ended_at,
        "reason": one.reason,
    }
