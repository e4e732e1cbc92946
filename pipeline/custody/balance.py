"""The sums: what was published, what became of it, what is on its way, and what nobody will ever read (I1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from callwarden.messages import CALLS_TOPIC, READERS
from callwarden.model.outcome import Outcome
from callwarden.ports.bus import EventBus, TopicPartition
from callwarden.ports.catalogue import Catalogue

CALLS_GROUPS: Final = ("ingest", "objections")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What was published on `telephony.calls`, what became of it, and what is still on its way (I1).

    `in_flight` is counted by itself, from the offsets the consumer groups have committed, so `balanced` can fail.
    `deleted_unread` are events that came to no end and never will: the bus has deleted them, their time being over.
    """

    published: int
    outcomes: Mapping[Outcome, int]
    in_flight: int
    deleted_unread: Mapping[TopicPartition, int] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        return not self.deleted_unread and self.published == sum(self.outcomes.values()) + self.in_flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Messages of one of our own topics that the bus deleted before this group had read them."""

    place: TopicPartition
    group: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How many messages of a topic a group has still to read."""

    group: str
    topic: str
    behind: int


def balance(bus: EventBus, catalogue: Catalogue) -> Balance:
    """The sums of events in and outcomes out. Raises RetryableError."""
    ends = bus.end_offsets(CALLS_TOPIC)
    begins = bus.begin_offsets(CALLS_TOPIC)
    committed = [bus.committed(CALLS_TOPIC, group=group) for group in CALLS_GROUPS]
    outcomes = catalogue.count_outcomes(CALLS_TOPIC)
    in_flight = catalogue.count_waiting(CALLS_TOPIC)
    for place, end in ends.items():
        reached = max(begins[place], min(group.get(place, 0) for group in committed))
        in_flight += end - reached - catalogue.outcomes_from(place.topic, place.partition, reached)
    unread = {place: _deleted_unread(catalogue, place, begin) for place, begin in begins.items() if begin}
    return Balance(
        published=sum(ends.values()),
        outcomes=outcomes,
        in_flight=in_flight,
        deleted_unread={place: count for place, count in unread.items() if count > 0},
    )


def _deleted_unread(catalogue: Catalogue, place: TopicPartition, begin: int) -> int:
    """How many positions below the partition's beginning came to no end."""
    # In this order: an event that is decided on meanwhile is counted twice rather than not at all.
    waiting = catalogue.count_waiting(place.topic, partition=place.partition, before=begin)
    return begin - waiting - catalogue.outcomes_from(place.topic, place.partition, 0, before=begin)


def lags(bus: EventBus) -> Iterator[Lag]:
    """Of every group and topic it reads. One that never ran here is behind by all there is. Raises RetryableError."""
    for topic, groups in {CALLS_TOPIC: CALLS_GROUPS, **READERS}.items():
        ends, begins = bus.end_offsets(topic), bus.begin_offsets(topic)
        for group in groups:
            committed = bus.committed(topic, group=group)
            behind = (end - max(begins[place], committed.get(place, 0)) for place, end in ends.items())
            yield Lag(group=group, topic=topic, behind=sum(behind))


def gaps(bus: EventBus) -> Iterator[Gap]:
    """Where a group has not read what our own topics had. One that never ran here has none: nobody transcribes without
    a speech model. Raises RetryableError."""
    for topic, groups in READERS.items():
        begins = bus.begin_offsets(topic)
        for group in groups:
            committed = bus.committed(topic, group=group)
            if any(committed.values()):
                for place, begin in begins.items():
                    if begin > committed.get(place, 0):
                        yield Gap(place=place, group=group, count=begin - committed.get(place, 0))
