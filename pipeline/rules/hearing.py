"""May what was set aside be heard by whoever decides about it? Not while nobody knows what its caller objected to (R3).

A caller whose objection cannot be read may have objected to being recorded at all. What they said is found out from the
event (`callwarden quarantine show --event`) or from the telephone system, never by listening to them.
"""

from datetime import datetime

from callwarden.model.event import CallRecorded
from callwarden.model.policy import LinePolicy, Policy, WhenUnknown
from callwarden.rules.admit import OBJECTIONS
from callwarden.rules.reading import ReadRefusal


def objection_in_doubt(event: CallRecorded | None, *, policy: Policy, now: datetime) -> ReadRefusal | None:
    """Why the event of what was set aside leaves open whether its caller objected; None when it does not. `event` is
    None where none was kept: then nothing tells."""
    if event is None:
        return ReadRefusal.OBJECTION_UNKNOWN
    if any(note.field == OBJECTIONS for note in event.faults):
        return ReadRefusal.OBJECTION_UNREADABLE
    if event.objections is not None:
        return None
    # Of a line that the policy does not name, the strictest there is counts.
    named = policy.lines.get(event.line)
    lines = policy.lines.values() if named is None else (named,)
    silent = all(_may_be_silent(line, event.ended_at, now) for line in lines)
    return None if silent else ReadRefusal.OBJECTION_UNKNOWN


def _may_be_silent(line: LinePolicy, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a call of this line is kept although nothing was said of an objection."""
    if not line.objection_honoured:
        return True
    match line.when_unknown:
        case WhenUnknown.RECORD:
            return True
        case WhenUnknown.REFUSE:
            return False
        case WhenUnknown.WAIT:
            # Not counted from the end of the call, which may be the last instant of the calendar.
            return ended_at is not None and ended_at <= now - line.wait
