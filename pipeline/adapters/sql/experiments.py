"""Experiments, what of which recording each of them has taken, and what has left of them."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among, words_from_text, words_to_text
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import experiment, experiment_export, experiment_item, experiment_key
from callwarden.model.experiment import (
    OVER,
    Carried,
    Experiment,
    ExperimentExport,
    ExperimentId,
    ExperimentItem,
    ExperimentKey,
    ExperimentState,
    ExportId,
    ItemState,
)
from callwarden.model.ids import RecordingId


def _or(read: Callable[[str], Any], nothing: Any) -> Callable[[str], Any]:
    """What somebody without the key has put there says nothing: its row is marked, and nobody goes by it."""

    def safely(text: str) -> Any:
        try:
            return read(text)
        except ValueError:
            return nothing

    return safely


def _counts(text: str | None) -> Mapping[str, int]:
    found = _or(json.loads, {})(text) if text else {}
    return found if isinstance(found, dict) else {}


_DAY: Final = (date.isoformat, _or(date.fromisoformat, date.min))
_EXPERIMENT: Final = Mapped(
    experiment,
    Experiment,
    first=_DAY,
    last=_DAY,
    until=_DAY,
    carries=(words_to_text, _or(lambda text: frozenset(map(Carried, words_from_text(text))), frozenset())),
    labels=(words_to_text, _or(words_from_text, frozenset())),
    state=word(ExperimentState),
    left_out=(lambda counts: json.dumps(counts, sort_keys=True) if counts else None, _counts),
)
_ITEM: Final = Mapped(experiment_item, ExperimentItem, state=word(ItemState))
_SELECT: Final = select(*experiment.c)
_SAVE: Final = _EXPERIMENT.insert(key=("experiment_id",), clash=Clash.REPLACE)
_OVER: Final = experiment.c.state.in_(sorted(OVER))
_UNCLEARED: Final = _SELECT.where(_OVER, experiment.c.cleared_at.is_(None)).order_by(
    experiment.c.over_at, experiment.c.experiment_id
)
_IDS: Final = bindparam("ids", type_=TextSet())
_ITEMS: Final = select(*experiment_item.c).order_by(experiment_item.c.experiment_id, experiment_item.c.recording_id)
_ABOUT: Final = _ITEMS.where(among(experiment_item.c.recording_id, _IDS))
_WORDS: Final = (words_to_text, _or(words_from_text, frozenset()))
_EXPORT: Final = Mapped(experiment_export, ExperimentExport, items=_WORDS, taken_out=_WORDS)
_EXPORTS: Final = select(*experiment_export.c).order_by(
    experiment_export.c.made_at.desc(), experiment_export.c.export_id
)
_SAVE_EXPORT: Final = _EXPORT.insert(key=("export_id",), clash=Clash.REPLACE)
_KEY: Final = Mapped(experiment_key, ExperimentKey)
_ADD_KEY: Final = _KEY.insert(key=("experiment_id",), clash=Clash.KEEP)
_SAVE_ITEMS: Final = _ITEM.insert(key=("experiment_id", "recording_id"), clash=Clash.REPLACE)


class ExperimentRows(Rows):
    """`callwarden.ports.catalogue.experiments.Experiments`."""

    def get(self, experiment_id: ExperimentId, *, lock: bool = False) -> Experiment | None:
        return self._one(_SELECT.where(experiment.c.experiment_id == experiment_id), lock=lock)

    def named(self, name: str, *, lock: bool = False) -> Experiment | None:
        return self._one(_SELECT.where(experiment.c.name == name), lock=lock)

    def all(self) -> Sequence[Experiment]:
        ordered = _SELECT.order_by(experiment.c.opened_at.desc(), experiment.c.experiment_id)
        return self._session.read(_EXPERIMENT, self._session.run(ordered))

    def save(self, one: Experiment) -> None:
        self._session.save(_SAVE, _EXPERIMENT, [one])

    def due(self, *, now: datetime, limit: int) -> Sequence[Experiment]:
        wanted = _SELECT.where(~_OVER, experiment.c.ends_at <= now).order_by(
            experiment.c.ends_at, experiment.c.experiment_id
        )
        rows = self._session.run(wanted.limit(limit).with_for_update(skip_locked=True))
        return self._session.read(_EXPERIMENT, rows)

    def uncleared(self) -> Sequence[Experiment]:
        return self._session.read(_EXPERIMENT, self._session.run(_UNCLEARED))

    def _one(self, wanted: Any, *, lock: bool) -> Experiment | None:
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_EXPERIMENT, rows)), None)


class ExperimentItemRows(Rows):
    """`callwarden.ports.catalogue.experiments.ExperimentItems`."""

    def get(self, experiment_id: ExperimentId, recording_ids: Collection[RecordingId]) -> Sequence[ExperimentItem]:
        if not recording_ids:
            return []
        wanted = _ABOUT.where(experiment_item.c.experiment_id == experiment_id)
        return self._session.read(_ITEM, self._session.run(wanted, {"ids": recording_ids}))

    def of(
        self,
        experiment_id: ExperimentId,
        *,
        states: Collection[ItemState] = (),
        after: RecordingId | None = None,
        limit: int,
    ) -> Sequence[ExperimentItem]:
        wanted = _ITEMS.where(experiment_item.c.experiment_id == experiment_id)
        if states:
            wanted = wanted.where(experiment_item.c.state.in_(sorted(states)))
        if after is not None:
            wanted = wanted.where(experiment_item.c.recording_id > after)
        return self._session.read(_ITEM, self._session.run(wanted.limit(limit)))

    def about(self, recording_ids: Collection[RecordingId]) -> Sequence[ExperimentItem]:
        if not recording_ids:
            return []
        return self._session.read(_ITEM, self._session.run(_ABOUT, {"ids": recording_ids}))

    def renewed(self, experiment_id: ExperimentId) -> Sequence[ExperimentItem]:
        wanted = _ITEMS.where(
            experiment_item.c.experiment_id == experiment_id,
            experiment_item.c.state == ItemState.INCLUDED.value,
            experiment_item.c.changed_at > experiment_item.c.included_at,
        )
        return self._session.read(_ITEM, self._session.run(wanted))

    def count(self, experiment_id: ExperimentId) -> Mapping[tuple[ItemState, str | None], int]:
        kinds = (experiment_item.c.state, experiment_item.c.reason)
        counted = select(*kinds, func.count()).where(experiment_item.c.experiment_id == experiment_id).group_by(*kinds)
        return {(ItemState(state), reason): number for state, reason, number in self._session.run(counted)}

    def save(self, items: Sequence[ExperimentItem]) -> None:
        in_order = sorted(items, key=attrgetter("experiment_id", "recording_id"))
        self._session.save(_SAVE_ITEMS, _ITEM, in_order)


class ExperimentExportRows(Rows):
    """`callwarden.ports.catalogue.experiments.ExperimentExports`."""

    def get(self, export_id: ExportId, *, lock: bool = False) -> ExperimentExport | None:
        wanted = _EXPORTS.where(experiment_export.c.export_id == export_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_EXPORT, rows)), None)

    def of(self, experiment_id: ExperimentId) -> Sequence[ExperimentExport]:
        wanted = _EXPORTS.where(experiment_export.c.experiment_id == experiment_id)
        return self._session.read(_EXPORT, self._session.run(wanted))

    def save(self, export: ExperimentExport) -> None:
        self._session.save(_SAVE_EXPORT, _EXPORT, [export])


class ExperimentKeyRows(Rows):
    """`callwarden.ports.catalogue.experiments.ExperimentKeys`."""

    def get(self, experiment_id: ExperimentId) -> ExperimentKey | None:
        wanted = select(*experiment_key.c).where(experiment_key.c.experiment_id == experiment_id)
        return next(iter(_KEY.values(self._session.run(wanted))), None)

    def add(self, key: ExperimentKey) -> None:
        self._session.insert(_ADD_KEY, [_KEY.row(key)])

    def destroy(self, experiment_id: ExperimentId) -> None:
        self._session.run(delete(experiment_key).where(experiment_key.c.experiment_id == experiment_id))
        self._session.destroyed_keys = True
