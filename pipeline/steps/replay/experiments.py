"""Experiments and what they have taken: an approval, an item and an end hold again (U5)."""

from callwarden.model.act import NotReplayed, name_of, subject_of
from callwarden.model.experiment import OVER, Experiment, ExperimentExport, ExperimentItem, ExperimentState, ItemState
from callwarden.ports.catalogue import Transaction
from callwarden.steps.replay.altered import not_upon_an_altered_row


def experiment(act: Experiment, tx: Transaction) -> bool | NotReplayed:
    known = tx.experiments.get(act.experiment_id, lock=True)
    if known is not None and known.altered:
        return not_upon_an_altered_row(act)
    if known is not None and _told(act) <= _told(known):
        return False
    tx.experiments.save(act)
    return True


def _told(experiment: Experiment) -> tuple[bool, bool, int, bool]:
    """Grows with everything that happens to an experiment: what is over never begins again."""
    over = experiment.state in OVER
    return over, experiment.state is not ExperimentState.DRAFT, experiment.generation, experiment.cleared_at is not None


def item(act: ExperimentItem, tx: Transaction) -> bool | NotReplayed:
    """What left the house can be called back only where it is known to have left."""
    if tx.experiments.get(act.experiment_id) is None:
        return NotReplayed(act=name_of(act), subject=subject_of(act), why="experiment_unknown")
    known = tx.experiment_items.get(act.experiment_id, [act.recording_id])
    if known and known[0].altered:
        return not_upon_an_altered_row(act)
    if known and _became(act) <= _became(known[0]):
        return False
    tx.experiment_items.save([act])
    return True


def _became(item: ExperimentItem) -> tuple[int, int]:
    return tuple(ItemState).index(item.state), item.generation


def export(act: ExperimentExport, tx: Transaction) -> bool | NotReplayed:
    """Who holds a copy, and what of it they have stated to be out."""
    if tx.experiments.get(act.experiment_id) is None:
        return NotReplayed(act=name_of(act), subject=subject_of(act), why="experiment_unknown")
    known = tx.experiment_exports.get(act.export_id, lock=True)
    if known is not None and known.altered:
        return not_upon_an_altered_row(act)
    if known is not None and len(act.taken_out) <= len(known.taken_out):
        return False
    tx.experiment_exports.save(act)
    return True
