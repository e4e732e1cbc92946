"""The decisions in a case, and which events are about each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from callwarden.model.procedure import CaseEvent, EventType, Instance, WayName

_ORDER: Final = {each: place for place, each in enumerate(EventType)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision, and the events that are about it."""

    instance: Instance
    on: date
    last_instance: bool
    events: tuple[CaseEvent, ...] = ()

    @property
    def way(self) -> WayName:
        """The way that is open against it."""
        return WayName.CASSATION if self.instance is Instance.APPEAL or self.last_instance else WayName.APPEAL

    def of(self, *types: EventType) -> list[CaseEvent]:
        return [event for event in self.events if event.type in types]


def in_order(events: Sequence[CaseEvent]) -> tuple[CaseEvent, ...]:
    """By date; of one day, a decision before what is about it."""
    return tuple(sorted(events, key=when))


def when(event: CaseEvent) -> tuple[date, int]:
    """What events are in order by."""
    return event.on, _ORDER[event.type]


def decisions(events: Iterable[CaseEvent]) -> tuple[Decision, ...]:
    """The decisions among events that are in order, each with what is about it: what is pronounced or notified is about
    the decision of the instance it names, all else about the newest."""
    found: list[Decision] = []
    for event in events:
        if begins_decision(event, found):
            instance = event.instance or _next_instance(found)
            found.append(Decision(instance=instance, on=event.on, last_instance=event.last_instance))
        for at in reversed(range(len(found))):
            named = event.type in (EventType.PRONOUNCED, EventType.NOTIFIED) and event.instance is not None
            if not named or found[at].instance is event.instance:
                found[at] = replace(found[at], events=(*found[at].events, event))
                break
    return tuple(found)


def begins_decision(event: CaseEvent, before: Sequence[Decision]) -> bool:
    """Whether an event is a decision of its own; what is pronounced is, where no decision of that instance waits."""
    if event.type is not EventType.PRONOUNCED:
        return event.type is EventType.DECISION
    instance = event.instance or _next_instance(before)
    quashed = bool(before and before[-1].of(EventType.QUASHED))
    return quashed or all(decision.instance is not instance for decision in before)


def _next_instance(before: Sequence[Decision]) -> Instance:
    if not before:
        return Instance.FIRST
    newest = before[-1]
    moved = newest.of(EventType.QUASHED) or (newest.way is WayName.APPEAL and newest.of(EventType.APPEALED))
    return Instance.APPEAL if moved else newest.instance
