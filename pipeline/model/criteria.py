"""Which recordings a litigation hold is about. Persons and labels are keyed pseudonyms."""

from dataclasses import dataclass
from datetime import date, datetime

from callwarden.model.ids import CallId, LineId, Pseudonym, RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for; all of it has to hold. Days are the policy's, both included; labels ``name=value``."""

    recordings: tuple[str, ...] = ()
    call: str | None = None
    caller: str | None = None
    customer: str | None = None
    agent: str | None = None
    line: str | None = None
    labels: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """All that is given has to hold (`callwarden.rules.criteria`); empty fields narrow nothing.

    A call is within a range when any moment of it is: from `since` on, and before `until`.
    """

    recordings: frozenset[RecordingId] = frozenset()
    """One of these."""
    call_id: CallId | None = None
    caller: Pseudonym | None = None
    customer: Pseudonym | None = None
    agent_id: str | None = None
    line: LineId | None = None
    labels: frozenset[Pseudonym] = frozenset()
    """Every one of these (`callwarden.rules.criteria.label_text`)."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What criteria match now, by counting. `size` is in bytes; `kept` is how many recordings there are in all,
    of those that a hold can still keep."""

    count: int
    kept: int
    gone: int
    oldest: datetime | None
    newest: datetime | None
    size: int
