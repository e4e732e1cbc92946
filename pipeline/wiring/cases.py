"""The desks of litigation cases, and what they share with others about persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.part import part
from callwarden.wiring.signing_in import SigningIn

if TYPE_CHECKING:
    from callwarden.desks.cases import CaseDesk
    from callwarden.desks.concerned import Concerned
    from callwarden.desks.criteria import CriteriaReader
    from callwarden.desks.holds import HoldDesk
    from callwarden.desks.placements import PlacementDesk


class Cases(SigningIn):
    """The parts of one system that litigation needs; see `Parts`."""

    @part
    def concerned(self) -> Concerned:
        from callwarden.desks.concerned import Concerned

        return Concerned(policy=self.policy, keys=self.keys, numbers=self.numbers)

    @part
    def case_desk(self) -> CaseDesk:
        from callwarden.desks.cases import CaseDesk

        return CaseDesk(clock=self.clock, acts=self.acts, delay=self.policy.release_delay)

    @part
    def hold_desk(self) -> HoldDesk:
        from callwarden.desks.holds import HoldDesk

        return HoldDesk(
            policy=self.policy, clock=self.clock, acts=self.acts, holding=self.holding, placing=self.placing
        )

    @part
    def criteria_reader(self) -> CriteriaReader:
        from callwarden.desks.criteria import CriteriaReader

        return CriteriaReader(policy=self.policy, clock=self.clock, keys=self.keys, concerned=self.concerned)

    @part
    def placement_desk(self) -> PlacementDesk:
        from callwarden.desks.placements import PlacementDesk

        return PlacementDesk(
            policy=self.policy,
            clock=self.clock,
            acts=self.acts,
            holding=self.holding,
            placing=self.placing,
            criteria=self.criteria_reader,
        )
