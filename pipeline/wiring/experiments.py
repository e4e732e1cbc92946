"""The desks of experiments, and of tests on real calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.part import part
from callwarden.wiring.reviews import Reviews

if TYPE_CHECKING:
    from callwarden.desks.experiment_builds import ExperimentBuildDesk
    from callwarden.desks.experiment_candidates import ExperimentCandidates
    from callwarden.desks.experiment_exports import ExperimentExportDesk
    from callwarden.desks.experiments import ExperimentDesk
    from callwarden.desks.revocations import RevocationDesk
    from callwarden.desks.testing import RealTestingDesk


class Experiments(Reviews):
    """The parts of one system that experiments need; see `Parts`."""

    @part
    def experiment_candidates(self) -> ExperimentCandidates:
        from callwarden.desks.experiment_candidates import ExperimentCandidates

        return ExperimentCandidates(
            catalogue=self.catalogue,
            decider=self.gate.decider,
            criteria=self.criteria_reader,
            timekeeper=self.timekeeper,
        )

    @part
    def experiment_desk(self) -> ExperimentDesk:
        from callwarden.custody.experiment_remains import ExperimentRemains
        from callwarden.desks.experiments import ExperimentDesk

        return ExperimentDesk(
            acts=self.acts,
            policy=self.policy,
            clock=self.clock,
            candidates=self.experiment_candidates,
            remains=ExperimentRemains(catalogue=self.catalogue, scribe=self.scribe, clock=self.clock),
        )

    @part
    def testing_desk(self) -> RealTestingDesk:
        from callwarden.desks.testing import RealTestingDesk

        return RealTestingDesk(acts=self.acts, policy=self.policy, clock=self.clock, decider=self.gate.decider)

    @part
    def experiment_build_desk(self) -> ExperimentBuildDesk:
        from callwarden.desks.experiment_builds import ExperimentBuildDesk

        return ExperimentBuildDesk(
            acts=self.acts, clock=self.clock, keys=self.keys, candidates=self.experiment_candidates
        )

    @part
    def experiment_export_desk(self) -> ExperimentExportDesk:
        from callwarden.adapters.speech.codec import JsonTranscriptCodec
        from callwarden.desks.experiment_exports import ExperimentExportDesk

        return ExperimentExportDesk(
            acts=self.acts,
            clock=self.clock,
            gate=self.gate,
            keys=self.keys,
            codec=JsonTranscriptCodec(),
            candidates=self.experiment_candidates,
            signer=lambda: self.signer,
            zone=self.policy.time_zone,
        )

    @part
    def revocation_desk(self) -> RevocationDesk:
        from callwarden.desks.revocations import RevocationDesk

        return RevocationDesk(
            acts=self.acts,
            clock=self.clock,
            candidates=self.experiment_candidates,
            experiments=self.experiment_desk,
            signer=lambda: self.signer,
            log=self.log_reader,
        )
