"""The desks of experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.part import part
from callwarden.wiring.reviews import Reviews

if TYPE_CHECKING:
    from callwarden.desks.experiment_candidates import ExperimentCandidates
    from callwarden.desks.experiments import ExperimentDesk


class Experiments(Reviews):
    """The parts of one system that experiments need; see `Parts`."""

    @part
    def experiment_candidates(self) -> ExperimentCandidates:
        from callwarden.desks.experiment_candidates import ExperimentCandidates

        return ExperimentCandidates(catalogue=self.catalogue, decider=self.gate.decider, criteria=self.criteria_reader)

    @part
    def experiment_desk(self) -> ExperimentDesk:
        from callwarden.desks.experiments import ExperimentDesk

        return ExperimentDesk(
            acts=self.acts, policy=self.policy, clock=self.clock, candidates=self.experiment_candidates
        )
