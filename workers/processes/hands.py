"""The deliveries in a worker's hands. Those of one key wait for one another, because they may be about one call."""

from collections import deque
from collections.abc import Collection, Iterable

from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery


class Hands:
    """Not thread-safe: it belongs to the loop."""

    def __init__(self) -> None:
        self._held: dict[Position, Delivery] = {}
        self._ready: deque[Delivery] = deque()
        self._after_another: list[Delivery] = []
        self._behind: dict[bytes, deque[Delivery]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, position: Position) -> Delivery:
        return self._held[position]

    @property
    def ready(self) -> bool:
        """Whether something can be begun."""
        return bool(self._ready)

    def take(self, delivery: Delivery) -> None:
        """Take one in hand; behind another one of its key it waits for its turn."""
        if delivery.position in self._held:
            return
        self._held[delivery.position] = delivery
        if delivery.key is None:
            self._ready.append(delivery)
        elif (queue := self._behind.get(delivery.key)) is not None:
            queue.append(delivery)
        else:
            self._behind[delivery.key] = deque()
            self._ready.append(delivery)

    def begin(self) -> list[Delivery]:
        """What can be begun, which is then under way."""
        batch = list(self._ready)
        self._ready.clear()
        return batch

    def after_another(self, deliveries: Iterable[Delivery]) -> None:
        """These are begun again once another one is done."""
        self._after_another.extend(deliveries)

    def again(self, position: Position) -> None:
        """This one is begun again."""
        self._ready.append(self._held[position])

    def finish(self, position: Position) -> None:
        """This one is done."""
        delivery = self._held.pop(position)
        self._another_is_done()
        if delivery.key is None:
            return
        queue = self._behind[delivery.key]
        if queue:
            self._ready.append(queue.popleft())
        else:
            del self._behind[delivery.key]

    def leave(self, delivery: Delivery) -> list[Delivery]:
        """This one is not in hand any more, nor those of its key behind it. Returns all of them, in order."""
        self._another_is_done()
        queue = deque[Delivery]() if delivery.key is None else self._behind.pop(delivery.key, deque())
        gone = [delivery, *queue]
        for one in gone:
            self._held.pop(one.position, None)
        return gone

    def keep_only(self, positions: Collection[Position]) -> None:
        """Forget all others; nothing more is begun."""
        self._ready.clear()
        self._after_another.clear()
        self._held = {position: one for position, one in self._held.items() if position in positions}
        for queue in self._behind.values():
            queue.clear()

    def _another_is_done(self) -> None:
        self._ready.extend(self._after_another)
        self._after_another.clear()
