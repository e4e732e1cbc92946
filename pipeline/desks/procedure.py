"""What legal sees of a case's procedure: when is every way of appeal exhausted? It reminds; people release."""

from datetime import date, timedelta
from typing import Final

from callwarden.errors import UsageError
from callwarden.model.matter_reading import read_matter
from callwarden.model.procedure import Standing
from callwarden.rules.procedure import Procedure
from callwarden.rules.procedure_checks import faults

AHEAD: Final = timedelta(days=731)
"""What is only tried may lie ahead, as what-if; further ahead is a slip of the pen."""
EARLIEST: Final = date(1976, 1, 1)
"""The code of civil procedure is no older."""


def tried(content: str, *, procedure: Procedure, today: date) -> Standing:
    """Where a case would stand, by what this JSON says of it. Keeps nothing. Raises UsageError naming the field."""
    matter = read_matter(content)
    for fault in faults(matter, latest=today + AHEAD, earliest=EARLIEST):
        raise UsageError(f"events[{fault.at}].{fault.field}: {fault.says}")
    return procedure.standing(matter)
