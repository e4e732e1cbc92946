"""The desk where legal enters what happens in a case before its court, and sees what is due.

It computes and reminds. It releases nothing: one person proposes that, another confirms it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.cases import waiting_of
from callwarden.desks.named_case import case_named, known_case, no_such_case, open_case
from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.hold import Case, CaseEdit
from callwarden.model.ids import CaseId
from callwarden.model.matter_reading import read_matter
from callwarden.model.policy import Policy
from callwarden.model.procedure import CaseEvent, EnteredEvent, Standing
from callwarden.ports.calendar_feed import CalendarFeed
from callwarden.ports.clock import Clock
from callwarden.rules.case_procedure import (
    REVIEWED,
    Due,
    DueKind,
    calendar_days,
    counting,
    due,
    matter_of,
    new_faults,
    review_on,
    standing_of,
)
from callwarden.rules.cases import is_theirs, look_at
from callwarden.rules.people import same_person
from callwarden.rules.procedure import Procedure
from callwarden.rules.procedure_checks import faults
from callwarden.rules.reading import is_scoped
from callwarden.rules.rights import Act

AHEAD: Final = timedelta(days=731)
"""What is only tried may lie ahead, as what-if; further ahead is a slip of the pen."""
EARLIEST: Final = date(1976, 1, 1)
"""The code of civil procedure is no older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStanding:
    """A case, where it stands, and when it is to be reviewed. `entered` is the number of the event just entered."""

    case: Case
    standing: Standing
    review_on: date
    entered: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError; UsageError names the field that is wrong.
    A case that is not open to the actor is ``unknown``. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    procedure: Procedure
    feed: CalendarFeed

    def enter(self, actor: Actor, case_id: CaseId, event: CaseEvent) -> CaseStanding:
        """Enter what has happened. Entered twice, it is refused: an event is undone, not overwritten."""
        case_id = case_named(case_id)
        with self.acts.perform(Act.HOLD_PROCEDURE_ADD, actor, case=case_id) as doing:
            case = _open_case(doing, case_id)
            after = self._with(case, EnteredEvent(at=self.clock.now(), by=actor.name, event=_folded(event)))
            doing.tx.cases.save(after)
        return self._stands(after, entered=len(after.events))

    def undo(self, actor: Actor, case_id: CaseId, number: int) -> CaseStanding:
        """Enter that the event of this number was wrong. Both stay in the case."""
        case_id = case_named(case_id)
        with self.acts.perform(Act.HOLD_PROCEDURE_UNDO, actor, case=case_id) as doing:
            case = _open_case(doing, case_id)
            if number not in counting(case):
                raise UsageError(f"number: there is no event {number} that counts: callwarden hold procedure show CASE")
            after = self._with(case, EnteredEvent(at=self.clock.now(), by=actor.name, undoes=number))
            doing.tx.cases.save(after)
        return self._stands(after, entered=len(after.events))

    def show(self, actor: Actor, case_id: CaseId) -> CaseStanding:
        """Where a case stands by its events."""
        case_id = case_named(case_id)
        with self.acts.perform(Act.HOLD_PROCEDURE_SHOW, actor, case=case_id) as doing:
            case = _their_case(doing, case_id)
        return self._stands(case)

    def review(self, actor: Actor, case_id: CaseId) -> CaseStanding:
        """Somebody has looked whether this case still has to hold what it holds."""
        case_id = case_named(case_id)
        with self.acts.perform(Act.HOLD_REVIEW, actor, case=case_id) as doing:
            case = _open_case(doing, case_id)
            look = CaseEdit(at=self.clock.now(), by=actor.name, field=REVIEWED, before="", after="")
            case = replace(case, history=(*case.history, look))
            doing.tx.cases.save(case)
        return self._stands(case)

    def due(self, actor: Actor, *, within: timedelta = timedelta(0)) -> Sequence[Due]:
        """What is due of the open cases, by day, up to so long from now."""
        today = self._today()
        with self.acts.perform(Act.HOLD_DUE, actor) as doing:
            found = [
                each
                for case in _their_cases(doing)
                for each in due(
                    case,
                    standing_of(case, self.procedure),
                    today=today,
                    until=today + within,
                    review=self.policy.case_review,
                    zone=self.policy.time_zone,
                )
            ]
            found += [
                Due(case=case, kind=DueKind.WAITING, on=one.placed_at.astimezone(self.policy.time_zone).date())
                for case in _their_cases(doing)
                for one in waiting_of(doing, case)
            ]
            doing.count = len(found)
        return sorted(found, key=lambda each: (each.on, each.case.case_id, each.kind))

    def calendar(self, actor: Actor) -> bytes:
        """The days of the open cases, for a calendar: references only."""
        with self.acts.perform(Act.HOLD_CALENDAR, actor) as doing:
            days = [
                day
                for case in _their_cases(doing)
                for day in calendar_days(
                    case,
                    standing_of(case, self.procedure),
                    review=self.policy.case_review,
                    zone=self.policy.time_zone,
                )
            ]
            content = self.feed.render(days, made_at=self.clock.now())
            doing.count, doing.digest = len(days), sha256(content).hexdigest()
        return content

    def _with(self, case: Case, entered: EnteredEvent) -> Case:
        after = replace(case, events=(*case.events, entered))
        if not case.parties:
            look_at(replace(after, parties=matter_of(after).parties))
        for fault in new_faults(case, after, today=self._today()):
            field = "event" if fault.field == "type" else fault.field
            about = "" if fault.at == len(after.events) else f"event {fault.at}: "
            raise UsageError(f"{about}{field}: {fault.says}")
        return after

    def _stands(self, case: Case, *, entered: int | None = None) -> CaseStanding:
        return CaseStanding(
            case=case,
            standing=standing_of(case, self.procedure),
            review_on=review_on(case, self.policy.case_review, self.policy.time_zone),
            entered=entered,
        )

    def _today(self) -> date:
        return self.clock.now().astimezone(self.policy.time_zone).date()


def tried(content: str, *, procedure: Procedure, today: date) -> Standing:
    """Where a case would stand, by what this JSON says of it. Keeps nothing. Raises UsageError naming the field."""
    matter = read_matter(content)
    for fault in faults(matter, latest=today + AHEAD, earliest=EARLIEST):
        raise UsageError(f"events[{fault.at}].{fault.field}: {fault.says}")
    return procedure.standing(matter)


def _their_case(doing: Doing, case_id: CaseId) -> Case:
    case = known_case(doing, case_id)
    if not _may_see(doing, case):
        raise no_such_case(case_id)
    return case


def _open_case(doing: Doing, case_id: CaseId) -> Case:
    _their_case(doing, case_id)
    return open_case(doing, case_id)


def _their_cases(doing: Doing) -> list[Case]:
    return [case for case in doing.tx.cases.all() if not case.altered and _may_see(doing, case)]


def _may_see(doing: Doing, case: Case) -> bool:
    """Those it names; of who is narrowed, who opened it or something in it is theirs."""
    if not is_theirs(case, doing.actor):
        return False
    if not is_scoped(doing.actor) or same_person(case.opened_by, doing.actor.name):
        return True
    held = [hold.recording_id for hold in doing.tx.holds.find(case_id=case.case_id)]
    return bool(doing.theirs(doing.tx.recordings.get(held).values()))


def _folded(event: CaseEvent) -> CaseEvent:
    """Parties stand in small letters, as they do in a case."""
    return replace(event, party=_small(event.party), by=_small(event.by))


def _small(party: str | None) -> str | None:
    return None if party is None else party.strip().lower()
