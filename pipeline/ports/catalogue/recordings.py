"""Recordings, what is stored of them, and what became of their redaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callwarden.model.ids import CallId, LineId, Pseudonym, RecordingId
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFilter:
    """Empty fields do not narrow."""

    call_id: CallId | None = None
    line: LineId | None = None
    states: frozenset[RecordingState] = frozenset()
    caller: Pseudonym | None = None
    customer: Pseudonym | None = None
    agent_id: str | None = None
    ended_from: datetime | None = None
    ended_before: datetime | None = None


class Recordings(Protocol):
    """The rows of recordings, with the cases that hold them."""

    def get(self, recording_ids: Collection[RecordingId], *, lock: bool = False) -> Mapping[RecordingId, Recording]:
        """Those that exist."""
        ...

    def find(self, wanted: RecordingFilter, *, lock: bool = False, limit: int | None = None) -> Sequence[Recording]:
        """Those that match, newest call first."""
        ...

    def of_calls(self, call_ids: Collection[CallId], *, but_for: Collection[RecordingId] = ()) -> Sequence[Recording]:
        """Every leg and segment of these calls, but for those that are known already."""
        ...

    def insert(self, recordings: Sequence[Recording]) -> None:
        """Insert those whose id is new; leave the others as they are."""
        ...

    def save(self, recordings: Sequence[Recording]) -> None:
        """Replace the rows of these recordings (read with ``lock=True`` before). `holds` is not written here."""
        ...

    def begin_attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        """Number the attempt to store each of these, from 1: whoever holds an older number has been fenced off."""
        ...

    def attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        """The newest attempt of each; 0 before the first."""
        ...

    def due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        """Recordings whose period is over, not held, not restricted, not frozen by a request, past any delay; longest
        due first. Locked, skipping those somebody else has locked and those whose row was altered. Costs the same
        however many are not due."""
        ...

    def count_due(self, *, now: datetime) -> int:
        """How many recordings `due` would find, locked or not."""
        ...

    def audio_due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        """Stored recordings whose audio has a period of its own that is over, the rest of them not, and that nothing
        keeps (see `due`); longest due first. Locked likewise. Costs the same however many are not due."""
        ...

    def count_audio_due(self, *, now: datetime) -> int:
        """How many recordings `audio_due` would find, locked or not."""
        ...

    def audio_unfinished(self, *, limit: int) -> Sequence[Recording]:
        """Stored recordings whose audio is ending, locked, skipping as `unfinished` does."""
        ...

    def count_kept(self) -> int:
        """How many recordings are stored or quarantined. Costs a pass over them."""
        ...

    def unfinished(self, *, limit: int) -> Sequence[Recording]:
        """Recordings in the states disposing or dropping, locked, skipping those somebody else has locked and those
        whose row was altered."""
        ...


class Artefacts(Protocol):
    """Stored objects of recordings."""

    def get(self, recording_ids: Collection[RecordingId]) -> Sequence[Artefact]:
        """Everything stored of these recordings, by recording and kind."""
        ...

    def newest(self, recording_id: RecordingId, kind: ArtefactKind) -> Artefact | None:
        """The newest generation of this kind."""
        ...

    def add(self, artefacts: Sequence[Artefact]) -> None:
        """Record stored objects. One (recording, kind, generation) exists once; a second is an InvariantError."""
        ...

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        """Forget every stored object of these recordings."""
        ...

    def remove_kinds(self, recording_id: RecordingId, kinds: Collection[ArtefactKind]) -> None:
        """Forget every stored object of these kinds."""
        ...

    def remove_older(
        self, recording_id: RecordingId, kinds: Collection[ArtefactKind], before_generation: int
    ) -> Sequence[Artefact]:
        """Forget the artefacts of these kinds whose generation is smaller; those forgotten, by kind and generation."""
        ...


class Redactions(Protocol):
    """What became of the redaction of each recording."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, RedactionRecord]:
        """Of those of these recordings that were ever redacted."""
        ...

    def save(self, records: Sequence[RedactionRecord]) -> None:
        """Insert, or replace the one of the same recording; of several for one recording the last counts."""
        ...

    def to_redo(
        self,
        *,
        version_below: str | None,
        statuses: frozenset[RedactionStatus],
        limit: int,
        after: RecordingId | None = None,
    ) -> Sequence[RedactionRecord]:
        """Records of another version than this one (None: any version is good enough), or of one of these statuses.

        Only of recordings that are stored; by recording id, those after `after`, so that a long list is read in
        portions while it changes.
        """
        ...

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        """Forget what became of these."""
        ...
