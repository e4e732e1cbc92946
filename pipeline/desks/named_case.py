"""Which case an act is about: found by its name, whatever its capitals, and locked; and whether it is the actor's.

Of a case that is not, whoever asks hears what they would hear if there were none.
"""

from collections.abc import Collection

from callwarden.desks.acts import Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.hold import Case, CaseState
from callwarden.model.ids import CaseId
from callwarden.ports.catalogue import Transaction
from callwarden.rules.cases import is_theirs, may_be_told
from callwarden.rules.identity import holds_a_number
from callwarden.rules.people import person, same_person
from callwarden.rules.reading import ReadRefusal, is_scoped
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
    """The case of this name, or of one that differs from it as little as `person` lets two accounts: in capitals,
    accents, spaces, the width of letters and what does not print."""
    known = tx.cases.get(case_id, lock=lock)
    if known is None:
        wanted = person(case_id)
        alike = [case.case_id for case in tx.cases.all() if person(case.case_id) == wanted]
        known = tx.cases.get(alike[0], lock=lock) if alike else None
    return known


def found_case(doing: Doing, case_id: CaseId) -> Case | None:
    """The locked case, whosever it is; the entry has it under the name it was opened with."""
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
    """The locked case, of the actor and within what they are narrowed to. Raises RefusedError, ``unknown``."""
    case = _case_of_theirs(doing, case_id)
    if not is_within(doing, case):
        raise no_such_case(case_id)
    return case


def _case_of_theirs(doing: Doing, case_id: CaseId) -> Case:
    case = found_case(doing, case_id)
    if case is None or not is_theirs(case, doing.actor):
        raise no_such_case(case_id)
    return case


def is_within(doing: Doing, case: Case) -> bool:
    """Whether a case is within what the actor is narrowed to: theirs by opening it, or by something it holds."""
    if not is_scoped(doing.actor) or same_person(case.opened_by, doing.actor.name):
        return True
    held = [hold.recording_id for hold in doing.tx.holds.find(case_id=case.case_id)]
    return bool(doing.theirs(doing.tx.recordings.get(held).values()))


def open_case(doing: Doing, case_id: CaseId) -> Case:
    """The locked case, of the actor and open still: whoever is narrowed adds recordings of theirs to one they were told
    the name of. Raises RefusedError, ``unknown``, ``name_taken`` where it was released."""
    case = _case_of_theirs(doing, case_id)
    if case.state is CaseState.RELEASED:
        raise RefusedError((NAME_TAKEN,), f"case {case.case_id} was released: open a new one under another name")
    return case


def no_such_case(case_id: CaseId) -> RefusedError:
    return RefusedError(
        (ActRefusal.UNKNOWN.value,),
        f"there is no case {case_id}: open it first: callwarden hold open {case_id} --reason TEXT",
    )


def cases_to_name(tx: Transaction, actor: Actor, cases: Collection[CaseId]) -> frozenset[CaseId]:
    """Those of these cases that the actor may be told of."""
    known = [case for name in sorted(set(cases)) if (case := tx.cases.get(name)) is not None]
    return frozenset(case.case_id for case in known if may_be_told(case, actor))
