"""A change of the policy as somebody answers for it: proposed, approved by a second person, then applied to what is
stored (K1, K2, K7)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callwarden.model.ids import LineId, PolicyVersion, RecordingId


class ChangeState(StrEnum):
    """``proposed``: looked at, and nothing else; ``approved``: waits until its policy is in force; ``running`` through
    what is stored; ``done``. ``withdrawn``: taken back before anybody approved it."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePeriods:
    """How long a policy keeps the calls of a line: ISO 8601 periods. `ground` is why what is stored already may be kept
    longer than it was promised; None: it may not."""

    line: LineId
    retention: str
    audio: str | None = None
    ground: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that a policy says otherwise than the one before, for those it concerns: ``callers`` or ``staff``.

    `code` is what it is about, `subject` which line, role or statement, `was` and `now` in the policy's own notation.
    """

    about: str
    code: str
    subject: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """`former` is the policy it takes the place of. `sooner` and `later` count the stored recordings that would get
    another date, when it was proposed; `changed` those that have got one, `reached` is the last one looked at.
    """

    change_id: str
    version: PolicyVersion
    former: PolicyVersion | None
    time_zone: str
    lines: tuple[LinePeriods, ...]
    told: tuple[Told, ...]
    sooner: int
    later: int
    proposed_by: str
    proposed_at: datetime
    state: ChangeState = ChangeState.PROPOSED
    approved_by: str | None = None
    approved_at: datetime | None = None
    began_at: datetime | None = None
    """When it began to be applied: only calls from before then are dated anew."""
    reached: RecordingId | None = None
    changed: int = 0
    ended_at: datetime | None = None
    """When it was done, or withdrawn."""
    withdrawn_by: str | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
