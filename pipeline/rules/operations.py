"""What of a running system wants a person, from its figures."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

LEAST_FREE: Final = 0.1
"""Of a disk."""
OVERDUE_AFTER: Final = timedelta(hours=1)
"""What is due longer has been passed over by sweeps, which come every few minutes."""


class Wants(StrEnum):
    """Why somebody has to look; documented in docs/operators.md. In the order of their weight."""

    OUT_OF_REACH = "out_of_reach"
    UNBALANCED = "unbalanced"
    DELETED_UNREAD = "deleted_unread"
    SWEEP_STOPPED = "sweep_stopped"
    OVERDUE = "overdue"
    LOG_LATE = "log_late"
    DISK_FULL = "disk_full"
    STEP_STOPPED = "step_stopped"
    QUARANTINE = "quarantine"
    DEAD_LETTERS = "dead_letters"
    DEAD_NOTICES = "dead_notices"
    REVOCATIONS = "revocations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The figures that tell. None: it could not be found out."""

    out_of_reach: bool
    balanced: bool | None
    deleted_unread: int
    sweep_stopped: bool
    longest_overdue: timedelta
    log_late: bool
    least_free: float
    """The share that is free of the fullest disk."""
    steps_stopped: bool
    quarantined: int
    dead_letters: int
    dead_notices: int
    revocations: int


def wanted(signs: Signs) -> tuple[Wants, ...]:
    """Everything that wants a person, the gravest first; nothing where all is well."""
    found = {
        Wants.OUT_OF_REACH: signs.out_of_reach,
        Wants.UNBALANCED: signs.balanced is False,
        Wants.DELETED_UNREAD: signs.deleted_unread > 0,
        Wants.SWEEP_STOPPED: signs.sweep_stopped,
        Wants.OVERDUE: signs.longest_overdue > OVERDUE_AFTER,
        Wants.LOG_LATE: signs.log_late,
        Wants.DISK_FULL: signs.least_free < LEAST_FREE,
        Wants.STEP_STOPPED: signs.steps_stopped,
        Wants.QUARANTINE: signs.quarantined > 0,
        Wants.DEAD_LETTERS: signs.dead_letters > 0,
        Wants.DEAD_NOTICES: signs.dead_notices > 0,
        Wants.REVOCATIONS: signs.revocations > 0,
    }
    return tuple(want for want, is_so in found.items() if is_so)
