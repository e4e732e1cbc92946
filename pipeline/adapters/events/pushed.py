"""Who pushed a call, as it stands in an event of ours."""

from typing import Final

from callwarden.model.event import PushedBy
from callwarden.model.ids import LineId

PUSHED: Final = "callwardenpushed"
"""The extension of an event that says so. What anybody else writes there has no mark, and is not believed."""


def written_pushed(pushed: PushedBy) -> dict[str, object]:
    """What stands in the event."""
    lines = None if pushed.lines is None else sorted(pushed.lines)
    return {"by": pushed.by, "lines": lines, "mark": pushed.mark}


def kept_pushed(kept: object) -> PushedBy | None:
    """What an event says there; None for what we did not write."""
    match kept:
        case {"by": str(by), "lines": None, "mark": str(mark)}:
            return PushedBy(by=by, mark=mark)
        case {"by": str(by), "lines": list(lines), "mark": str(mark)} if all(isinstance(each, str) for each in lines):
            return PushedBy(by=by, lines=frozenset(map(LineId, lines)), mark=mark)
    return None
