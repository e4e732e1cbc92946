"""A case's own procedure: which of its events count, where it stands by them, and what is due (K3)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from callwarden.model.court import CourtKind, Party, Residence
from callwarden.model.hold import Case, CaseState
from callwarden.model.period import CalendarPeriod
from callwarden.model.procedure import PROSECUTOR_GENERAL, CalendarDay, CaseEvent, Court, Matter, Standing
from callwarden.rules.calendar import falls_on
from callwarden.rules.procedure import Procedure
from callwarden.rules.procedure_checks import Fault, faults

REVIEWED = "reviewed"
"""The field of a case's history that says somebody has looked whether it still has to hold."""
YEARS_BEFORE = 5
"""A case is opened within the time in which one can still sue (C. civ. 2224)."""


class DueKind(StrEnum):
    """``exhausted``: a release can be proposed; ``confirm``: one was, and a second person has to confirm it; ``ends``:
    the last way of appeal will end; ``review``: nobody has looked at the case for as long as the policy says;
    ``waiting``: calls are not held until a second person asks for the same."""

    EXHAUSTED = "exhausted"
    CONFIRM = "confirm"
    ENDS = "ends"
    REVIEW = "review"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """`waiting_for`: what the day still depends on, in words."""

    case: Case
    kind: DueKind
    on: date
    waiting_for: tuple[str, ...] = ()


def counting(case: Case) -> dict[int, CaseEvent]:
    """The events that count, by their number: those that no other has undone."""
    undone = {entered.undoes for entered in case.events}
    return {
        number: entered.event
        for number, entered in enumerate(case.events, 1)
        if entered.event is not None and number not in undone
    }


def matter_of(case: Case) -> Matter:
    """What is known of its procedure. Where the case names no party, those its events are about are, of metropolitan
    France."""
    events = tuple(counting(case).values())
    named = (name for event in events for name in (event.party, event.by))
    found = dict.fromkeys(name for name in named if name is not None and name != PROSECUTOR_GENERAL)
    parties = case.parties or tuple(Party(party_id=name, residence=Residence.METROPOLE) for name in found)
    return Matter(court=Court(kind=case.court or CourtKind.CIVIL, seat=case.seat), parties=parties, events=events)


def standing_of(case: Case, procedure: Procedure) -> Standing:
    """Where the case stands; what the case does not say is waited for, too."""
    matter = matter_of(case)
    if case.court is None:
        return Standing(
            exhausted_on=None, waiting_for=(_SAY.format("which kind of court it is before", "court"),), ways=()
        )
    stands = procedure.standing(matter)
    said = (
        ()
        if case.parties
        else tuple(
            _SAY.format(f"where {party.party_id} resides; taken as in metropolitan France", "party")
            for party in matter.parties
        )
    )
    return replace(stands, waiting_for=(*stands.waiting_for, *said))


_SAY = "{} (callwarden hold edit CASE --{})"


def new_faults(before: Case, after: Case, *, today: date) -> Iterator[Fault]:
    """What is wrong with the events of a case now and was not before. `at` is the number of the event."""
    known = {(each.field, each.says) for each in _faults(before, today)}
    numbers = list(counting(after))
    for fault in _faults(after, today):
        if (fault.field, fault.says) not in known:
            yield replace(fault, at=numbers[fault.at])


def _faults(case: Case, today: date) -> Iterator[Fault]:
    opened = case.opened_at.date()
    earliest = date(opened.year - YEARS_BEFORE, opened.month, 1)
    return faults(matter_of(case), latest=today, earliest=earliest)


def last_reviewed(case: Case) -> datetime:
    """When somebody last looked at the case: it was reviewed, or opened."""
    return max([case.opened_at, *(edit.at for edit in case.history if edit.field == REVIEWED)])


def review_on(case: Case, period: CalendarPeriod, zone: ZoneInfo) -> date:
    """The day on which it is to be reviewed next."""
    return falls_on(last_reviewed(case).astimezone(zone).date(), period)


def due(
    case: Case, stands: Standing, *, today: date, until: date, review: CalendarPeriod, zone: ZoneInfo
) -> Iterator[Due]:
    """What is due of an open case from the past to `until`."""
    if case.state is not CaseState.OPEN:
        return
    last = stands.exhausted_on
    if case.release_requested_by is not None:
        yield Due(case=case, kind=DueKind.CONFIRM, on=last or today)
    elif last is not None and last < today:
        yield Due(case=case, kind=DueKind.EXHAUSTED, on=last, waiting_for=stands.waiting_for)
    elif last is not None and last <= until:
        yield Due(case=case, kind=DueKind.ENDS, on=last, waiting_for=stands.waiting_for)
    reviewed = review_on(case, review, zone)
    if reviewed <= until:
        yield Due(case=case, kind=DueKind.REVIEW, on=reviewed)


def calendar_days(case: Case, stands: Standing, *, review: CalendarPeriod, zone: ZoneInfo) -> Iterator[CalendarDay]:
    """The days of an open case, by its reference alone."""
    if case.state is not CaseState.OPEN:
        return
    if stands.exhausted_on is not None:
        yield _day(case, "last-way", stands.exhausted_on, "last day of the last way of appeal")
    yield _day(case, "review", review_on(case, review, zone), "review due")


def _day(case: Case, kind: str, on: date, says: str) -> CalendarDay:
    name = sha256(f"{case.case_id}\n{kind}".encode()).hexdigest()[:32]
    return CalendarDay(uid=f"{name}@callwarden", on=on, says=f"{case.case_id}: {says}")
