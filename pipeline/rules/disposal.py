"""Is this recording to be destroyed now? A hold outranks any expiry, and so does a restriction (K1, K3, D4)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.retention import is_past


class KeptBecause(StrEnum):
    """Why a recording is not destroyed."""

    NOT_KEPT = "not_kept"
    NO_PERIOD = "no_period"
    NOT_DUE = "not_due"
    HELD = "held"
    RESTRICTED = "restricted"
    REQUESTED = "requested"
    """An open request of the person concerned asks for it."""
    RELEASE_DELAY = "release_delay"
    ALTERED = "altered"
    """Somebody wrote its row past the system: its period may be another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispose:
    """Destroy it: its period ended at `due_since`."""

    due_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Leave it, for all of these reasons."""

    reasons: tuple[KeptBecause, ...]


Disposal = Dispose | Spare


def disposal(recording: Recording, *, now: datetime, until: datetime | None = None) -> Disposal:
    """Decide on one recording; `now` is an aware instant. `until`: on a part of it that has this period."""
    if recording.state not in (RecordingState.STORED, RecordingState.QUARANTINED):
        return Spare(reasons=(KeptBecause.NOT_KEPT,))
    until = until or recording.keep_until
    if until is None:
        return Spare(reasons=(KeptBecause.NO_PERIOD,))
    facts = {
        KeptBecause.NOT_DUE: not is_past(until, now=now),
        KeptBecause.HELD: bool(recording.holds),
        KeptBecause.RESTRICTED: recording.restricted,
        KeptBecause.ALTERED: recording.altered,
        KeptBecause.RELEASE_DELAY: recording.not_before is not None and now < recording.not_before,
    }
    reasons = tuple(reason for reason, holds in facts.items() if holds)
    return Spare(reasons=reasons) if reasons else Dispose(due_since=until)
