"""Experiments, and what of which recording each of them has taken."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.experiment import (
    Experiment,
    ExperimentExport,
    ExperimentId,
    ExperimentItem,
    ExperimentKey,
    ExportId,
    ItemState,
)
from callwarden.model.ids import RecordingId


class Experiments(Protocol):
    """Every experiment there ever was."""

    def get(self, experiment_id: ExperimentId, *, lock: bool = False) -> Experiment | None: ...

    def named(self, name: str, *, lock: bool = False) -> Experiment | None:
        """The one of exactly this name: no two share one."""
        ...

    def all(self) -> Sequence[Experiment]:
        """The newest first."""
        ...

    def save(self, experiment: Experiment) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def due(self, *, now: datetime, limit: int) -> Sequence[Experiment]:
        """Those that are not over although their end has come, the longest ago first. Locked, skipping those somebody
        else has locked."""
        ...

    def uncleared(self) -> Sequence[Experiment]:
        """Those that are over and of which something may be left in the system, the longest ago first."""
        ...


class ExperimentItems(Protocol):
    """The items of experiments; their rows stay when their copies go."""

    def get(self, experiment_id: ExperimentId, recording_ids: Collection[RecordingId]) -> Sequence[ExperimentItem]:
        """Those of these recordings, by recording id."""
        ...

    def of(
        self,
        experiment_id: ExperimentId,
        *,
        states: Collection[ItemState] = (),
        after: RecordingId | None = None,
        limit: int,
    ) -> Sequence[ExperimentItem]:
        """Those of an experiment, by recording id, those after `after`; in one of these states, where any is given."""
        ...

    def about(self, recording_ids: Collection[RecordingId]) -> Sequence[ExperimentItem]:
        """What any experiment has taken of these recordings, by experiment and recording id."""
        ...

    def renewed(self, experiment_id: ExperimentId) -> Sequence[ExperimentItem]:
        """Those that are included, and have changed since they first were: their redaction was made anew."""
        ...

    def count(self, experiment_id: ExperimentId) -> Mapping[tuple[ItemState, str | None], int]:
        """How many there are of each state and reason; what is none is not in it."""
        ...

    def save(self, items: Sequence[ExperimentItem]) -> None:
        """Insert, or replace those of the same experiment and recording."""
        ...


class ExperimentExports(Protocol):
    """What has left of experiments; the rows stay."""

    def get(self, export_id: ExportId, *, lock: bool = False) -> ExperimentExport | None: ...

    def of(self, experiment_id: ExperimentId) -> Sequence[ExperimentExport]:
        """The newest first."""
        ...

    def save(self, export: ExperimentExport) -> None:
        """Insert, or replace the one of the same id."""
        ...


class ExperimentKeys(Protocol):
    """One key an experiment, until it is over."""

    def get(self, experiment_id: ExperimentId) -> ExperimentKey | None: ...

    def add(self, key: ExperimentKey) -> None:
        """Insert. The one that is there stays."""
        ...

    def destroy(self, experiment_id: ExperimentId) -> None:
        """Delete it (and overwrite its bytes where the store can)."""
        ...
