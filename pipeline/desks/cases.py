"""The desk where litigation cases are opened and listed (K3).

The names of cases are shared by everybody who may open one, whatever their capitals; what a case holds is not: whoever
is narrowed to lines or agents sees recordings of theirs only.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.named_case import NAME_AND_REASON, NAME_TAKEN, case_named, found_case
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.hold import Case, CaseState, Hold
from callwarden.model.ids import CaseId
from callwarden.ports.clock import Clock
from callwarden.rules.people import same_person
from callwarden.rules.reading import is_scoped
from callwarden.rules.rights import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDesk:
    """Each method is an act of somebody, and may be repeated. Raises RefusedError, RetryableError. Thread-safe."""

    clock: Clock
    acts: Acts

    def open(self, actor: Actor, case_id: CaseId, *, reason: str) -> Case:
        """Open a case. Opening one that is open, for the same reason, gives it as it is; any other use of its name is
        refused (``name_taken``). Raises UsageError for a blank reason, and a name that is blank or holds a telephone
        number."""
        case_id, reason = case_named(case_id), reason.strip()
        if not reason:
            raise UsageError(NAME_AND_REASON)
        with self.acts.perform(Act.HOLD_OPEN, actor, case=case_id) as doing:
            known = found_case(doing, case_id)
            if known is None:
                case = Case(
                    case_id=case_id,
                    reason=reason,
                    opened_by=actor.name,
                    opened_at=self.clock.now(),
                    state=CaseState.OPEN,
                )
                doing.tx.cases.save(case)
                return case
            if not self._is_theirs(doing, known):  # nor is the reason of it: it cannot be guessed
                raise RefusedError((NAME_TAKEN,), "somebody else has used this name: open a case under another name")
            if known.state is CaseState.RELEASED or known.reason != reason:
                ended = "was released" if known.state is CaseState.RELEASED else "is open for another reason"
                raise RefusedError((NAME_TAKEN,), f"case {known.case_id} {ended}: open a new one under another name")
            doing.silent = True
            doing.looks(Act.HOLD_LIST)
            return known

    def listed(self, actor: Actor) -> Sequence[tuple[Case, Sequence[Hold]]]:
        """Every case, newest first, and what it holds. Whoever is narrowed sees those they opened or that hold
        something of theirs, and of each what is theirs."""
        with self.acts.perform(Act.HOLD_LIST, actor) as doing:
            held: dict[CaseId, list[Hold]] = defaultdict(list)
            holds, cases = doing.tx.holds.find(), doing.tx.cases.all()
            if is_scoped(actor):
                rows = doing.tx.recordings.get({hold.recording_id for hold in holds}).values()
                theirs = {row.recording_id for row in doing.theirs(rows)}
                holds = [hold for hold in holds if hold.recording_id in theirs]
            for hold in holds:
                held[hold.case_id].append(hold)
            if is_scoped(actor):
                cases = [case for case in cases if case.case_id in held or same_person(case.opened_by, actor.name)]
            doing.count = len(cases)
        return [(case, held[case.case_id]) for case in cases]

    def _is_theirs(self, doing: Doing, case: Case) -> bool:
        """Whether `listed` shows it to them."""
        if not is_scoped(doing.actor) or same_person(case.opened_by, doing.actor.name):
            return True
        held = [hold.recording_id for hold in doing.tx.holds.find(case_id=case.case_id)]
        return bool(doing.theirs(doing.tx.recordings.get(held).values()))
