"""The desk of revocations: what experiments may not use any more, and what the holders of copies say of it (U5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from callwarden.accesslog.proof.note import Signer
from callwarden.datasets.revocation import (
    Applied,
    RevocationClass,
    class_of,
    names_digest,
    read_certificate,
    signed_list,
)
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.experiment_builds import changed_items, write_items
from callwarden.desks.experiment_candidates import PORTION, ExperimentCandidates
from callwarden.desks.experiment_standings import revoked, standings
from callwarden.desks.experiments import ENDS, ExperimentDesk, found
from callwarden.errors import RefusedError, UsageError
from callwarden.evidence.manifest import instant
from callwarden.model.access import Actor
from callwarden.model.experiment import (
    OVER,
    Experiment,
    ExperimentExport,
    ExperimentItem,
    ExperimentItemId,
    ExportId,
    ItemState,
)
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.log import LogReader
from callwarden.rules.revoking import Standing, answers_for, may_be_applied
from callwarden.rules.rights import Act, ActRefusal

_FOR: Final = Purpose.AI_EXPERIMENT.value
_INCLUDED: Final = frozenset({ItemState.INCLUDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocations:
    """A signed list, and how the copies stand that it is for."""

    experiment: Experiment
    document: bytes
    digest: str
    """Its hex SHA-256."""
    items: int
    standings: Sequence[Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationDesk:
    """Each method is an act of somebody. Raises RefusedError, UsageError, RetryableError. Thread-safe."""

    acts: Acts
    clock: Clock
    candidates: ExperimentCandidates
    experiments: ExperimentDesk
    signer: Callable[[], Signer]
    log: LogReader

    def revoke_due(self, actor: Actor) -> int:
        """Take back from every experiment what it may not use any more, each an entry with its reason; how many."""
        with self.acts.catalogue.snapshot() as tx:
            running = [one for one in tx.experiments.all() if one.state not in OVER and not one.altered]
        return sum(self._revoke(actor, one) for one in running if self._can_be_judged(one))

    def signed(self, actor: Actor, name: str) -> Revocations:
        """The list of every item of any copy that has to be taken out, for `experiment apply-revocations`: looked at
        now, as a sweep would, so that it is true of the instant it states."""
        with self.acts.perform(Act.EXPERIMENT_REVOCATIONS, actor, purpose=_FOR) as doing:
            doing.silent, seen_at = True, self.clock.now()
            experiment = found(doing, name)
        self._look(experiment)
        with self.acts.perform(Act.EXPERIMENT_REVOCATIONS, actor, purpose=_FOR) as doing:
            experiment = found(doing, name)
            exports, known = standings(doing.tx, experiment), revoked(doing.tx, experiment)
            everywhere = known.everywhere(experiment, [one.export for one in exports])
            of_one = {one.export.export_id: known.only_of(one.export) for one in exports}
            document = signed_list(
                experiment.experiment_id,
                _classes(everywhere),
                of_one={export: _classes(items) for export, items in of_one.items() if items},
                made_at=seen_at,
                signer=self.signer(),
            )
            items = len(everywhere.keys() | {item for those in of_one.values() for item in those})
            doing.count, doing.digest = items, sha256(document).hexdigest()
            return Revocations(
                experiment=experiment,
                document=document,
                digest=doing.digest,
                items=items,
                standings=exports,
            )

    def acknowledge(self, actor: Actor, name: str, certificate: bytes) -> Standing:
        """What `experiment apply-revocations` certifies of a copy: only what is revoked by now counts. Raises
        UsageError unless it names a list that was signed here since the export, and an instant since then."""
        with self.acts.perform(Act.EXPERIMENT_ACKNOWLEDGE, actor, purpose=_FOR) as doing:
            doing.silent, experiment = True, found(doing, name)
            try:
                stated = read_certificate(certificate)
            except ValueError as error:
                raise UsageError("this is no certificate of callwarden experiment apply-revocations") from error
            _check(stated, experiment, self._export(doing, experiment, ExportId(stated.export)))
        signed = self._signed(experiment, stated)  # which may take a while: no transaction waits for it
        with self.acts.perform(Act.EXPERIMENT_ACKNOWLEDGE, actor, purpose=_FOR) as doing:
            experiment = found(doing, name)
            export = self._export(doing, experiment, ExportId(stated.export))
            if signed is None or signed < export.made_at:
                raise UsageError(
                    "this certificate names no list that was signed here since the export: apply a new one, of "
                    "callwarden experiment revocations"
                )
            if not may_be_applied(stated.at, signed=signed, now=self.clock.now()):
                raise UsageError(
                    f"this certificate says that a list of {instant(signed)} was applied at {stated.applied_at}: look "
                    "at the clock there, and apply the revocations again"
                )
            doing.digest = sha256(certificate).hexdigest()
            removed = frozenset(ExperimentItemId(item) for item in stated.removed)
            return self._taken_out(doing, experiment, export, removed)

    def deleted(self, actor: Actor, name: str, export_id: ExportId) -> Standing:
        """No copy of this export is left anywhere: its holder says so."""
        with self.acts.perform(Act.EXPERIMENT_ACKNOWLEDGE, actor, purpose=_FOR) as doing:
            experiment = found(doing, name)
            export = self._export(doing, experiment, export_id)
            return self._taken_out(doing, experiment, export, export.items, whole=True)

    def _signed(self, experiment: Experiment, stated: Applied) -> datetime | None:
        """When the list that a certificate names was signed, by the access log."""
        about, operations = {experiment.experiment_id}, {Operation.EXPERIMENT_REVOCATIONS_SIGNED}
        entries = self.log.entries(subjects=about, operations=operations)
        return next((one.entry.at for one in entries if one.entry.digest == stated.revocations), None)

    def _export(self, doing: Doing, experiment: Experiment, export_id: ExportId) -> ExperimentExport:
        export = doing.tx.experiment_exports.get(export_id, lock=True)
        if export is None or export.experiment_id != experiment.experiment_id:
            raise UsageError("there is no such export of this experiment: callwarden experiment show names them")
        if not answers_for(doing.actor, experiment, export):
            raise RefusedError(
                (ActRefusal.NOT_PERMITTED.value,),
                "the owner of an experiment, or who exported it, says what became of it",
            )
        return export

    def _taken_out(
        self,
        doing: Doing,
        experiment: Experiment,
        export: ExperimentExport,
        removed: frozenset[ExperimentItemId],
        *,
        whole: bool = False,
    ) -> Standing:
        tx = doing.tx
        gone = revoked(tx, experiment).of(experiment, export)
        before = frozenset[ExperimentItemId]() if export.altered else export.taken_out
        out = before | (removed if whole else removed & gone.keys())
        export = replace(export, taken_out=out, acknowledged_at=self.clock.now())
        tx.experiment_exports.save(export)
        doing.subject, doing.count = export.export_id, len(out - before)
        [stands] = [one for one in standings(tx, experiment) if one.export.export_id == export.export_id]
        return stands

    def _look(self, experiment: Experiment) -> None:
        """As the sweep does, in its name. An experiment that is over says so of all its items already."""
        if experiment.state in OVER:
            return
        if experiment.ends_at <= self.clock.now():
            self.experiments.end_due(ENDS)
        if self._can_be_judged(experiment):
            self._revoke(ENDS, experiment)

    def _can_be_judged(self, experiment: Experiment) -> bool:
        """Not once the policy has lost its line: nothing more is built of it then, and it is closed or ends."""
        try:
            self.candidates.wanted(experiment)
        except UsageError:
            return False
        return True

    def _revoke(self, actor: Actor, experiment: Experiment) -> int:
        done, after = 0, None
        while True:
            with self.acts.catalogue.snapshot() as tx:
                items = self._included(tx, experiment, after)
                is_changed = bool(self._changed(experiment, items, tx))
            done += self._write(actor, experiment, after) if is_changed else 0
            if len(items) < PORTION:
                return done
            after = items[-1].recording_id

    def _write(self, actor: Actor, experiment: Experiment, after: RecordingId | None) -> int:
        """As it is now that nobody else changes it."""
        with self.acts.perform(Act.EXPERIMENT_REVOKE, actor, purpose=_FOR) as doing:
            doing.silent = True
            known = doing.tx.experiments.get(experiment.experiment_id, lock=True)
            if known is None or known.altered or known.state in OVER:
                return 0
            items = self._included(doing.tx, known, after)
            changed = self._changed(known, items, doing.tx)
            write_items(self.acts.scribe, doing, changed)
        return len(changed)

    def _changed(
        self, experiment: Experiment, items: Sequence[ExperimentItem], tx: Transaction
    ) -> list[ExperimentItem]:
        """What somebody wrote past the system is left as it is, for `reconcile`: it leaves in no export."""
        believed = [one for one in items if not one.altered]
        return list(changed_items(experiment, believed, self.candidates, tx, self.clock.now()))

    def _included(self, tx: Transaction, experiment: Experiment, after: RecordingId | None) -> list[ExperimentItem]:
        items = tx.experiment_items.of(experiment.experiment_id, states=_INCLUDED, after=after, limit=PORTION)
        return list(items)


def _classes(reasons: Mapping[ExperimentItemId, str]) -> Mapping[str, RevocationClass]:
    return {item: class_of(why) for item, why in reasons.items()}


def _check(stated: Applied, experiment: Experiment, export: ExperimentExport) -> None:
    if (
        stated.experiment != experiment.experiment_id
        or stated.manifest != export.manifest
        or not stated.removed <= export.items
        or stated.left != names_digest(export.items - stated.removed)
    ):
        raise UsageError("this certificate does not fit what was exported: apply the revocations to that folder again")
