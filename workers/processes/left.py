"""What a worker could not finish: left where it is on the bus, uncommitted, each with its reason."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb

from callwarden.errors import CallwardenError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, TopicPartition
from callwarden.workers.processes.offsets import partition_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One delivery that waits. `at` is this process's monotonic clock."""

    delivery: Delivery
    why: str
    at: float


class LeftBehind:
    """Deliveries left, in the order they were. Not thread-safe: it belongs to the loop."""

    def __init__(self) -> None:
        self._left: dict[Position, Left] = {}

    def __len__(self) -> int:
        return len(self._left)

    def __contains__(self, position: object) -> bool:
        return position in self._left

    def __iter__(self) -> Iterator[Left]:
        return iter(list(self._left.values()))

    def add(self, left: Left) -> None:
        self._left[left.delivery.position] = left

    def take(self, *, before: float) -> list[Delivery]:
        """Those left before this moment, which are not left any more."""
        due = [left.delivery for left in self._left.values() if left.at <= before]
        for delivery in due:
            del self._left[delivery.position]
        return due

    def forget(self, lost: Collection[TopicPartition]) -> None:
        """Partitions that others hold now: they are theirs to try."""
        if lost:
            self._left = {at: one for at, one in self._left.items() if partition_of(at) not in lost}


def why_of(error: BaseException) -> str:
    """The reason for a person. Our own errors hold nothing personal; what others say may, so only their kind and place
    are said."""
    if isinstance(error, CallwardenError):
        return str(error) or type(error).__name__
    places = extract_tb(error.__traceback__)
    where = f" in {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return f"{type(error).__name__}{where}"
