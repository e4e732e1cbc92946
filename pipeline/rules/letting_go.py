"""When a held recording would go if its case were released (K3)."""

from datetime import datetime, timedelta

from callwarden.model.ids import CaseId
from callwarden.model.recording import Recording, RecordingState

_KEPT = frozenset({RecordingState.STORED, RecordingState.QUARANTINED})


def goes_at(recording: Recording, case: CaseId, *, now: datetime, delay: timedelta) -> datetime | None:
    """The earliest instant of its disposal, were this case released now: once its date and the delay after a hold are
    past. None where another case or a restriction keeps it, or it has no date."""
    others = [each for each in recording.holds if each != case]
    if others or recording.restricted or recording.keep_until is None or recording.state not in _KEPT:
        return None
    return max(recording.keep_until, now + delay, recording.not_before or now)
