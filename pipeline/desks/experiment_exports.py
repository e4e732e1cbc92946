"""The desk where an experiment's items leave, as a folder of its owner's (U5, U3).

Each item is read at the gate, whose entry is durable before its first byte; when all are read, all are asked about once
more; an entry and a row say what is in the folder, and only then does it appear under its name. Interrupted, it is
nothing, and the next export asks for everything again: what was open yesterday need not be today.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.accesslog.proof.note import Signer
from callwarden.custody.gate import Gate
from callwarden.custody.store import scratch_file
from callwarden.datasets.manifest import DataSet, ExportedItem, Terms
from callwarden.datasets.writing import DataSetFolder
from callwarden.desks.acts import Acts
from callwarden.desks.experiment_builds import key_of, pins_of
from callwarden.desks.experiment_candidates import Candidate, ExperimentCandidates
from callwarden.desks.experiment_copying import Copying, names
from callwarden.desks.experiment_standings import standings
from callwarden.desks.experiments import found, goes_on
from callwarden.errors import RefusedError
from callwarden.evidence.folder import PackFolder, appearing_folder
from callwarden.model.access import Actor
from callwarden.model.experiment import Experiment, ExperimentExport, ExperimentItem, ExportId, ItemState
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.ports.speech import TranscriptCodec
from callwarden.rules.experiments import ExperimentRefusal, Unfit, totals
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.rights import Act

_FOR: Final = Purpose.AI_EXPERIMENT.value
_PORTION: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What has left, where it lies, and what it says of itself."""

    directory: Path
    export: ExperimentExport
    made: DataSet


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentExportDesk:
    """Thread-safe."""

    acts: Acts
    clock: Clock
    gate: Gate
    keys: KeyStore
    codec: TranscriptCodec
    candidates: ExperimentCandidates
    signer: Callable[[], Signer]
    zone: ZoneInfo

    def export(
        self,
        actor: Actor,
        name: str,
        directory: Path,
        *,
        parquet: bool = False,
        told: Callable[[int], None] = lambda _: None,
    ) -> Exported:
        """Write the items of its newest build that may still be used into a new folder, with `parquet` as a table, too;
        `told` is called as each is done. Raises RefusedError, UsageError for a folder that is taken, ConfigurationError
        without the extra `parquet`, RetryableError: then no folder is there."""
        with self.acts.perform(Act.EXPERIMENT_EXPORT, actor, purpose=_FOR) as doing:
            experiment = built(goes_on(found(doing, name), now=self.clock.now()))
            key, doing.silent = key_of(experiment, doing.tx, self.keys), True
        with appearing_folder(directory) as folder, scratch_file() as words:
            copying = Copying(
                experiment=experiment,
                actor=actor,
                gate=self.gate,
                codec=self.codec,
                key=key,
                zone=self.zone,
                folder=DataSetFolder(folder),
                words=words,
            )
            export, made = self._filled(folder, copying, parquet=parquet, told=told)
            with self.acts.perform(Act.EXPERIMENT_EXPORT, actor, purpose=_FOR) as doing:
                goes_on(found(doing, name, lock=True), now=self.clock.now())
                doing.tx.experiment_exports.save(export)
                doing.count, doing.digest, doing.correlation = len(export.items), export.manifest, export.export_id
        return Exported(directory=directory, export=export, made=made)

    def check(self, actor: Actor, name: str, export_id: ExportId) -> None:
        """Before a copy that was made a while ago is handed over: every item of it may still be used. Raises
        RefusedError."""
        with self.acts.perform(Act.EXPERIMENT_SHOW, actor, purpose=_FOR) as doing:
            experiment = goes_on(found(doing, name), now=self.clock.now())
            [stands] = [one for one in standings(doing.tx, experiment) if one.export.export_id == export_id]
            may_leave = {item.item_id for item, _, why in self._asked(experiment) if why is None}
            if stands.to_take_out or not stands.export.items <= may_leave:
                raise RefusedError(
                    (ExperimentRefusal.REVOKED_SINCE.value,), "something of this copy may not be used any more"
                )

    def _filled(
        self, folder: PackFolder, copying: Copying, *, parquet: bool, told: Callable[[int], None]
    ) -> tuple[ExperimentExport, DataSet]:
        experiment = copying.experiment
        for _ in copying.copy(self._open(copying, told)):
            told(1)
        still = {item.item_id: why for item, _, why in self._asked(experiment)}
        for item_id in list(copying.copied):
            if (gone := still.get(item_id, Unfit.REVOKED_BEFORE.value)) is not None:
                copying.drop(item_id, gone)
        if not copying.copied:
            with self.acts.perform(Act.EXPERIMENT_EXPORT, copying.actor, purpose=_FOR) as doing:
                goes_on(found(doing, experiment.name), now=self.clock.now())
                raise RefusedError(
                    (ExperimentRefusal.NOTHING_TO_EXPORT.value,),
                    "none of its items may be used any more: callwarden experiment show",
                )
        export_id, now = ExportId(f"export-1{os.urandom(12).hex()}"), self.clock.now()

        def said(exported: tuple[ExportedItem, ...], fields: tuple[str, ...]) -> DataSet:
            generalised = copying.generalised
            return DataSet(
                export=export_id,
                made_at=now,
                made_by=f"{copying.actor.role.value}:{copying.actor.name}",
                terms=_terms(experiment),
                build=experiment.generation,
                items=exported,
                left_out=experiment.left_out,
                dropped=totals(copying.dropped),
                policy=self.gate.policy.version,
                redactions=copying.redactions,
                told={} if generalised is None else generalised.steps,
                smallest=None if generalised is None else generalised.smallest,
                fields=fields,
            )

        made, digest = copying.folder.finish(copying.items(), said, signer=self.signer(), parquet=parquet)
        export = ExperimentExport(
            export_id=export_id,
            experiment_id=experiment.experiment_id,
            generation=experiment.generation,
            made_by=copying.actor.name,
            made_at=now,
            manifest=digest,
            items=frozenset(copying.copied),
        )
        return export, made

    def _open(self, copying: Copying, told: Callable[[int], None]) -> Iterator[tuple[ExperimentItem, Recording]]:
        """What is to be read; the rest is dropped."""
        for item, seen, why in self._asked(copying.experiment):
            if why is None and seen.recording is not None:
                yield item, seen.recording
            else:
                copying.dropped[why or ReadRefusal.UNKNOWN.value] += 1
                told(1)

    def _asked(self, experiment: Experiment) -> Iterator[tuple[ExperimentItem, Candidate, str | None]]:
        """Each item of the newest finished build, as it stands now, and why it may not leave."""
        after: RecordingId | None = None
        while True:
            with self.acts.catalogue.snapshot() as tx:
                items = tx.experiment_items.of(
                    experiment.experiment_id, states={ItemState.INCLUDED}, after=after, limit=_PORTION
                )
                ids = [one.recording_id for one in items]
                pins = pins_of(experiment, ids, tx)
                judged: Sequence[Candidate] = self.candidates.judge(experiment, ids, tx) if ids else ()
            for item, seen in zip(items, judged, strict=True):
                if item.generation <= experiment.generation:
                    yield item, seen, _why_not(item, seen, pins[item.recording_id])
            if len(items) < _PORTION:
                return
            after = ids[-1]


def built(experiment: Experiment) -> Experiment:
    """The experiment, where a build of it is finished. Raises RefusedError."""
    if experiment.generation == 0:
        raise RefusedError(
            (ExperimentRefusal.NOT_BUILT.value,), "no build of it is finished: callwarden experiment build"
        )
    return experiment


def _why_not(item: ExperimentItem, seen: Candidate, pin: str) -> str | None:
    if item.altered:
        return ReadRefusal.ROW_ALTERED.value
    if seen.why_not:
        return seen.why_not[0]
    return None if pin == item.digest else Unfit.REDACTION_CHANGED.value


def _terms(experiment: Experiment) -> Terms:
    return Terms(
        experiment=experiment.experiment_id,
        name=experiment.name,
        purpose=experiment.purpose,
        hypothesis=experiment.hypothesis,
        dpia=experiment.dpia,
        owner=experiment.owner,
        line=experiment.line,
        first=experiment.first,
        last=experiment.last,
        until=experiment.until,
        carries=names(experiment.carries),
        k=experiment.k,
        approved_by=experiment.approved_by,
        with_agents=experiment.with_agents,
    )
