"""What cannot be so among the parties and events of a case. Every fault names its field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from callwarden.model.court import CourtKind
from callwarden.model.procedure import PROSECUTOR_GENERAL, CaseEvent, EventType, Instance, Matter, WayName
from callwarden.rules.court_decisions import Decision, begins_decision, decisions, when

_NEEDS_DECISION: Final = frozenset(
    {
        EventType.NOTIFIED,
        EventType.APPEALED,
        EventType.CASSATION,
        EventType.REJECTED,
        EventType.QUASHED,
        EventType.ACQUIESCED,
    }
)
_ONCE: Final = frozenset({EventType.PRONOUNCED, EventType.NOTIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`at` is the event's place in the order it was given."""

    at: int
    field: str
    says: str


def faults(matter: Matter, *, latest: date, earliest: date) -> Iterator[Fault]:
    """What is wrong with these events, in the order of their dates; nothing may lie outside `earliest` … `latest`."""
    known = [party.party_id for party in matter.parties]
    criminal = matter.court.kind is CourtKind.CRIMINAL
    if criminal:
        known.append(PROSECUTOR_GENERAL)
    before: list[CaseEvent] = []
    for at, event in sorted(enumerate(matter.events), key=lambda each: when(each[1])):
        if event.type is EventType.PRONOUNCED and not criminal:
            says = "periods run from the pronouncement in criminal cases only: enter a decision, then who was notified"
            yield Fault(at=at, field="type", says=says)
        for field, says in (
            *_dated(event, latest=latest, earliest=earliest),
            *_named(event, known),
            *_following(event, before, matter.events),
        ):
            yield Fault(at=at, field=field, says=says)
        before.append(event)


def _dated(event: CaseEvent, *, latest: date, earliest: date) -> Iterator[tuple[str, str]]:
    if event.on > latest:
        yield "date", f"{event.on} is in the future: only what has happened is entered"
    if event.on < earliest:
        yield "date", f"{event.on} is before the case can have begun: no event before {earliest}"


def _named(event: CaseEvent, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    for field, name in (("party", event.party), ("by", event.by)):
        if name is not None and name not in known:
            yield field, f"{name} is none of the parties of the case: {', '.join(known) or 'none is named yet'}"
    if event.by is not None and event.type not in (EventType.NOTIFIED, EventType.SUMMONS):
        yield "by", f"only what is notified, and a summons, has somebody who had it served, not {event.type}"
    if event.gives_up is not None and event.type is not EventType.DESISTED:
        yield "of", f"only a desistment gives up the instance or the action, not {event.type}"
    if event.last_instance and event.type is not EventType.DECISION:
        yield "last_instance", f"only a decision is in last instance, not {event.type}"


def _following(event: CaseEvent, before: Sequence[CaseEvent], every: Sequence[CaseEvent]) -> Iterator[tuple[str, str]]:
    """What cannot follow on what was before."""
    if any(_same(event, other) for other in before):
        yield "type", f"{_named_event(event)} of {event.on} is entered twice"
        return
    summons = [each.on for each in every if each.type is EventType.SUMMONS]
    if summons and event.on < min(summons):
        yield "date", f"{event.on} is before the summons of {min(summons)}, with which the case began"
    made = decisions(before)
    if begins_decision(event, made):
        yield from _again(event, made)
        return
    if event.type not in _NEEDS_DECISION:
        return
    if not made:
        later = [each.on for each in every if each.type in (EventType.DECISION, EventType.PRONOUNCED)]
        if later:
            yield "date", f"{event.on} is before the decision of {min(later)} that was {_named_event(event)}"
        else:
            yield (
                "type",
                f"there is no decision yet that could have been {_named_event(event)}: enter the decision first",
            )
        return
    yield from _about(event, made)


def _again(event: CaseEvent, made: Sequence[Decision]) -> Iterator[tuple[str, str]]:
    decision = decisions([*(each for one in made for each in one.events), event])[-1]
    if made and made[-1].of(EventType.QUASHED):
        return
    for other in made:
        if other.instance is decision.instance:
            court = "first instance" if other.instance is Instance.FIRST else "the appeal court"
            yield "instance", f"the decision of {court} was made on {other.on}; one on an appeal has instance appeal"


def _about(event: CaseEvent, made: Sequence[Decision]) -> Iterator[tuple[str, str]]:
    newest = made[-1]
    about = next((each for each in reversed(made) if event.instance in (None, each.instance)), None)
    if about is None:
        yield "instance", f"there is no decision of the instance {event.instance} yet"
    elif event.type in _ONCE and any(each.party == event.party for each in about.of(event.type)):
        yield "party", f"the decision of {about.on} is {_named_event(event)} already"
    if event.type is EventType.APPEALED and newest.way is WayName.CASSATION:
        yield "type", f"no appeal is open against the decision of {newest.on}: its way is cassation"
    if event.type in (EventType.REJECTED, EventType.QUASHED) and not newest.of(EventType.CASSATION):
        yield "type", f"no cassation was lodged against the decision of {newest.on} that could be {event.type}"


def _same(event: CaseEvent, other: CaseEvent) -> bool:
    return (event.type, event.on, event.party, event.instance) == (other.type, other.on, other.party, other.instance)


def _named_event(event: CaseEvent) -> str:
    words = {EventType.CASSATION: "taken to cassation", EventType.ACQUIESCED: "accepted"}
    return words.get(event.type, str(event.type)) + (
        f" to {event.party}" if event.party and event.type in _ONCE else ""
    )
