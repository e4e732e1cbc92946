"""Events: how each ended, and those that still wait."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callwarden.model.ids import EventId, LineId, RecordingId
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.recording import RecordingState


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event that waits: for word of an objection until `due_at`, or for the place of its audio. Its bytes are
    sealed.

    `place` is the bucket or folder it waits for, empty where it waits for an objection; `why` and `since` tell of it.
    """

    position: Position
    event_id: EventId
    recording_id: RecordingId
    due_at: datetime
    wrapped_key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    place: str = ""
    why: str = ""
    since: datetime | None = None
    master_key_id: str = ""
    """What wraps its key; empty where an older version wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How many events wait for one place (empty: for word of an objection), why, and the longest of them since when."""

    place: str
    why: str
    events: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFilter:
    """Empty fields do not narrow. Days are those of the call's end, or of the decision where no recording tells it."""

    outcomes: frozenset[Outcome] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    line: LineId | None = None
    states: frozenset[RecordingState] = frozenset()
    """Of the recording, as it is now."""
    untranscribed: bool = False
    """Only of stored recordings that were not transcribed when their turn came."""
    ended_from: datetime | None = None
    ended_before: datetime | None = None
    lines: frozenset[LineId] | None = None
    """Of the recording; of the event where there is none."""
    agents: frozenset[str] | None = None
    """Of the recording: of an event that became none nobody knows the agent."""


class Outcomes(Protocol):
    """How each event ended, by its position."""

    def at(self, positions: Collection[Position]) -> Mapping[Position, EventOutcome]:
        """The outcomes already recorded at these positions."""
        ...

    def of_events(self, event_ids: Collection[EventId]) -> Mapping[EventId, Sequence[EventOutcome]]:
        """For each id that has any, its outcomes other than ``duplicate``, in the order they were recorded."""
        ...

    def record(self, outcomes: Sequence[EventOutcome]) -> None:
        """Write them. A position that has an outcome keeps the one it has (I1, I11)."""
        ...


class Waiting(Protocol):
    """Events that wait for their outcome."""

    def add(self, events: Sequence[WaitingEvent]) -> None:
        """Remember these until their outcome is recorded. A position already there keeps its row."""
        ...

    def find(
        self,
        *,
        due_before: datetime | None = None,
        recordings: Collection[RecordingId] | None = None,
        but_for: Collection[str] = (),
        limit: int = 100,
    ) -> Sequence[WaitingEvent]:
        """Waiting events due before an instant, or of these recordings, but none that waits for one of the places
        `but_for`; the longest due first."""
        ...

    def remove(self, positions: Collection[Position]) -> None:
        """Forget these."""
        ...
