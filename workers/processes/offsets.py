"""Which offsets may be committed: never past a delivery that is not finished."""

from collections.abc import Iterable, Mapping

from callwarden.model.outcome import Position
from callwarden.ports.bus import TopicPartition


def partition_of(position: Position) -> TopicPartition:
    """The partition a position lies in."""
    return TopicPartition(topic=position.topic, partition=position.partition)


class OffsetTracker:
    """Follows the deliveries of the partitions held now. Not thread-safe: it belongs to the loop."""

    def __init__(self) -> None:
        self._open: dict[TopicPartition, set[int]] = {}
        self._next: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}

    def hold(self, assigned: Iterable[TopicPartition]) -> frozenset[TopicPartition]:
        """Forget the partitions no longer held: their deliveries come again to whoever holds them now. Returns them."""
        gone = frozenset(self._next.keys() - set(assigned))
        for lost in gone:
            self._open.pop(lost)
            self._next.pop(lost)
            self._committed.pop(lost, None)
        return gone

    def start(self, position: Position) -> bool:
        """Note a delivery; False when it is one that is being worked on, or is finished, already."""
        partition = partition_of(position)
        open_offsets = self._open.setdefault(partition, set())
        if position.offset < self._next.get(partition, position.offset):
            return False
        open_offsets.add(position.offset)
        self._committed.setdefault(partition, position.offset)
        self._next[partition] = position.offset + 1
        return True

    def finish(self, position: Position) -> None:
        """This delivery is done, durably. A position of a partition lost meanwhile is nobody's business here."""
        self._open.get(partition_of(position), set()).discard(position.offset)

    def reached(self) -> Mapping[TopicPartition, int]:
        """The next offset to be delivered, of each partition something was delivered from."""
        return dict(self._next)

    def committable(self) -> Mapping[TopicPartition, int]:
        """The next offset of each partition that has moved on since `committed`."""
        result = {}
        for partition, following in self._next.items():
            open_offsets = self._open[partition]
            reached = min(open_offsets) if open_offsets else following
            if reached > self._committed[partition]:
                result[partition] = reached
        return result

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """These were committed."""
        self._committed.update(offsets)
