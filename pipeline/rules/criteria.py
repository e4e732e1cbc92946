"""Does a hold's criteria match a recording? The one statement of it in Python; the databases' is held to it by a test
(K3)."""

from collections.abc import Collection
from datetime import timedelta

from callwarden.model.criteria import Criteria, Tally
from callwarden.model.ids import Pseudonym
from callwarden.model.recording import Recording

A_YEAR = timedelta(days=366)
FEW = 5
"""Of fewer recordings than this, that all of them match says nothing."""


def matches(criteria: Criteria, recording: Recording, labels: Collection[Pseudonym] = ()) -> bool:
    """Whether all that is asked for is true of the recording, whose labels these are. Of a call without a time,
    no range is known to hold."""
    asked = (
        (criteria.call_id, recording.call_id),
        (criteria.caller, recording.caller),
        (criteria.customer, recording.customer),
        (criteria.agent_id, recording.agent_id),
        (criteria.line, recording.line),
    )
    began, ended = recording.started_at or recording.ended_at, recording.ended_at or recording.started_at
    return (
        (not criteria.recordings or recording.recording_id in criteria.recordings)
        and all(wanted is None or wanted == found for wanted, found in asked)
        and criteria.labels.issubset(labels)
        and (criteria.since is None or (ended is not None and ended >= criteria.since))
        and (criteria.until is None or (began is not None and began < criteria.until))
    )


def label_text(name: str, value: str) -> str:
    """A label of a call as the text its pseudonym is made of."""
    return f"{len(name)}:{name}={value}"


def shown_label(name: str, value: str) -> str:
    """A label of a call as people read and write it."""
    return f"{name}={value}"


def names_somebody(criteria: Criteria) -> bool:
    """Whether they are about certain calls or persons, and not about all there are of a line, an agent or a time."""
    named = (criteria.recordings, criteria.call_id, criteria.caller, criteria.customer, criteria.labels)
    return any(named)


def is_everything(criteria: Criteria, tally: Tally) -> bool:
    """Whether this would hold all there is: nothing is asked for, or whatever is kept matches; where that is few, too,
    by nothing but days without an end, or of more than a year."""
    if criteria == Criteria():
        return True
    few = 1 if _is_any_day(criteria) else FEW
    return not names_somebody(criteria) and tally.kept >= few and tally.count == tally.kept


def _is_any_day(criteria: Criteria) -> bool:
    since, until = criteria.since, criteria.until
    if criteria != Criteria(since=since, until=until):
        return False
    return since is None or until is None or until - since > A_YEAR
