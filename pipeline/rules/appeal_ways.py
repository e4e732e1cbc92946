"""One party's way of appeal against one decision: from when it runs, how long, and its last day (K3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from callwarden.model.court import OVERSEAS, CourtKind, Party, Residence
from callwarden.model.period import CalendarPeriod
from callwarden.model.procedure import (
    PROSECUTOR_GENERAL,
    CaseEvent,
    EventType,
    KindRules,
    Matter,
    Start,
    WayName,
    WayOpen,
    WayPeriod,
)
from callwarden.rules.calendar import Closed, falls_on, longer, moved_on
from callwarden.rules.court_decisions import Decision

LODGED = (EventType.APPEALED, EventType.CASSATION)
_TAKES = {WayName.APPEAL: EventType.APPEALED, WayName.CASSATION: EventType.CASSATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """What is known of one party and one decision. Without `last` it is not known when its way ends."""

    last: date | None
    way: WayOpen | None = None
    unknown: str = ""


def reckoned(matter: Matter, decision: Decision, rules: KindRules, closed: Closed) -> list[Reckoned]:
    """Every party's way against one decision."""
    found = {party.party_id: _one(party, matter, decision, rules, closed) for party in _parties(matter, rules)}
    return [_with_others(name, each, matter, decision, rules, closed) for name, each in found.items()]


def ended_before(event: CaseEvent, matter: Matter, decision: Decision, rules: KindRules, closed: Closed) -> date | None:
    """The last day of the way this event takes, where it came after that, as far as is known."""
    found = [party for party in _parties(matter, rules) if party.party_id == event.party]
    if not found or event.type is not _TAKES[decision.way]:
        return None
    own = _untaken(found[0], matter, decision, rules, closed)
    last = _with_others(found[0].party_id, own, matter, decision, rules, closed).last
    return last if last is not None and last < event.on else None


def _with_others(
    party_id: str, each: Reckoned, matter: Matter, decision: Decision, rules: KindRules, closed: Closed
) -> Reckoned:
    if rules.others is None or decision.way is not WayName.APPEAL:
        return each
    lodged = [
        event
        for event in decision.of(EventType.APPEALED)
        if (last := _own_last(event.party, matter, decision, rules, closed)) is None or event.on <= last
    ]
    return _lengthened(party_id, each, lodged, rules.others, closed)


def _parties(matter: Matter, rules: KindRules) -> tuple[Party, ...]:
    named = any(party.party_id == PROSECUTOR_GENERAL for party in matter.parties)
    if rules.prosecutor is None or named:
        return matter.parties
    return (*matter.parties, Party(party_id=PROSECUTOR_GENERAL, residence=Residence.METROPOLE))


def _one(party: Party, matter: Matter, decision: Decision, rules: KindRules, closed: Closed) -> Reckoned:
    name, kind = party.party_id, matter.court.kind
    taken = [event for event in decision.of(_TAKES[decision.way]) if event.party == name]
    gave_up = [
        event.on
        for event in (*decision.of(EventType.ACQUIESCED, EventType.SETTLED), *withdrawals(decision, kind))
        if binds(event, name, kind) and (event.type is not EventType.DESISTED or taken)
    ]
    if gave_up:
        return Reckoned(last=max(gave_up))
    if taken:  # what it waits for is the court; a cassation against what can be appealed takes no appeal away (CPC 605)
        return Reckoned(last=decision.on)
    return _untaken(party, matter, decision, rules, closed)


def binds(event: CaseEvent, party_id: str | None, kind: CourtKind) -> bool:
    """Whether this party, or whoever it is, gives up by it. What all give up the prosecutor-general does not, and a
    prosecution ends by no settlement (CPP 6)."""
    if event.party is not None:
        return party_id == event.party
    settles = event.type is EventType.SETTLED and kind is CourtKind.CRIMINAL
    return party_id != PROSECUTOR_GENERAL and not settles


def withdrawals(decision: Decision, kind: CourtKind) -> list[CaseEvent]:
    """The desistments of what was lodged against the decision: not one after which another party appeals (CPC 403), and
    none of who has lodged nothing."""
    lodged = decision.of(*LODGED)
    return [
        event
        for event in decision.of(EventType.DESISTED)
        if any(each.on <= event.on and binds(event, each.party, kind) for each in lodged)
        and (
            kind is CourtKind.CRIMINAL
            or all(each.on <= event.on or event.party in (None, each.party) for each in lodged)
        )
    ]


