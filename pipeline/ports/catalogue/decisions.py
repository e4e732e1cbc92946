"""What people decide: objections, cases and holds, emergency access, tokens."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.hold import Case, Hold, Unapplied
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.objection import Objection, ScopeKind, Withdrawal
from callwarden.model.token import Token, TokenId


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionReference:
    """What an objection may be looked up by."""

    scope: ScopeKind
    reference: str


class Objections(Protocol):
    """Objections on file, withdrawn ones included."""

    def under(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        """Those under any of these references, oldest first."""
        ...

    def get(self, objection_id: str) -> Objection | None: ...

    def all(self, *, limit: int | None = None) -> Sequence[Objection]:
        """Newest first."""
        ...

    def save(self, objection: Objection) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def withdrawals(self, references: Collection[ObjectionReference]) -> Sequence[Withdrawal]:
        """Those under any of these references, oldest first."""
        ...

    def save_withdrawal(self, withdrawal: Withdrawal) -> None:
        """Insert, unless there is one of the same id."""
        ...


class Cases(Protocol):
    """Litigation cases."""

    def get(self, case_id: CaseId, *, lock: bool = False) -> Case | None: ...

    def all(self) -> Sequence[Case]:
        """Newest first."""
        ...

    def save(self, case: Case) -> None: ...


class Holds(Protocol):
    """Which case holds which recording."""

    def find(
        self, *, case_id: CaseId | None = None, recording_id: RecordingId | None = None, limit: int | None = None
    ) -> Sequence[Hold]:
        """Holds in force of a case, of a recording, or all; by recording where there is a `limit`."""
        ...

    def of_released(self) -> Sequence[CaseId]:
        """Released cases that hold something still: their release was interrupted."""
        ...

    def save(self, holds: Sequence[Hold], *, flags_from: datetime | None = None) -> None:
        """Insert, or replace those of the same case and recording. A worker sets the flags of new ones when a message
        says so, or from this instant on."""
        ...

    def remove(self, holds: Sequence[Hold]) -> None: ...


class UnappliedHolds(Protocol):
    """Recordings whose flags in the vault are still to be brought in line. One is added, or changed, with every hold
    placed or removed and every object stored of what is held."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, Unapplied]: ...

    def add(self, recording_ids: Collection[RecordingId]) -> None:
        """Those are to be brought in line, again where that was under way."""
        ...

    def find(
        self, *, case_id: CaseId | None = None, faulty: bool = False, limit: int | None = None
    ) -> Sequence[Unapplied]:
        """By id: all, or of what this case holds; with `faulty` only those with faults."""
        ...

    def count(self) -> Mapping[CaseId, int]:
        """How many of what each case holds; a case that has all applied is not in it."""
        ...

    def fresh(self, *, limit: int, lock: bool = False) -> Sequence[Unapplied]:
        """Those that are to be looked at again at no certain time yet; with `lock` without those somebody is at."""
        ...

    def due(self, *, now: datetime, limit: int, lock: bool = False) -> Sequence[Unapplied]:
        """Those whose time has come, the longest ago first; with `lock` without those somebody is at."""
        ...

    def save(self, unapplied: Sequence[Unapplied]) -> None:
        """Replace those that have not changed since they were read."""
        ...

    def remove(self, unapplied: Sequence[Unapplied]) -> None:
        """Those that have not changed since they were read are applied."""
        ...


class BreakGlasses(Protocol):
    """Requests to break glass."""

    def get(self, request_id: GlassId, *, lock: bool = False) -> BreakGlass | None: ...

    def find(
        self, *, recording_id: RecordingId | None = None, unended: bool = False, limit: int | None = None
    ) -> Sequence[BreakGlass]:
        """Newest first: of one recording, or those whose end is not in the log yet, or all."""
        ...

    def save(self, request: BreakGlass) -> None:
        """Insert, or replace the one of the same id."""
        ...


class Tokens(Protocol):
    """Every token ever issued."""

    def get(self, token_id: TokenId, *, lock: bool = False) -> Token | None: ...

    def all(self) -> Sequence[Token]:
        """Newest first."""
        ...

    def spend(self, token_id: TokenId, *, at: datetime) -> bool:
        """Compare and set: mark a token that is good once as spent. True for exactly one caller, ever; False when it is
        spent already, good more than once, or not there."""
        ...

    def save(self, token: Token) -> None:
        """Insert, or replace the one of the same id."""
        ...
