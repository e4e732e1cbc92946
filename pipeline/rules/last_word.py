"""Which of two words on the same thing is the later one (I10). Each step of a case, of criteria, of a request or of one
of its items adds to it, so no clock is needed to tell."""

from callwarden.model.hold import Case, CaseState, Placement, PlacementState
from callwarden.model.request import Request, RequestItem

Stepwise = Case | Placement | Request | RequestItem
_STATES = list(PlacementState)


def is_news(act: Stepwise, known: Stepwise | None) -> bool:
    """Whether an act says more than what is known of the same thing; anything does of what somebody wrote past the
    system."""
    return known is None or known.altered or is_later(act, known)


def is_later(one: Stepwise, other: Stepwise) -> bool:
    """Whether something has happened since `other` that `one` says, both being of the same thing."""
    return _steps(one) > _steps(other)


def _steps(of: Stepwise) -> int:
    match of:
        case Case():
            release = 2 if of.state is CaseState.RELEASED else int(of.release_requested_by is not None)
            return release + 2 * (len(of.history) + len(of.events))  # a proposal taken back is in the history, too
        case Placement():
            return 2 * _STATES.index(of.state) + of.once  # criteria for all time that are ended were for once
        case Request():
            return len(of.history)
        case RequestItem():
            return of.revision
