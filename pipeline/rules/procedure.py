"""When is every way of appeal in a case exhausted? (K3)

On the latest day over all parties and all their ways. Where the articles leave a choice the later day is taken: what
goes too early is lost. docs/legal.md says what is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise

from callwarden.model.court import OWN_CIVIL_CODE, CourtKind
from callwarden.model.procedure import CaseEvent, EventType, KindRules, Matter, ProcedureRules, Standing
from callwarden.ports.holidays import Holidays
from callwarden.rules.appeal_ways import LODGED, binds, ended_before, reckoned, withdrawals
from callwarden.rules.calendar import Closed
from callwarden.rules.court_decisions import Decision, decisions, in_order
from callwarden.rules.desistments import gives_up_the_action, without_effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """The periods in force and the holidays they are counted by. Thread-safe."""

    rules: ProcedureRules
    holidays: Holidays

    def standing(self, matter: Matter) -> Standing:
        """Where a case stands; its events in any order."""
        ordered = replace(matter, events=in_order(matter.events))
        closed = partial(self.holidays.is_closed, seat=matter.court.seat)
        return standing(ordered, self.rules.kinds[matter.court.kind], closed)


def standing(matter: Matter, rules: KindRules, closed: Closed) -> Standing:
    """Where a case stands by what has happened in it. `closed` tells the holidays at the court's seat."""
    kind, seat = matter.court.kind, matter.court.seat
    if kind is not CourtKind.CRIMINAL and seat in OWN_CIVIL_CODE:
        said = f"a person to compute it: {OWN_CIVIL_CODE[seat]} ({seat}) has a code of civil procedure of its own"
        return Standing(exhausted_on=None, waiting_for=(said,), ways=())
    made = decisions(matter.events)
    if (ended := _ended(matter, decided=bool(made))) is not None:
        return Standing(exhausted_on=ended, waiting_for=(), ways=())
    idle = without_effect(matter, made)
    if not made:
        return Standing(exhausted_on=None, waiting_for=idle or ("the decision of the court",), ways=())
    if not matter.parties:
        return Standing(exhausted_on=None, waiting_for=("who the parties are: each has ways of its own",), ways=())
    now = made[-1]
    newest = reckoned(matter, now, rules, closed)
    earlier = [
        each
        for decision, after in pairwise(made)
        for each in reckoned(matter, decision, rules, closed)
        if each.way is not None and not each.unknown and each.way.last_day >= after.on
    ]
    late = {each: ended_before(each, matter, now, rules, closed) for each in now.of(*LODGED)}
    pending = _pending(now, late, kind)
    waits = (*pending, *(each.unknown for each in newest if each.unknown), *idle)
    ways = tuple(each.way for each in (*earlier, *newest) if each.way is not None)
    ended_by_court = [event.on for event in now.of(EventType.REJECTED)]
    lasts = [each.last for each in (*earlier, *newest)]
    known = [day for day in lasts if day is not None]
    return Standing(
        exhausted_on=None if pending or len(known) < len(lasts) else max([now.on, *known, *ended_by_court]),
        waiting_for=waits,
        ways=ways,
    )


def _ended(matter: Matter, *, decided: bool) -> date | None:
    """The day on which the parties themselves ended the dispute: the claimant gave up the action, or all settled;
    before any decision all but one, as nobody disputes alone. A prosecution ends by neither (CPP 6)."""
    if matter.court.kind is CourtKind.CRIMINAL:
        return None
    everyone = {party.party_id for party in matter.parties}
    left = set(everyone)
    for event in matter.events:
        if gives_up_the_action(event, matter):
            return event.on
        if event.type is EventType.SETTLED:
            left -= everyone if event.party is None else {event.party}
            if not left or (not decided and len(left) == 1):
                return event.on
    return None


def _pending(now: Decision, late: Mapping[CaseEvent, date | None], kind: CourtKind) -> tuple[str, ...]:
    """What a court has still to decide, in words."""
    if quashed := now.of(EventType.QUASHED):
        return (f"the decision of the court to which the case went back, quashed on {quashed[-1].on}",)
    return tuple(
        f"the decision on the {'appeal' if lodged.type is EventType.APPEALED else 'cassation'} of {lodged.on}"
        + (f" by {lodged.party}" if lodged.party else "")
        + (f"; it came late: the last day was {late[lodged]}" if late[lodged] else "")
        for lodged in now.of(*LODGED)
        if not _is_over(lodged, now, kind)
    )


def _is_over(lodged: CaseEvent, now: Decision, kind: CourtKind) -> bool:
    withdrawn = (*withdrawals(now, kind), *now.of(EventType.SETTLED))
    rejected = now.of(EventType.REJECTED) if lodged.type is EventType.CASSATION else ()
    return any(end.on >= lodged.on and binds(end, lodged.party, kind) for end in withdrawn) or any(
        end.on >= lodged.on and end.party in (None, lodged.party) for end in rejected
    )
