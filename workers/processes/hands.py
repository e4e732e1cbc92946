"""The deliveries in a worker's hands. Those of one key wait for one another, because they may be about one call, and so
do those that a step gives a name in common."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator

from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery

Name = bytes | str


class Hands:
    """`names` gives what a delivery has besides its key that only one may be at. Not thread-safe: it belongs to the
    loop."""

    def __init__(self, names: Callable[[Delivery], Collection[str]] = lambda _: ()) -> None:
        self._names = names
        self._held: dict[Position, tuple[Delivery, frozenset[Name]]] = {}
        self._waiting: set[Position] = set()
        self._ready: deque[Delivery] = deque()
        self._after_another: list[Delivery] = []
        self._queues: dict[Name, deque[Position]] = {}
        """For each name those that have it, in the order they were taken: the first is its turn."""

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, position: Position) -> Delivery:
        return self._held[position][0]

    @property
    def ready(self) -> bool:
        """Whether something can be begun."""
        return bool(self._ready)

    def take(self, delivery: Delivery) -> None:
        """Take one in hand; behind another one of its names it waits for its turn."""
        if delivery.position in self._held:
            return
        key: frozenset[Name] = frozenset() if delivery.key is None else frozenset({delivery.key})
        names = key.union(self._names(delivery))
        self._held[delivery.position] = delivery, names
        self._waiting.add(delivery.position)
        for name in names:
            self._queues.setdefault(name, deque()).append(delivery.position)
        self._let_in([delivery.position])

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
        self._ready.append(self[position])

    def finish(self, position: Position) -> None:
        """This one is done."""
        self._another_is_done()
        self._let_in(self._forget([position]))

    def leave(self, delivery: Delivery) -> list[Delivery]:
        """This one is not in hand any more, nor those of its key behind it. Returns all of them, in order."""
        self._another_is_done()
        behind = [] if delivery.key is None else list(self._queues.get(delivery.key, ()))
        gone = [delivery.position, *(position for position in behind if position != delivery.position)]
        left = [self[position] for position in gone if position in self._held]
        self._let_in(self._forget(gone))
        return left

    def keep_only(self, positions: Collection[Position]) -> None:
        """Forget all others; nothing more is begun."""
        self._ready.clear()
        self._after_another.clear()
        self._forget([position for position in self._held if position not in positions])

    def _forget(self, gone: Iterable[Position]) -> list[Position]:
        """Those whose turn it may be now."""
        next_ones = dict[Position, None]()
        for position in gone:
            self._waiting.discard(position)
            for name in self._held.pop(position, (None, frozenset[Name]()))[1]:
                queue = self._queues[name]
                queue.remove(position)
                if queue:
                    next_ones[queue[0]] = None
                else:
                    del self._queues[name]
        return list(next_ones)

    def _let_in(self, candidates: Iterable[Position]) -> None:
        for position in candidates:
            if position in self._waiting and all(turn == position for turn in self._turns(position)):
                self._waiting.remove(position)
                self._ready.append(self[position])

    def _turns(self, position: Position) -> Iterator[Position]:
        return (self._queues[name][0] for name in self._held[position][1])

    def _another_is_done(self) -> None:
        self._ready.extend(self._after_another)
        self._after_another.clear()
