"""Which case an act is about: found by its name, whatever its capitals, and locked."""

from callwarden.desks.acts import Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.hold import Case
from callwarden.model.ids import CaseId
from callwarden.ports.catalogue import Transaction
from callwarden.rules.identity import holds_a_number
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.rights import ActRefusal

NAME_TAKEN = "name_taken"
NAME_AND_REASON = "a case has a name and a reason: callwarden hold open CASE --reason TEXT"


def case_named(written: str) -> CaseId:
    """A case's name as it was given. Raises UsageError for one that cannot stand in the log."""
    name = written.strip()
    if not name:
        raise UsageError(NAME_AND_REASON)
    if holds_a_number(name):
        raise UsageError(
            "a case has a name that is not a telephone number, such as DOSSIER-2026-014: "
            "give it one of your own and keep the number in the file of the case"
        )
    return CaseId(name)


def find_case(tx: Transaction, case_id: CaseId, *, lock: bool = False) -> Case | None:
    """The case of this name, or of one that differs in capitals only."""
    known = tx.cases.get(case_id, lock=lock)
    if known is None:
        wanted = case_id.strip().casefold()
        alike = [case.case_id for case in tx.cases.all() if case.case_id.casefold() == wanted]
        known = tx.cases.get(alike[0], lock=lock) if alike else None
    return known


def found_case(doing: Doing, case_id: CaseId) -> Case | None:
    """The locked case; the entry has it under the name it was opened with."""
    case = find_case(doing.tx, case_id, lock=True)
    if case is None:
        return None
    if case.altered:
        raise RefusedError(
            (ReadRefusal.ROW_ALTERED.value,), "somebody wrote this case past the system: callwarden reconcile"
        )
    doing.case = case.case_id
    return case


def known_case(doing: Doing, case_id: CaseId) -> Case:
    case = found_case(doing, case_id)
    if case is None:
        raise RefusedError(
            (ActRefusal.UNKNOWN.value,),
            f"there is no case {case_id}: open it first: callwarden hold open {case_id} --reason TEXT",
        )
    return case
