"""What a search finds, what it may be narrowed by, and what is counted beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from callwarden.model.ids import LineId, Pseudonym, RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A redacted transcript that has what was asked for. `snippet` is the redacted text around the first place, or its
    beginning where no words were asked for; `marks` are the places in `snippet`, each first character and end.

    `generation` is that of the redaction that was indexed. A greater `rank` is a better match, within one answer.
    `ended_at` is when the call ended, where the answer is in the order of calls.
    """

    recording_id: RecordingId
    generation: int
    snippet: str = field(repr=False)
    rank: float = 0.0
    marks: tuple[tuple[int, int], ...] = ()
    ended_at: datetime | None = None


class Facet(StrEnum):
    """By what calls are counted."""

    LINE = "line"
    AGENT = "agent"
    DAY = "day"
    DURATION = "duration"
    LABEL = "label"
    STATE = "state"


class FoundState(StrEnum):
    """What may be asked of a call beside its words; none excludes another."""

    HELD = "held"
    EVALUATED = "evaluated"
    NOTED = "noted"
    """The team has a note on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What calls are asked for; what is left out narrows nothing, and all that is given has to hold.

    `words` as `callwarden.rules.search_text.terms_of` reads them. A call is in a range of instants by its end: from
    `since` on, before `until`; its length is at least `shortest_s` and below `longest_s`.
    """

    words: str = field(default="", repr=False)
    line: LineId | None = None
    agent_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    shortest_s: int | None = None
    longest_s: int | None = None
    label: Pseudonym | None = None
    state: FoundState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a call stands among calls, the newest first: what comes after it is the same whatever comes in."""

    ended_at: datetime
    recording_id: RecordingId


BANDS = ((0, 60), (60, 180), (180, 600), (600, 1800), (1800, None))
"""Of how long calls last, in seconds: at least, and less than."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many calls the actor may read, of those asked for, `total`; and, for each facet, how many there are of each
    value when all else that was asked for holds. `days` are of the policy's zone, `bands` by their first second. With
    `more` there are older ones besides, which are not counted."""

    total: int
    more: bool
    lines: Mapping[str, int]
    agents: Mapping[str, int]
    days: Mapping[date, int]
    bands: Mapping[int, int]
    states: Mapping[FoundState, int]
    labels: Mapping[str, int]
