"""The desk where legal enters what happens in a case before its court, and sees when every way of appeal is exhausted.

It computes and reminds. It releases nothing: people do.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from callwarden.errors import UsageError
from callwarden.model.matter_reading import read_matter
from callwarden.model.policy import Policy
from callwarden.model.procedure import Matter, ProcedureRules, Standing
from callwarden.ports.clock import Clock
from callwarden.ports.holidays import Holidays
from callwarden.rules.procedure import standing
from callwarden.rules.procedure_checks import faults, in_order

AHEAD: Final = timedelta(days=731)
"""What is only tried may lie ahead, as what-if; further ahead is a slip of the pen."""
EARLIEST: Final = date(1976, 1, 1)
"""The code of civil procedure is no older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureDesk:
    """Thread-safe."""

    policy: Policy
    clock: Clock
    rules: ProcedureRules
    holidays: Holidays

    def tried(self, content: str) -> Standing:
        """Where a case would stand, by what this JSON says of it. Keeps nothing. Raises UsageError naming the field."""
        matter = read_matter(content)
        today = self.clock.now().astimezone(self.policy.time_zone).date()
        for fault in faults(matter, latest=today + AHEAD, earliest=EARLIEST):
            raise UsageError(f"events[{fault.at}].{fault.field}: {fault.says}")
        return self._standing(matter)

    def _standing(self, matter: Matter) -> Standing:
        ordered = Matter(court=matter.court, parties=matter.parties, events=in_order(matter.events))
        closed = partial(self.holidays.is_closed, seat=matter.court.seat)
        return standing(ordered, self.rules.kinds[matter.court.kind], closed)
