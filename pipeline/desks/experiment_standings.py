"""How the exports of an experiment stand."""

from typing import Final

from callwarden.model.experiment import OVER, Experiment, ExperimentItemId, ItemState
from callwarden.model.ids import RecordingId
from callwarden.ports.catalogue import Transaction
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.revoking import Revoked, Standing, standing

_PORTION: Final = 5_000
_GONE: Final = frozenset({ItemState.REVOKED, ItemState.DESTROYED})


def standings(tx: Transaction, experiment: Experiment) -> list[Standing]:
    """Each of them, the newest first."""
    exports = tx.experiment_exports.of(experiment.experiment_id)
    known = revoked(tx, experiment) if exports and experiment.state not in OVER else Revoked()
    return [standing(experiment, one, known) for one in exports]


def revoked(tx: Transaction, experiment: Experiment) -> Revoked:
    """What of its items may not be used any more."""
    reasons: dict[ExperimentItemId, str] = {}
    after: RecordingId | None = None
    while page := tx.experiment_items.of(experiment.experiment_id, states=_GONE, after=after, limit=_PORTION):
        reasons |= {one.item_id: one.reason or "" for one in page}
        after = page[-1].recording_id
    changed = tx.experiment_items.renewed(experiment.experiment_id)
    reasons |= {one.item_id: ReadRefusal.ROW_ALTERED.value for one in changed if one.altered}  # set back, perhaps
    return Revoked(reasons=reasons, renewed={one.item_id: one.generation for one in changed if not one.altered})
