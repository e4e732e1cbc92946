"""What cases hold by criteria, what those match, and the labels of calls they may ask for."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from callwarden.model.criteria import Criteria, Tally
from callwarden.model.hold import Placement
from callwarden.model.ids import CaseId, Pseudonym, RecordingId


class Placements(Protocol):
    """Criteria kept with cases."""

    def get(self, placement_id: str, *, lock: bool = False) -> Placement | None: ...

    def of_case(self, case_id: CaseId) -> Sequence[Placement]:
        """Those of a case, oldest first."""
        ...

    def standing(self) -> Sequence[Placement]:
        """Those in force, by id: of open cases, but for those that wait for a second person or were for once and are
        done."""
        ...

    def save(self, placement: Placement) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def matching(
        self, criteria: Criteria, *, gone: bool = False, after: RecordingId | None = None, limit: int
    ) -> Sequence[RecordingId]:
        """Recordings the criteria match as `callwarden.rules.criteria.matches` says, by id, those after `after`: that a
        hold can still keep, or with `gone` of which it keeps nothing any more."""
        ...

    def tally(self, criteria: Criteria) -> Tally:
        """The same, counted. Costs a pass over all recordings for `Tally.kept`."""
        ...


class Labels(Protocol):
    """The labels telephone systems gave calls, as keyed pseudonyms of `callwarden.rules.criteria.label_text`."""

    def add(self, labels: Mapping[RecordingId, Mapping[Pseudonym, str | None]]) -> None:
        """Add these to what is known of each."""
        ...

    def of(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, frozenset[Pseudonym]]:
        """Of those of these recordings that have any. A row that was altered counts: in doubt a hold keeps."""
        ...

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        """Forget those of these recordings."""
        ...
