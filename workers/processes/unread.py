"""Messages that the bus deleted, their time being over, before a step had read them: nobody will ever see them (I1)."""

from collections.abc import Collection, Mapping, Sequence

from callwarden.diagnostics import log
from callwarden.errors import RetryableError
from callwarden.ports.bus import Delivery, EventBus, TopicPartition
from callwarden.workers.processes import metrics
from callwarden.workers.processes.offsets import partition_of


class UnreadWatch:
    """Tells of each gap once, when its group goes on beyond it. Not thread-safe: it belongs to the loop."""

    def __init__(self, bus: EventBus, *, step: str, group: str) -> None:
        self._bus, self._step, self._group = bus, step, group
        self._next: dict[TopicPartition, int] = {}
        self._told: dict[TopicPartition, int] = {}

    def see(self, deliveries: Sequence[Delivery], *, held: Collection[TopicPartition]) -> None:
        """Look at what a poll has brought. Where the bus is out of reach just now, the next poll is looked at."""
        self._next = {place: offset for place, offset in self._next.items() if place in held}
        for delivery in deliveries:
            place, offset = partition_of(delivery.position), delivery.position.offset
            try:
                expected = self._expected(place)
                if offset > expected:
                    # An offset may be missing for other reasons: a transaction's end takes one. Only what lies below
                    # the beginning was deleted.
                    self._tell(place, expected, min(offset, self._bus.begin_offsets(place.topic)[place]))
            except RetryableError:
                continue
            self._next[place] = offset + 1

    def _expected(self, place: TopicPartition) -> int:
        if place not in self._next:
            committed: Mapping[TopicPartition, int] = self._bus.committed(place.topic, group=self._group)
            self._next |= {partition: offset for partition, offset in committed.items() if partition not in self._next}
        return max(self._next[place], self._told.get(place, 0))

    def _tell(self, place: TopicPartition, first: int, end: int) -> None:
        if end <= first:
            return
        self._told[place] = end
        metrics.deleted_unread.labels(self._step).inc(end - first)
        log.error(
            "messages_deleted_unread",
            step=self._step,
            topic=place.topic,
            partition=place.partition,
            first_offset=first,
            end_offset=end,
            count=end - first,
        )
