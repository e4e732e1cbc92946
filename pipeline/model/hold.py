"""Litigation holds: a hold belongs to a case and is a set of references, not a flag (K3)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callwarden.model.court import CourtKind, Party
from callwarden.model.criteria import Criteria
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.procedure import EnteredEvent


class CaseState(StrEnum):
    OPEN = "open"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEdit:
    """One change of one field of a case, as text."""

    at: datetime
    by: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A litigation matter that keeps recordings from disposal.

    `seat` is the department of the court, such as ``75``, ``2A`` or ``974``. `people` are account names: with any
    named, the case is theirs, its opener's and the responsible person's, and nobody else's (`callwarden.rules.cases`).
    `responsible` is the opener where nobody is named.
    """

    case_id: CaseId
    reason: str
    opened_by: str
    opened_at: datetime
    state: CaseState
    release_requested_by: str | None = None
    released_by: str | None = None
    released_at: datetime | None = None
    court: CourtKind | None = None
    seat: str | None = None
    parties: tuple[Party, ...] = ()
    people: tuple[str, ...] = ()
    responsible: str | None = None
    history: tuple[CaseEdit, ...] = ()
    events: tuple[EnteredEvent, ...] = ()
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One recording held for one case. `applied_at` says when every stored version carried the flag."""

    case_id: CaseId
    recording_id: RecordingId
    placed_by: str
    placed_at: datetime
    applied_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""


class PlacementState(StrEnum):
    """``waiting`` for a second person; ``running`` through the recordings there are; ``done`` with those."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What was asked to be held for a case, kept with it: while the case is open, whatever matches later is held, too.

    `once`: nothing that comes later. `matched` is how many recordings matched when it was asked for, of `kept` that
    there were; `reached` is the last recording held so far while it runs. `justification` says why it may be so many.
    """

    placement_id: str
    case_id: CaseId
    criteria: Criteria
    once: bool
    state: PlacementState
    placed_by: str
    placed_at: datetime
    matched: int
    kept: int
    justification: str | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    reached: RecordingId | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagFault:
    """A stored object whose flag the vault would not set, and what it said. `version_id` is empty, and `key` a prefix,
    where the vault would not even list them."""

    key: str
    version_id: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unapplied:
    """A recording whose holds are not known to be on every stored version, or off every one. `change` tells one change
    of them from the next; nobody has looked at it again where there is no `again_at`."""

    recording_id: RecordingId
    change: str
    tries: int = 0
    again_at: datetime | None = None
    faults: tuple[FlagFault, ...] = ()
