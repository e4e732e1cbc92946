"""The end of an experiment: the key of its pseudonyms is destroyed, and every item says so (U5).

There is no second copy of a voice or a word in the system: an item is a name, a state and a digest, and what it is made
of is read anew for each export. Without the key nobody makes those names and pseudonyms again.
"""

from dataclasses import dataclass, replace
from typing import Final

from callwarden.custody.scribe import Scribe, another
from callwarden.model.access import Actor
from callwarden.model.experiment import Experiment, ItemState
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock

_PORTION: Final = 500
_THERE: Final = frozenset({ItemState.INCLUDED, ItemState.REVOKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRemains:
    """Thread-safe; may be repeated."""

    catalogue: Catalogue
    scribe: Scribe
    clock: Clock

    def clear(self, experiment: Experiment, *, by: Actor) -> None:
        """Destroy what is left of an experiment that is over: its key first, then each item, with an entry. Rows stay:
        they are the lineage of what left. To be called again where it was interrupted. Raises RetryableError."""
        name, why = experiment.experiment_id, experiment.state.value
        with self.catalogue.transaction() as tx:
            tx.experiment_keys.destroy(name)
        after: RecordingId | None = None
        while True:
            with self.catalogue.transaction() as tx:
                items = tx.experiment_items.of(name, states=_THERE, after=after, limit=_PORTION)
                if not items:
                    return
                now = self.clock.now()
                first = self.scribe.entry(
                    by,
                    Operation.EXPERIMENT_DESTROYED,
                    purpose=Purpose.AI_EXPERIMENT.value,
                    reasons=(why,),
                    correlation=name,
                )
                tx.experiment_items.save(
                    [
                        replace(one, state=ItemState.DESTROYED, reason=one.reason or why, changed_at=now)
                        for one in items
                        if not one.altered
                    ]
                )
                tx.log.append([another(first, subject=one.recording_id) for one in items if not one.altered])
            after = items[-1].recording_id