def _own_last(
    party_id: str | None, matter: Matter, decision: Decision, rules: KindRules, closed: Closed
) -> date | None:
    """The last day of who appealed, had nobody done so."""
    found = [party for party in _parties(matter, rules) if party.party_id == party_id]
    return _untaken(found[0], matter, decision, rules, closed).last if found else None


def _untaken(party: Party, matter: Matter, decision: Decision, rules: KindRules, closed: Closed) -> Reckoned:
    is_prosecutor = party.party_id == PROSECUTOR_GENERAL
    way = rules.cassation if decision.way is WayName.CASSATION else rules.appeal
    if is_prosecutor and rules.prosecutor is not None and decision.way is WayName.APPEAL:
        way = rules.prosecutor
    opened = partial(_open, party, decision.way, closed=closed)
    if way.start is Start.PRONOUNCEMENT:
        start = _pronounced(party, decision)
        missing = (
            f"the signification of the decision of {decision.on} to {party.party_id}, absent when it was pronounced"
        )
    else:
        start = _notified(party, decision)
        missing = f"the notification of the decision of {decision.on} to {party.party_id}"
    if start is not None:
        by, article = _distance(party, matter.court.seat, decision.way, rules)
        opened_way = opened(way, start, by=by, distance=article)
        return Reckoned(last=opened_way.last_day, way=opened_way)
    if way.start is Start.PRONOUNCEMENT or rules.unnotified is None or not party.appeared:
        return Reckoned(last=None, unknown=missing)
    never = opened(rules.unnotified, decision.on)
    return Reckoned(
        last=never.last_day,
        way=never,
        unknown=f"{missing}; if there is none, its ways end on {never.last_day} ({never.article})",
    )


def _open(
    party: Party,
    name: WayName,
    way: WayPeriod,
    start: date,
    *,
    closed: Closed,
    by: CalendarPeriod | None = None,
    distance: str = "",
) -> WayOpen:
    ends = falls_on(start, longer(way.period, by), clear=way.clear)
    return WayOpen(
        party=party.party_id,
        way=name,
        last_day=moved_on(ends, closed),
        article=way.article,
        starts_on=start,
        falls_on=ends,
        distance=distance,
    )


def _notified(party: Party, decision: Decision) -> date | None:
    """The period runs against who is notified, and against who has another notified (CPC 528)."""
    days = [
        event.on
        for event in decision.of(EventType.NOTIFIED)
        if event.party in (None, party.party_id) or event.by == party.party_id
    ]
    return min(days, default=None)


def _pronounced(party: Party, decision: Decision) -> date | None:
    """From the pronouncement for who was there, from the signification for who was not (CPP 498, 568)."""
    pronounced = decision.of(EventType.PRONOUNCED)
    if party.party_id == PROSECUTOR_GENERAL:
        return max([decision.on, *(event.on for event in pronounced)])
    there = [event.on for event in pronounced if event.party == party.party_id]
    if there:
        return min(there)
    if (signified := _notified(party, decision)) is not None:
        return signified
    if not party.appeared:
        return None
    if not pronounced:
        return decision.on
    return min((event.on for event in pronounced if event.party is None), default=None)


def _distance(party: Party, seat: str | None, way: WayName, rules: KindRules) -> tuple[CalendarPeriod | None, str]:
    """What is added for this party, and by which article. The court of cassation sits in metropolitan France."""
    distance = rules.distance
    if distance is None:
        return None, ""
    overseas = seat in OVERSEAS and way is WayName.APPEAL
    article = distance.from_overseas if overseas else distance.from_metropole
    if party.residence is Residence.ABROAD:
        return distance.abroad, article
    if overseas:
        far = party.residence is Residence.METROPOLE or party.collectivity != seat
    else:
        far = party.residence is Residence.OVERSEAS
    return (distance.overseas, article) if far else (None, "")


def _lengthened(
    party_id: str, each: Reckoned, lodged: Sequence[CaseEvent], others: WayPeriod, closed: Closed
) -> Reckoned:
    """Once one has appealed in time, the others have some days more: from the end of their own period (CPP 500), or
    from the prosecutor-general's appeal (CPP 505)."""
    way = each.way
    if way is None or party_id == PROSECUTOR_GENERAL:
        return each
    since = [
        event.on if event.party == PROSECUTOR_GENERAL else way.last_day for event in lodged if event.party != party_id
    ]
    ends = max((falls_on(day, others.period) for day in since), default=way.last_day)
    if ends <= way.last_day:
        return each
    way = replace(way, last_day=moved_on(ends, closed), falls_on=ends, article=others.article)
    return Reckoned(last=way.last_day, way=way)
